"""A made-up client of Elasticsearch, under the name ``elasticsearch``, which keeps everything in the process.

What a test adds to it changes what it does. It does as a right one as far as the probes ask. Only whether a server says
that it is Elasticsearch is asked for over HTTP; one that says nothing is taken for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.probes.check.support import PASSWORD, asked, listening

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = """
import collections, copy, datetime, decimal, itertools, json, logging, socket, urllib.request, uuid

class Thing:
    def __init__(self, **what): self.__dict__ = what
class ApiError(Exception):
    status = 500
    def __init__(self, text):
        super().__init__(text)
        self.status_code, self.meta = self.status, Thing(status=self.status)
class NotFoundError(ApiError): status = 404
class ConflictError(ApiError): status = 409
class BadRequestError(ApiError): status = 400
class AuthenticationException(ApiError): status = 401
class UnsupportedProductError(ApiError): pass
class TransportError(Exception): pass
class ConnectionError(TransportError): pass
class ConnectionTimeout(TransportError): pass
class SerializationError(TransportError): pass

PASSWORD = "pa55 word/of&the=tests"
INDICES, SCROLLS, POINTS, NUMBERS = {}, {}, {}, itertools.count(1)
KNOWN = {"hosts", "basic_auth", "ca_certs", "verify_certs", "request_timeout"}

def written(value):
    "What JSON's writer makes of what JSON has not."
    if isinstance(value, datetime.date): return value.isoformat()
    if isinstance(value, uuid.UUID): return str(value)
    if isinstance(value, decimal.Decimal): return float(value)
    raise TypeError(f"Unable to serialize {value!r}")
def sent(document):
    try:
        return json.loads(json.dumps(document, default=written, allow_nan=False))
    except TypeError as error:
        raise SerializationError(str(error)) from None
    except ValueError as error:
        raise BadRequestError(str(error)) from None
def given(value):
    "What becomes of a value on the way back."
    return value
def back(value):
    if isinstance(value, dict): return {name: back(one) for name, one in value.items()}
    if isinstance(value, list): return [back(one) for one in value]
    return given(value)

def trusted(words): return open(words["ca_certs"]).read() == "the authority"
def named(host): return host == "localhost"
def product(answer): return answer.headers["X-Elastic-Product"] == "Elasticsearch"
def let_in(words):
    if words["basic_auth"][1] != PASSWORD:
        raise AuthenticationException("unable to authenticate user")
def entered(words):
    scheme, _, where = words["hosts"][0].partition("://")
    host, _, port = where.partition(":")
    try:
        with socket.create_connection((host, int(port)), words.get("request_timeout")) as there:
            if "request_timeout" in words:
                there.recv(1)
    except TimeoutError:
        raise ConnectionTimeout("timed out") from None
    except OSError as error:
        raise lost(error) from None
    if scheme == "https" and not (trusted(words) and named(host)):
        raise ConnectionError("certificate verify failed")
    try:
        other = scheme == "http" and not product(urllib.request.urlopen(words["hosts"][0], timeout=0.2))
    except OSError:
        other = False
    if other:
        raise UnsupportedProductError("the client noticed that the server is not Elasticsearch")
    let_in(words)
def lost(error): return ConnectionError(str(error))
def secured(where): return where.partition(":")[0]
def logged(words): logging.getLogger("elastic_transport.node").debug("> authorization: <hidden>")

def kind_of(value):
    if isinstance(value, bool): return "boolean"
    if isinstance(value, int): return "long"
    if isinstance(value, float): return "float"
    return "date" if isinstance(value, str) and value[:3] == "202" and "T" in value else "text"
class Index:
    def __init__(self, properties, settings, enabled, dynamic="true"):
        self.properties, self.lazy = dict(properties), settings.get("refresh_interval") == "-1"
        self.enabled, self.dynamic, self.documents, self.seen, self.versions = enabled, dynamic, {}, {}, {}
    def fits(self, document):
        for name, value in document.items() if self.enabled else ():
            if name not in self.properties:
                if self.dynamic == "strict":
                    raise BadRequestError("mapping set to strict")
                self.properties[name] = {"type": kind_of(value)}
            if self.properties[name].get("type") == "long":
                checked(value)
    def refresh(self): self.seen = dict(self.documents)
def checked(value):
    if not isinstance(value, int):
        raise BadRequestError("failed to parse field")
def refreshed(index, wanted):
    if wanted or not index.lazy:
        index.refresh()

class Indices:
    def __init__(self, client): self.client = client
    def create(self, index, settings={}, mappings={}):
        if index in INDICES:
            raise BadRequestError("resource_already_exists_exception")
        INDICES[index] = Index(mappings.get("properties", {}), settings, mappings.get("enabled", True))
    def get_mapping(self, index): return {index: {"mappings": {"properties": listed(INDICES[index].properties)}}}
    def put_mapping(self, index, dynamic): INDICES[index].dynamic = dynamic
    def refresh(self, index): INDICES[index].refresh()
    def get(self, index): return {name: {} for name in INDICES if name.startswith(index[:-1])}
    def exists(self, index): return Thing(body=index in INDICES)
    def delete(self, index): INDICES.pop(index)
def listed(properties): return properties
def stale(found, more): return "if_seq_no" in more and found["seq"] != more["if_seq_no"]
def twice(index, id, document):
    raise ConflictError("version conflict, document already exists")
def known(id): return id
def patched(document, part): return {**document, **part}

class Elasticsearch:
    ignored = ()
    def __init__(self, **words):
        for name in words:
            if name not in KNOWN:
                raise TypeError(f"got an unexpected keyword argument {name!r}")
        self.words, self.indices, where = words, Indices(self), words["hosts"][0]
        node = Thing(config=Thing(scheme=secured(where)))
        self.transport = Thing(node_pool=Thing(all=lambda: [node]))
        self.met = False
    def on(self):
        logged(self.words)
        if not self.met:
            entered(self.words)
            self.met = True
    def close(self): pass
    def options(self, ignore_status):
        made = copy.copy(self)
        made.ignored = (ignore_status,)
        return made
    def info(self):
        self.on()
        return {"version": {"number": "9.0.0"}}
    def place(self, name):
        self.on()
        if name not in INDICES:
            raise NotFoundError("index_not_found_exception")
        return INDICES[name]
    def index(self, index, document, id=None, refresh=False, **more):
        place, id = self.place(index), known(id or f"made{next(NUMBERS)}")
        document = sent(document)
        place.fits(document)
        found = place.versions.get(id, {"version": 0, "seq": -1})
        if stale(found, more):
            raise ConflictError("version conflict, required seqNo")
        place.documents[id] = document
        place.versions[id] = {"version": found["version"] + 1, "seq": next(NUMBERS)}
        refreshed(place, refresh)
        return {"_id": id, "_version": found["version"] + 1, "_seq_no": place.versions[id]["seq"], "_primary_term": 1}
    def create(self, index, id, document):
        if id in self.place(index).documents:
            return twice(index, id, document)
        return self.index(index, document, id)
    def get(self, index, id):
        place = self.place(index)
        if id not in place.documents:
            if 404 in self.ignored:
                return {"found": False}
            raise NotFoundError("not found")
        return {"_id": id, "_source": back(copy.deepcopy(place.documents[id])), "found": True}
    def exists(self, index, id): return Thing(body=id in self.place(index).documents)
    def update(self, index, id, doc, upsert=None, doc_as_upsert=False):
        place = self.place(index)
        old = place.documents.get(id)
        if old is None and upsert is None and not doc_as_upsert:
            raise NotFoundError("document missing")
        new = (doc if doc_as_upsert else upsert) if old is None else patched(old, doc)
        self.index(index, new, id)
        return {"result": "created" if old is None else "noop" if old == new else "updated"}
    def delete(self, index, id, refresh=False, **more):
        place = self.place(index)
        if stale(place.versions.get(id, {"seq": -1}), more):
            raise ConflictError("version conflict, required seqNo")
        if id not in place.documents:
            raise NotFoundError("not found")
        place.documents.pop(id)
        refreshed(place, refresh)
        return {"result": "deleted"}
    def count(self, index): return {"count": len(self.place(index).seen)}
    def search(self, index=None, query=None, sort=(), from_=0, size=10, source=None, aggs=None, pit=None,
            search_after=None, scroll=None, track_total_hits=None):
        if pit:
            if pit["id"] not in POINTS:
                raise NotFoundError("search context missing")
            documents = POINTS[pit["id"]]
        else:
            documents = self.place(index).seen
        if from_ + size > 10_000:
            raise too_far()
        matches({}, query)
        rows = [(id, one) for id, one in documents.items() if matches(one, query)]
        for order in reversed(sort):
            ((name, way),) = order.items()
            rows = sorted(rows, key=lambda row: row[1][name], reverse=way == "desc")
        if search_after:
            rows = [row for row in rows if after(row[1][name], search_after[0])]
        hits = [{"_id": id, "_source": {name: one[name] for name in source} if source else one,
            "sort": [one[next(iter(order))] for order in sort]} for id, one in rows]
        answer = {"hits": {"hits": hits[from_ : from_ + size], "total": {"value": len(rows), "relation": "eq"}}}
        if aggs:
            answer["aggregations"] = {name: grouped([one for _, one in rows], part) for name, part in aggs.items()}
        if scroll:
            answer["_scroll_id"] = f"s{next(NUMBERS)}"
            SCROLLS[answer["_scroll_id"]] = hits[size:]
        return answer
    def scroll(self, scroll_id, scroll=None):
        if scroll_id not in SCROLLS:
            raise NotFoundError("search_context_missing_exception")
        rows, SCROLLS[scroll_id] = turned(SCROLLS[scroll_id], 10)
        return {"hits": {"hits": rows}}
    def clear_scroll(self, scroll_id): SCROLLS.pop(scroll_id)
    def open_point_in_time(self, index, keep_alive):
        POINTS["p"] = held(self.place(index))
        return {"id": "p"}
    def close_point_in_time(self, id): return {"succeeded": bool(POINTS.pop(id))}
def turned(rows, size): return rows[:size], rows[size:]
def held(index): return dict(index.seen)
def after(value, last): return value > last
def too_far(): return BadRequestError("Result window is too large")
def same(value, wanted): return value == wanted
def matches(document, query):
    ((kind, what),) = (query or {"match_all": {}}).items()
    if kind == "match_all": return True
    if kind not in ("term", "match"):
        raise BadRequestError(f"unknown query [{kind}]")
    ((name, wanted),) = what.items()
    if kind == "term": return same(document.get(name), wanted)
    return bool(set(str(document.get(name)).split()) & set(wanted.split()))
def least(values): return min(values, default=None)
def grouped(rows, part):
    kind, what = next(iter(part.items()))
    if kind == "min": return {"value": least([one[what["field"]] for one in rows])}
    if kind == "sum": return {"value": sum(one[what["field"]] for one in rows)}
    inner = lambda some: {name: grouped(some, one) for name, one in part.get("aggs", {}).items()}
    if kind == "filter":
        some = [one for one in rows if matches(one, what)]
        return {"doc_count": len(some), **inner(some)}
    found = collections.defaultdict(list)
    for one in rows:
        found[one[what["field"]]].append(one)
    buckets = [{"key": key, "doc_count": len(some), **inner(some)} for key, some in sorted(found.items())]
    return {"buckets": sorted(buckets, key=lambda one: -one["doc_count"])}

class BulkIndexError(Exception):
    def __init__(self, text, errors):
        super().__init__(text)
        self.errors = errors
def raises(errors, wanted): return errors and wanted
def bulk(client, actions, refresh=False, raise_on_error=True):
    done, errors = 0, []
    for one in actions:
        one = dict(one)
        name, id, way = one.pop("_index"), one.pop("_id"), one.pop("_op_type", "index")
        try:
            (client.create if way == "create" else client.index)(index=name, id=id, document=one.get("_source", one))
            done += 1
        except ApiError as error:
            errors.append({way: {"_id": id, "status": error.status_code}})
    if raises(errors, raise_on_error):
        raise BulkIndexError(f"{len(errors)} document(s) failed to index.", errors)
    if refresh:
        client.indices.refresh(index=name)
    return done, errors
def scan(client, index, size):
    rows = client.search(index=index, size=size, scroll="1m")
    number, rows = rows["_scroll_id"], rows["hits"]["hits"]
    while rows:
        yield from rows
        rows = client.scroll(scroll_id=number)["hits"]["hits"]
helpers = Thing(bulk=lambda *words, **more: bulk(*words, **more), scan=scan, BulkIndexError=BulkIndexError)
"""


def of_searches(folder: Path, wrong: str, probes: list[str], **source: Any) -> dict[str, dict[str, Any]]:
    """Ask of a made-up client, changed by code; give the lines by id."""
    with listening() as port:
        told = {
            "engine": "elasticsearch", "version": "", "host": "localhost", "port": port, "user": "solvent",
            "password": PASSWORD, "capabilities": ["fresh-database"],
        }  # fmt: skip
        return asked(folder, "elasticsearch", CLIENT + wrong, probes, told | source)
