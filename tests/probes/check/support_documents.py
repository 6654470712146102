"""A made-up client of MongoDB, under the names ``pymongo`` and ``bson``, which keeps everything in the process.

What a test adds to it changes what it does. It does as a right one as far as the probes ask: there is no more of BSON,
queries and pipelines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.probes.check.support import PASSWORD, asked, listening
from tests.probes.check.support_bson import BSON

if TYPE_CHECKING:
    from pathlib import Path

COLLECTIONS = """
PASSWORD = "pa55 word/of&the=tests"
DATA, USERS, CURSORS, NUMBERS = {}, {"solvent": PASSWORD}, {}, itertools.count(1)
KNOWN = {"host", "port", "username", "password", "tls", "tlsCAFile", "serverSelectionTimeoutMS", "connectTimeoutMS",
    "socketTimeoutMS", "tz_aware", "uuidRepresentation"}

class Done:
    def __init__(self, **what): self.__dict__ = what
class Kept:
    "What a server has of a collection."
    def __init__(self):
        self.documents, self.indexes, self.capped, self.ids = [], {"_id_": {"key": [("_id", 1)]}}, False, set()
    def left(self, documents): self.documents, self.ids = documents, {repr(one["_id"]) for one in documents}
    def add(self, document):
        self.documents.append(document)
        self.ids.add(repr(document["_id"]))

def unique(kept, document, but=None):
    if but is None and repr(document["_id"]) in kept.ids:
        raise DuplicateKeyError("E11000 duplicate key error", 11000)
    for index in kept.indexes.values():
        names = [name for name, _ in index["key"]]
        for other in kept.documents if index.get("unique") else ():
            if other is not but and all(other.get(name) == document.get(name) for name in names):
                raise DuplicateKeyError("E11000 duplicate key error", 11000)
def stored(kept, document):
    unique(kept, document)
    kept.add(document)
def stops(ordered): return ordered
def told(errors): return errors
def changed(document, change):
    new = copy.deepcopy(document)
    for name, value in change.get("$set", {}).items():
        new[name] = value
    for name, value in change.get("$inc", {}).items():
        if not isinstance(new.get(name, 0), int):
            raise OperationFailure("Cannot apply $inc to a value of non-numeric type", 14)
        new[name] = new.get(name, 0) + value
    for name, value in change.get("$push", {}).items():
        new[name] = [*new.get(name, []), value]
    for name in change.get("$unset", {}):
        new.pop(name, None)
    return new
def replied(before, after, asked): return after if asked else before
def summed(values):
    if isinstance(values[0], Value):
        return Decimal128(str(sum(decimal.Decimal(str(one)) for one in values)))
    return sum(values)
def fitting(document):
    if sum(len(one) for one in document.values() if isinstance(one, bytes)) > 16 * 2**20:
        raise DocumentTooLarge("BSON document too large")

class Collection:
    def __init__(self, database, name): self.database, self.name, self.words = database, name, database.client.words
    @property
    def kept(self): return DATA.setdefault(self.database.name, {}).setdefault(self.name, Kept())
    def insert_one(self, document):
        self.database.client.on()
        document.setdefault("_id", ObjectId())
        fitting(document)
        stored(self.kept, encoded(document, self.words))
        return Done(inserted_id=document["_id"])
    def insert_many(self, documents, ordered=True):
        errors, ids = [], []
        for at, one in enumerate(documents):
            try:
                ids.append(self.insert_one(one).inserted_id)
            except DuplicateKeyError as error:
                errors.append({"index": at, "code": error.code})
                if stops(ordered):
                    break
        if told(errors):
            raise BulkWriteError("batch op errors occurred", 65, {"writeErrors": errors, "nInserted": len(ids)})
        return Done(inserted_ids=ids)
    def matching(self, query):
        self.database.client.on()
        return [one for one in self.kept.documents if matches(one, query)]
    def find(self, query=None, fields=None, cursor_type=0, session=None):
        return Cursor(self, query or {}, fields, cursor_type)
    def find_one(self, query, fields=None): return next(iter(self.find(query, fields)), None)
    def count_documents(self, query): return len(self.matching(query))
    def distinct(self, name): return list({one[name]: 1 for one in self.matching({})})
    def replace_one(self, query, document, upsert):
        self.kept.left([one for one in self.kept.documents if not matches(one, query)])
        self.insert_one({**query, **document})
    def _update(self, query, change, upsert, limit):
        if not all(name.startswith("$") for name in change):
            raise ValueError("update only works with $ operators")
        found = self.matching(query)[:limit]
        for one in found:
            new = changed(one, change)
            unique(self.kept, new, one)
            if new != one:
                limit = -1
            one.clear()
            one.update(new)
        new = None if found or not upsert else changed(dict(query), change)
        if new is not None:
            self.kept.add(new)
        return Done(matched_count=len(found), modified_count=len(found) if limit == -1 else 0,
            upserted_id=new and new["_id"])
    def update_one(self, query, change, upsert=False): return self._update(query, change, upsert, 1)
    def update_many(self, query, change): return self._update(query, change, False, None)
    def find_one_and_update(self, query, change, return_document=False):
        before = copy.deepcopy(self.find_one(query))
        self.update_one(query, change)
        return replied(before, self.find_one({"_id": before["_id"]}), return_document)
    def delete_many(self, query):
        found = self.matching(query)
        self.kept.left([one for one in self.kept.documents if one not in found])
        return Done(deleted_count=len(found))
    delete_one = delete_many
    def create_index(self, keys, name="", unique=False):
        keys = [(keys, 1)] if isinstance(keys, str) else keys
        name = name or "_".join(f"{one}_{way}" for one, way in keys)
        if self.kept.indexes.get(name, {"key": keys})["key"] != keys:
            raise OperationFailure("An existing index has the same name", 86)
        self.kept.indexes[name] = {"key": keys, **({"unique": True} if unique else {})}
        return name
    def index_information(self): return dict(self.kept.indexes)
    def drop_index(self, name): self.kept.indexes.pop(name)
    def aggregate(self, stages):
        rows = copy.deepcopy(self.kept.documents)
        for stage in stages:
            ((name, what),) = stage.items()
            if name == "$match":
                rows = [one for one in rows if matches(one, what)]
            elif name == "$unwind":
                rows = [{**one, what[1:]: each} for one in rows for each in one[what[1:]]]
            elif name == "$sort":
                rows = ordered(rows, what.items())
            else:
                rows = grouped(rows, what)
        return iter(rows)
def grouped(rows, what):
    found = collections.defaultdict(list)
    for one in rows:
        found[one[what["_id"][1:]]].append(one)
    parts = [(name, part["$sum"]) for name, part in what.items() if name != "_id"]
    return [{"_id": key, **{name: summed([1 if of == 1 else one[of[1:]] for one in some]) for name, of in parts}}
        for key, some in found.items()]
"""
CLIENT = """
def page(rows, size): return rows[:size], rows[size:]
def killed(number): CURSORS.pop(number, None)
def more(number):
    if number not in CURSORS:
        raise CursorNotFound(f"cursor id {number} not found", 43)
    return CURSORS[number]
def limited(query, limit):
    if "$expr" in query and limit is not None:
        raise ExecutionTimeout("operation exceeded time limit", 50)
def awaited(words, limit):
    seconds = words.get("socketTimeoutMS", 1e9) / 1000
    time.sleep(min(seconds, limit / 1000))
    if seconds < limit / 1000:
        raise NetworkTimeout("timed out")

class Cursor:
    def __init__(self, collection, query, fields, kind):
        self.collection, self.query, self.fields, self.kind = collection, query, fields, kind
        self.keys, self.first, self.most, self.size, self.patience, self.wait = [], 0, None, 101, None, 0
        self.buffer, self.cursor_id, self.alive = None, None, True
    def sort(self, keys): self.keys = keys; return self
    def skip(self, number): self.first = number; return self
    def limit(self, number): self.most = number; return self
    def batch_size(self, size): self.size = size; return self
    def max_time_ms(self, limit): self.patience = limit; return self
    def max_await_time_ms(self, limit): self.wait = limit; return self
    def begun(self):
        limited(self.query, self.patience)
        rows = ordered(self.collection.matching(self.query), self.keys)
        rows = rows[self.first :][: self.most]
        if self.fields and 1 in self.fields.values():
            rows = [{name: one[name] for name in ("_id", *self.fields)} for one in rows]
        elif self.fields:
            rows = [{name: it for name, it in one.items() if name not in self.fields} for one in rows]
        self.buffer, rest = page([decoded(one, self.collection.words) for one in rows], self.size)
        self.cursor_id = next(NUMBERS) if rest else 0
        if rest:
            CURSORS[self.cursor_id] = rest
    def __iter__(self): return self
    def __next__(self):
        if self.buffer is None:
            self.begun()
        if not self.buffer and self.cursor_id:
            self.buffer, rest = page(more(self.cursor_id), self.size)
            CURSORS[self.cursor_id] = rest
            if not rest:
                CURSORS.pop(self.cursor_id)
                self.cursor_id = 0
        if self.buffer:
            return self.buffer.pop(0)
        if self.kind:
            awaited(self.collection.words, self.wait)
        self.alive = False
        raise StopIteration
    def close(self): killed(self.cursor_id)

class Database:
    def __init__(self, client, name): self.client, self.name = client, name
    def __repr__(self): return f"Database({self.client!r}, {self.name!r})"
    def __getitem__(self, name): return Collection(self, name)
    def list_collection_names(self): return list(DATA.get(self.name, ()))
    def drop_collection(self, name): DATA[self.name].pop(name, None)
    def create_collection(self, name, capped, size): self[name].kept.capped = capped
    def command(self, what, value=None, pwd=None, roles=None, session=None):
        self.client.on()
        whole = what if isinstance(what, dict) else {what: value}
        name, value = next(iter(whole.items()))
        if name == "getMore":
            CURSORS[value] = more(value)[10:]
            return {"cursor": {"nextBatch": [{}]}}
        if name == "killCursors":
            return [CURSORS.pop(one, None) for one in whole["cursors"]]
        if name == "connectionStatus":
            user = self.client.words["username"]
            return {"authInfo": {"authenticatedUsers": [{"user": user}],
                "authenticatedUserRoles": [{"role": "root", "db": "admin"}]}}
        if name == "createUser":
            USERS[value] = pwd
        elif name == "dropUser":
            USERS.pop(value, None)
        elif name != "ping":
            raise OperationFailure(f"no such command: '{name}'", 59)
        return {"ok": 1.0}

def trusted(words): return open(words["tlsCAFile"]).read() == "the authority"
def named(words): return words["host"] == "localhost"
def let_in(words):
    if USERS.get(words["username"]) != words["password"]:
        raise OperationFailure("Authentication failed.", 18)
def entered(words):
    limit = words.get("connectTimeoutMS")
    try:
        with socket.create_connection((words["host"], words["port"]), limit and limit / 1000) as there:
            if limit:
                there.recv(1)
    except OSError as error:
        raise lost(words, error) from None
    if words.get("tls") and not (trusted(words) and named(words)):
        raise ServerSelectionTimeoutError("certificate verify failed")
    let_in(words)
def lost(words, error): return ServerSelectionTimeoutError(f"{words['host']}:{words['port']}: {error}")
def reading(url):
    who, _, where = url.removeprefix("mongodb://").rpartition("@")
    if "@" in who or who.count(":") != 1:
        raise InvalidURI("Username and password must be escaped according to RFC 3986")
    user, password = map(unquote_plus, who.split(":"))
    host, _, port = where.partition("/")[0].partition(":")
    return {"host": host, "port": int(port), "username": user, "password": password}

class Options:
    def __init__(self, words):
        self.pool_options = Done(_ssl_context="context" if encrypted(words) else None)
def encrypted(words): return words.get("tls")
def after(client): raise InvalidOperation("Cannot use MongoClient after close")

class MongoClient:
    topology_description = "a topology"
    def __init__(self, host, **words):
        for name in words:
            if name not in KNOWN:
                raise ConfigurationError(f"Unknown option: {name}")
        self.words = reading(host) if host.startswith("mongodb:") else {"host": host, **words}
        self.options, self.closed, self.entered = Options(self.words), threading.Event(), False
        threading.Thread(target=self.closed.wait, daemon=True).start()
    def on(self):
        if self.closed.is_set():
            after(self)
        if not self.entered:
            entered(self.words)
            self.entered = True
    def start_session(self): return contextlib.nullcontext()
    @property
    def admin(self): return self["admin"]
    def __getitem__(self, name): return Database(self, name)
    def close(self): self.closed.set()
    def drop_database(self, name): DATA.pop(name, None)
"""


def of_documents(folder: Path, wrong: str, probes: list[str], **source: Any) -> dict[str, dict[str, Any]]:
    """Ask of a made-up client, changed by code; give the lines by id."""
    with listening() as port:
        told = {
            "engine": "mongodb", "version": "", "host": "localhost", "port": port, "user": "solvent",
            "password": PASSWORD, "database": "sample", "capabilities": ["fresh-database"],
        }  # fmt: skip
        return asked(folder, "pymongo", BSON + COLLECTIONS + CLIENT + wrong, probes, told | source)
