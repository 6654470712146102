"""Documents of Elasticsearch: what is indexed comes back as it was, and is found by what it holds, once."""

import base64
import datetime
import decimal
import json
import math
import threading
import time
import uuid

from ask.hygiene import clean, heard, secret_of
from ask.pools import QUERIES, THREADS, together
from asking import Wrong, probe, raised, shown, wanted

_MANY = 2500


def place(subject, properties=None, **settings):
    """Give a client, and an index of its own with these fields, or those that come."""
    connection, name = subject.fresh(), subject.table("kept")
    more = {"mappings": {"properties": properties}} if properties else {}
    connection.indices.create(index=name, settings={**subject.sql.small, **settings}, **more)
    return connection, name


def asks(name, **more):
    """Put a function into the list of what is asked of Elasticsearch."""
    return probe(name, needs=("write",), engines=("elasticsearch",), **more)


def put(connection, name, documents):
    """Index documents by their numbers, and let them be found."""
    from elasticsearch import helpers

    actions = ({"_index": name, "_id": str(number), "_source": one} for number, one in enumerate(documents))
    helpers.bulk(connection, actions, refresh=True)


def found(answer):
    """Give the ids that a search has found, in its order."""
    return [one["_id"] for one in answer["hits"]["hits"]]


@asks("documents.json")
def values(subject):
    """Every value that JSON has comes back as it was: numbers to the last digit, empty things, null, 00, deep lists."""
    connection, name = subject.fresh(), subject.table("kept")
    connection.indices.create(index=name, mappings={"enabled": False}, settings=subject.sql.small)
    deep = 1
    for _ in range(15):
        deep = {"d": [deep, {}]}
    document = {
        "z": 2**63 - 1, "a": -(2**63), "beyond": 2**53 + 1, "sum": 0.1 + 0.2, "third": -1 / 3, "true": True,
        "none": None, "text": "ü中😀\0\t\"\\", "empty": "", "list": [], "object": {}, "mixed": [1, "x", None, [2.5]],
        "ключ": 1, "deep": deep,
    }  # fmt: skip
    connection.index(index=name, id="1", document=document)
    got = connection.get(index=name, id="1")["_source"]
    wanted("fields", sorted(got), sorted(document))
    for key, value in document.items():
        wanted(key, got[key], value)


@asks("documents.written")
def written(subject):
    """Python's moments, UUIDs and decimals are written as JSON can say them; bytes and sets are refused."""
    from elasticsearch import SerializationError

    connection, name = place(subject)
    east = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    one = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    moment = datetime.datetime(2024, 2, 29, 23, 59, 59, 123456, east)
    sent = {"moment": moment, "day": datetime.date(2024, 2, 29), "uuid": one, "decimal": decimal.Decimal("0.5")}
    connection.index(index=name, id="1", document=sent)
    got = connection.get(index=name, id="1")["_source"]
    wanted("written", got, {"moment": moment.isoformat(), "day": "2024-02-29", "uuid": str(one), "decimal": 0.5})
    for value in (b"bytes", {1, 2}):
        call = lambda value=value: connection.index(index=name, document={"v": value})  # noqa: E731
        raised(SerializationError, call, "no JSON")


@asks("documents.mapping")
def mapping(subject):
    """Fields are listed as they were made; a value that does not fit, and a field that may not be, are refused."""
    properties = {
        "n": {"type": "long"}, "day": {"type": "date"}, "word": {"type": "keyword", "ignore_above": 100},
        "text": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
        "in": {"properties": {"x": {"type": "double"}}},
    }  # fmt: skip
    connection, name = place(subject, properties)
    wanted("mapping", connection.indices.get_mapping(index=name)[name]["mappings"]["properties"], properties)
    wrong = subject.driver.BadRequestError
    error = raised(wrong, lambda: connection.index(index=name, id="1", document={"n": "no number"}), "a wrong value")
    wanted("status", error.status_code, 400)
    connection.indices.put_mapping(index=name, dynamic="strict")
    raised(wrong, lambda: connection.index(index=name, id="1", document={"other": 1}), "a field that may not be")
    wanted("there", connection.exists(index=name, id="1").body, False)


@asks("documents.guessed")
def guessed(subject):
    """Fields that nobody declared get the types that Elasticsearch's documentation says, and the client sends these."""
    connection, name = place(subject)
    moment = datetime.datetime(2024, 2, 29, 23, 59, 59, tzinfo=datetime.UTC)
    connection.index(index=name, id="1", document={"n": 1, "f": 0.5, "b": True, "t": "x", "d": moment})
    got = connection.indices.get_mapping(index=name)[name]["mappings"]["properties"]
    kinds = {key: one["type"] for key, one in got.items()}
    wanted("types", kinds, {"n": "long", "f": "float", "b": "boolean", "t": "text", "d": "date"})


@asks("documents.names")
def names(subject):
    """Ids with blanks, signs of URLs and letters beyond ASCII are kept as they are; who gives none gets a new one."""
    connection, name = place(subject)
    for key in ("a b+c", "percent %2F %", "a/b", "q?x=1&y=2#z", "ü中😀", "..", "_x"):
        connection.index(index=name, id=key, document={"v": key})
        got = connection.get(index=name, id=key)
        wanted("by its id", (got["_id"], got["_source"]), (key, {"v": key}))
    made = {connection.index(index=name, document={})["_id"] for _ in range(20)}
    wanted("new ids", len(made), 20)


@asks("documents.conflict")
def conflict(subject):
    """What is made twice, or changed by somebody else meanwhile, is ConflictError 409, and what was there stays."""
    connection, name = place(subject)
    first = connection.create(index=name, id="1", document={"v": 1})
    stale = {"if_seq_no": first["_seq_no"], "if_primary_term": first["_primary_term"]}
    wanted("version", connection.index(index=name, id="1", document={"v": 2}, **stale)["_version"], 2)
    for call in (
        lambda: connection.create(index=name, id="1", document={"v": 3}),
        lambda: connection.index(index=name, id="1", document={"v": 3}, **stale),
        lambda: connection.delete(index=name, id="1", **stale),
    ):
        wanted("status", raised(subject.driver.ConflictError, call, "a conflict").status_code, 409)
    wanted("left", connection.get(index=name, id="1")["_source"], {"v": 2})


@asks("documents.change")
def change(subject):
    """A part of a document is changed, made where there is none, and left alone where it is so already."""
    connection, name = place(subject)
    part = {"a": 1}
    raised(subject.driver.NotFoundError, lambda: connection.update(index=name, id="1", doc=part), "nothing to change")
    results = [connection.update(index=name, id="1", doc=part, upsert={"b": 2})["result"] for _ in range(3)]
    wanted("results", results, ["created", "updated", "noop"])
    wanted("document", connection.get(index=name, id="1")["_source"], {"a": 1, "b": 2})
    wanted("made", connection.update(index=name, id="2", doc=part, doc_as_upsert=True)["result"], "created")
    wanted("deleted", connection.delete(index=name, id="1")["result"], "deleted")
    raised(subject.driver.NotFoundError, lambda: connection.delete(index=name, id="1"), "nothing to delete")


@asks("documents.refresh")
def refresh(subject):
    """A document is there by its id at once, and is found after a refresh, not before."""
    # Without a refresh of its own accord the time between is as long as the probe wants it.
    connection, name = place(subject, refresh_interval="-1")
    connection.index(index=name, id="1", document={"v": 1})
    wanted("by its id", connection.get(index=name, id="1")["_source"], {"v": 1})
    wanted("before", connection.count(index=name)["count"], 0)
    connection.indices.refresh(index=name)
    wanted("after", connection.count(index=name)["count"], 1)
    connection.index(index=name, id="2", document={"v": 2}, refresh=True)
    wanted("at once", connection.count(index=name)["count"], 2)


@asks("documents.bulk")
def bulk(subject):
    """Of many with a bad one the error says which and why, and all others are in; or it is told instead of raised."""
    from elasticsearch import helpers

    connection, name = place(subject, {"n": {"type": "long"}})
    rows = [{"_index": name, "_id": str(one), "n": "bad" if one == 7 else one} for one in range(20)]
    error = raised(helpers.BulkIndexError, lambda: helpers.bulk(connection, rows), "a bad one")
    wanted("bad", [(one["index"]["_id"], one["index"]["status"]) for one in error.errors], [("7", 400)])
    done, errors = helpers.bulk(connection, rows, raise_on_error=False, refresh=True)
    wanted("told", (done, [one["index"]["_id"] for one in errors]), (19, ["7"]))
    wanted("count", connection.count(index=name)["count"], 19)
    again = [{"_op_type": "create", **rows[0]}]
    (one,) = helpers.bulk(connection, again, raise_on_error=False)[1]
    wanted("created again", one["create"]["status"], 409)


@asks("documents.search")
def search(subject):
    """Order by two fields, from where, how many and which fields are kept to; a number of 64 bits is found exactly."""
    properties = {"group": {"type": "long"}, "name": {"type": "keyword"}, "text": {"type": "text"}}
    connection, name = place(subject, properties)
    put(connection, name, [{"group": one % 3, "name": f"n{one:02d}", "text": f"Some words {one}"} for one in range(20)])
    order = [{"group": "desc"}, {"name": "desc"}]
    answer = connection.search(index=name, sort=order, from_=2, size=5, source=["name"], track_total_hits=True)
    wanted("found", found(answer), ["11", "8", "5", "2", "19"])
    wanted("fields", answer["hits"]["hits"][0]["_source"], {"name": "n11"})
    wanted("total", answer["hits"]["total"], {"value": 20, "relation": "eq"})
    wanted("by a word", found(connection.search(index=name, query={"match": {"text": "17 nothing"}})), ["17"])
    large = [2**53, 2**53 + 1, 2**63 - 1]
    for number in large:
        connection.index(index=name, id=str(number), document={"group": number}, refresh=True)
    for number in large:
        wanted("by its number", found(connection.search(index=name, query={"term": {"group": number}})), [str(number)])


@asks("documents.groups")
def groups(subject):
    """Groups are counted and added up, and nothing is added up to null or 0 as the documentation says."""
    connection, name = place(subject, {"kind": {"type": "keyword"}, "v": {"type": "double"}, "day": {"type": "date"}})
    put(connection, name, [{"kind": "abc"[one % 3], "v": 0.5, "day": f"2024-0{1 + one % 2}-01"} for one in range(10)])
    parts = {
        "kinds": {"terms": {"field": "kind"}, "aggs": {"sum": {"sum": {"field": "v"}}}},
        "months": {"date_histogram": {"field": "day", "calendar_interval": "month"}},
        "nothing": {"filter": {"term": {"kind": "d"}}, "aggs": {"least": {"min": {"field": "v"}}}},
    }
    got = connection.search(index=name, size=0, aggs=parts)["aggregations"]
    kinds = [(one["key"], one["doc_count"], one["sum"]["value"]) for one in got["kinds"]["buckets"]]
    wanted("kinds", kinds, [("a", 4, 2.0), ("b", 3, 1.5), ("c", 3, 1.5)])
    wanted("months", [one["doc_count"] for one in got["months"]["buckets"]], [5, 5])
    wanted("of nothing", (got["nothing"]["doc_count"], got["nothing"]["least"]["value"]), (0, None))


@asks("documents.scroll", seconds=40)
def scroll(subject):
    """A scroll of 2,500 documents gives each once; what was cleared is NotFoundError, and no other page."""
    from elasticsearch import helpers

    connection, name = place(subject)
    put(connection, name, ({"v": one} for one in range(_MANY)))
    got = sorted(int(one["_id"]) for one in helpers.scan(connection, index=name, size=100))
    if got != list(range(_MANY)):
        raise Wrong(f"wanted {_MANY} documents, got {len(got)}, others", sign="scroll")
    number = connection.search(index=name, scroll="1m", size=10)["_scroll_id"]
    wanted("next", len(connection.scroll(scroll_id=number, scroll="1m")["hits"]["hits"]), 10)
    connection.clear_scroll(scroll_id=number)
    raised(subject.driver.NotFoundError, lambda: connection.scroll(scroll_id=number), "a cleared scroll")


@asks("documents.point-in-time", seconds=40)
def point_in_time(subject):
    """Pages of a point in time give each document of then once and in order, and none that came or went since."""
    connection, name = place(subject, {"v": {"type": "long"}})
    put(connection, name, ({"v": one} for one in range(_MANY)))
    pit = connection.open_point_in_time(index=name, keep_alive="1m")["id"]
    connection.index(index=name, id="new", document={"v": 7}, refresh=True)
    connection.delete(index=name, id="1000", refresh=True)
    got, last = [], {}
    # One more than there can be: who gives the same page again would be asked for ever.
    for _ in range(_MANY // 500 + 2):
        point = {"id": pit, "keep_alive": "1m"}
        page = connection.search(size=500, pit=point, sort=[{"v": "asc"}], **last)["hits"]["hits"]
        if not page:
            break
        got += [one["_source"]["v"] for one in page]
        last = {"search_after": page[-1]["sort"]}
    if got != list(range(_MANY)):
        raise Wrong(f"wanted {_MANY} in order, got {len(got)}, others", sign="point in time")
    wanted("closed", connection.close_point_in_time(id=pit)["succeeded"], True)
    raised(subject.driver.NotFoundError, lambda: connection.search(pit={"id": pit}), "a closed point in time")


@asks("documents.mistakes")
def mistakes(subject):
    """What is not there is NotFoundError, what is wrong BadRequestError, with the status, unless told otherwise."""
    connection, name = place(subject)
    gone, wrong = subject.driver.NotFoundError, subject.driver.BadRequestError
    for kind, status, call in (
        (gone, 404, lambda: connection.get(index=name, id="none")),
        (gone, 404, lambda: connection.search(index=f"{name}_none")),
        (wrong, 400, lambda: connection.search(index=name, query={"no_such_query": {}})),
        (wrong, 400, lambda: connection.indices.create(index=name)),
        # Beyond max_result_window, which is 10,000 unless an index says otherwise.
        (wrong, 400, lambda: connection.search(index=name, from_=10_000, size=1)),
    ):
        error = raised(kind, call, "a mistake")
        wanted("status", (error.status_code, error.meta.status), (status, status))
        subject.greet(connection)
    calm = connection.options(ignore_status=404)
    wanted("ignored", calm.get(index=name, id="none")["found"], False)
    wanted("exists", connection.indices.exists(index=f"{name}_none").body, False)


@asks("documents.not-a-number")
def not_a_number(subject):
    """NaN and infinities, which JSON has not, are refused by the client or the server, and are not null afterwards."""
    connection, name = place(subject)
    for value in (math.nan, math.inf):
        call = lambda value=value: connection.index(index=name, id="1", document={"v": value})  # noqa: E731
        raised((subject.driver.BadRequestError, subject.driver.SerializationError), call, "no number of JSON")
    wanted("there", connection.exists(index=name, id="1").body, False)


@probe("documents.product", needs=("server",), engines=("elasticsearch",))
def product(subject):
    """A server that does not say that it is Elasticsearch is UnsupportedProductError."""
    import http.server

    class Other(http.server.BaseHTTPRequestHandler):
        """Answers as Elasticsearch does, but for the header by which that is known."""

        def do_GET(self):
            body = json.dumps({"version": {"number": "9.0.0"}, "tagline": "You Know, for Search"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    where = {"host": "127.0.0.1", "port": server.server_port, "tls": "disable"}
    raised(subject.driver.UnsupportedProductError, lambda: subject.connect(**where), "another product")
    server.shutdown()
    server.server_close()


@asks("documents.headers")
def headers(subject):
    """What is logged of requests in full has no password, nor what HTTP makes of user and password."""
    secret = secret_of(subject)
    sent = base64.b64encode(f"{subject.source.get('user') or ''}:{secret}".encode()).decode()
    with heard() as text:
        connection, name = place(subject)
        connection.index(index=name, id="1", document={})
        raised(subject.driver.NotFoundError, lambda: connection.get(index=name, id="none"), "a mistake")
    said = f"{text.getvalue()} {connection!r} {connection.transport!r}"
    clean(said, secret, "the log")
    clean(said, sent, "a header in the log")
    return {"characters": len(said)}


@asks("documents.shared", seconds=60, manner="alone")
def shared(subject):
    """20 threads share a client, and each gets its own answers."""
    connection, name = place(subject)
    number = THREADS * (QUERIES // 10)
    put(connection, name, ({"v": one * one} for one in range(number)))

    def work(thread):
        for one in range(thread, number, THREADS):
            if (got := connection.get(index=name, id=str(one))["_source"]) != {"v": one * one}:
                raise Wrong(f"{one}: got {shown(got)}", sign="answer")

    began = time.monotonic()
    together(work)
    return {"queries_per_second": round(number / (time.monotonic() - began))}
