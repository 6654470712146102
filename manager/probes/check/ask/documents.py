"""Documents of MongoDB: what is kept comes back as the class that it was, and what is refused says so."""

import datetime
import decimal
import math
import re
import time
import uuid

from asking import Wrong, probe, raised, wanted

_MANY = 10_000
# MongoDB's limit of a document is 16 MiB (https://www.mongodb.com/docs/manual/reference/limits/).
_MIB = 2**20


def place(subject, name="kept"):
    """Give a client and an empty collection of its own."""
    connection = subject.fresh()
    return connection, subject.sql.here(subject, connection)[subject.table(name)]


def asks(name, **more):
    """Put a function into the list of what is asked of MongoDB."""
    return probe(name, needs=("write",), engines=("mongodb",), **more)


def same(collection, document):
    """Raise Wrong unless a document comes back with each value and its class."""
    key = collection.insert_one(dict(document)).inserted_id
    got = collection.find_one({"_id": key}, {"_id": 0})
    wanted("fields", list(got), list(document))
    for name, value in document.items():
        wanted(name, got[name], value)


@asks("documents.types")
def types(subject):
    """Each type of BSON comes back as the class that it was; a number of 64 bits is no smaller one, and none is cut."""
    import bson

    _, collection = place(subject)
    largest = {"int32": 2**31 - 1, "largest": bson.Int64(2**63 - 1), "smallest": bson.Int64(-(2**63))}
    same(collection, {
        **largest, "small": bson.Int64(1), "beyond": bson.Int64(2**53 + 1), "double": 0.1 + 0.2, "third": -1 / 3,
        "endless": math.inf, "true": True, "none": None, "text": "ü中😀",
        "id": bson.ObjectId("5f5f5f5f5f5f5f5f5f5f5f5f"),
        "pattern": bson.Regex("^a.b$", re.IGNORECASE), "stamp": bson.Timestamp(1_700_000_000, 7),
        "code": bson.Code("x"), "first": bson.MinKey(), "last": bson.MaxKey(),
    })  # fmt: skip
    raised(OverflowError, lambda: collection.insert_one({"v": 2**63}), "a number of more than 64 bits")


@asks("documents.decimal")
def decimals(subject):
    """A Decimal128 keeps its 34 digits and its scale; Python's own decimal is refused and not made a double."""
    import bson

    _, collection = place(subject)
    for text in ("1234567890123456789012345678.901234", "0.10", "-0", "9.99E+6100", "NaN", "Infinity"):
        key = collection.insert_one({"v": bson.Decimal128(text)}).inserted_id
        got = collection.find_one({"_id": key})["v"]
        wanted("decimal", (type(got), str(got)), (bson.Decimal128, text))
    call = lambda: collection.insert_one({"v": decimal.Decimal("0.1")})  # noqa: E731
    raised(bson.errors.InvalidDocument, call, "Python's decimal")


@asks("documents.moments")
def moments(subject):
    """A moment with a zone is the same moment, to the millisecond; without being asked for a zone it is UTC's clock."""
    _, collection = place(subject)
    utc, east = datetime.UTC, datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    aware = subject.connect(more={"tz_aware": True})[collection.database.name][collection.name]
    for moment in (
        datetime.datetime(2024, 2, 29, 23, 59, 59, 999000, east),
        datetime.datetime(1969, 12, 31, 23, 59, 59, 999000, utc),
        datetime.datetime(1, 1, 1, tzinfo=utc),
        datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=utc),
    ):
        key = collection.insert_one({"v": moment}).inserted_id
        clock = moment.astimezone(utc)
        wanted("moment", collection.find_one({"_id": key})["v"], clock.replace(tzinfo=None))
        got = aware.find_one({"_id": key})["v"]
        wanted("aware moment", (got, got.utcoffset()), (clock, datetime.timedelta(0)))
    # BSON has milliseconds, and PyMongo cuts: 0.123999 s is no 0.124.
    key = collection.insert_one({"v": datetime.datetime(2024, 1, 1, microsecond=123999)}).inserted_id
    wanted("cut", collection.find_one({"_id": key})["v"].microsecond, 123000)
    wanted("before 1970", collection.count_documents({"v": {"$lt": datetime.datetime(1970, 1, 1)}}), 2)


@asks("documents.binary")
def binary(subject):
    """Bytes keep their subtype; a UUID is refused until it is said how it is written, and comes back then."""
    import bson

    _, collection = place(subject)
    value = bytes(range(256))
    same(collection, {"bytes": value, "empty": b"", "own": bson.Binary(value, 128)})
    one = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    raised(ValueError, lambda: collection.insert_one({"v": one}), "a UUID")
    told = subject.connect(more={"uuidRepresentation": "standard"})
    same(told[collection.database.name][collection.name], {"v": one})


@asks("documents.nested")
def nested(subject):
    """Fields keep their order and names, empty things stay, 00 is a letter of a text and none of a name."""
    import bson

    _, collection = place(subject)
    deep = {"v": 1}
    # No more than 100 levels are supported, and a list is one.
    for _ in range(45):
        deep = {"d": [deep, {}]}
    same(collection, {"z": 1, "a": {"y": [], "b": {}}, "ключ": "a\0b\0", "": "no name", "m": [1, [2, [None, "x"]]]})
    same(collection, deep)
    raised(bson.errors.InvalidDocument, lambda: collection.insert_one({"a\0b": 1}), "a name with 00")
    raised(bson.errors.InvalidDocument, lambda: collection.insert_one({1: 1}), "a name that is a number")


@asks("documents.missing")
def missing(subject):
    """A field that is None is there, and one that is missing is not; who asks for None finds both."""
    _, collection = place(subject)
    collection.insert_many([{"_id": "none", "v": None}, {"_id": "missing"}, {"_id": "empty", "v": ""}])
    wanted("documents", [sorted(one) for one in collection.find().sort("_id")], [["_id", "v"], ["_id"], ["_id", "v"]])
    names = lambda query: [one["_id"] for one in collection.find(query).sort("_id")]  # noqa: E731
    wanted("None", names({"v": None}), ["missing", "none"])
    wanted("there", names({"v": {"$exists": True}}), ["empty", "none"])
    wanted("of the type null", names({"v": {"$type": "null"}}), ["none"])
    wanted("no document", collection.find_one({"_id": "nobody"}), None)


@asks("documents.ids")
def ids(subject):
    """Who gives no id gets a new ObjectId, which is put into the document; others are kept as they are."""
    import bson

    _, collection = place(subject)
    document = {"v": 1}
    key = collection.insert_one(document).inserted_id
    wanted("id", (type(key), document["_id"]), (bson.ObjectId, key))
    own = ["text", 7, 2.5, {"a": 1, "b": 2}, datetime.datetime(2024, 1, 1), b"\x00"]
    wanted("own ids", collection.insert_many([{"_id": one} for one in own]).inserted_ids, own)
    for one in own:
        wanted("by its id", collection.find_one({"_id": one}), {"_id": one})
    wanted("ids", len(set(collection.insert_many([{} for _ in range(100)]).inserted_ids)), 100)


@asks("documents.many", seconds=60, manner="alone")
def many(subject):
    """10,000 documents that are inserted at once are all there, each once."""
    _, collection = place(subject)
    began = time.monotonic()
    collection.insert_many([{"_id": number, "text": "x" * 100} for number in range(_MANY)])
    written = time.monotonic()
    found = [one["_id"] for one in collection.find({}, {"_id": 1})]
    read = time.monotonic()
    wanted("count", collection.count_documents({}), _MANY)
    if sorted(found) != list(range(_MANY)):
        raise Wrong(f"wanted {_MANY} documents, got {len(found)}, others", sign="many")
    return {"inserted_per_second": round(_MANY / (written - began)), "read_per_second": round(_MANY / (read - written))}


@asks("documents.bulk-error")
def bulk(subject):
    """Of many with a bad one the error says which and why; in order those before are in, without order all others."""
    from pymongo.errors import BulkWriteError

    connection, collection = place(subject)
    for ordered, left in ((True, [1]), (False, [1, 2, 3])):
        collection.delete_many({})
        documents = [{"_id": one} for one in (1, 1, 2, 3)]
        call = lambda one=ordered, all_=documents: collection.insert_many(all_, ordered=one)  # noqa: E731
        details = raised(BulkWriteError, call, "a bad one").details
        errors = [(one["index"], one["code"]) for one in details["writeErrors"]]
        wanted("errors", (errors, details["nInserted"]), ([(1, 11000)], len(left)))
        wanted("left", sorted(one["_id"] for one in collection.find()), left)
    subject.greet(connection)


@asks("documents.duplicate")
def duplicate(subject):
    """A second document of a unique value is DuplicateKeyError 11000, by id, by index and by an update."""
    from pymongo.errors import DuplicateKeyError

    _, collection = place(subject)
    collection.create_index("name", unique=True)
    collection.insert_many([{"_id": 1, "name": "a"}, {"_id": 2, "name": "b"}])
    for call in (
        lambda: collection.insert_one({"_id": 1, "name": "c"}),
        lambda: collection.insert_one({"_id": 3, "name": "a"}),
        lambda: collection.update_one({"_id": 2}, {"$set": {"name": "a"}}),
    ):
        wanted("code", raised(DuplicateKeyError, call, "a duplicate").code, 11000)
    wanted("left", [(one["_id"], one["name"]) for one in collection.find().sort("_id")], [(1, "a"), (2, "b")])


@asks("documents.update")
def update(subject):
    """An update says what it found, what it changed and what it made; a changed document is given as asked for."""
    from pymongo import ReturnDocument

    _, collection = place(subject)

    def said(done):
        return done.matched_count, done.modified_count, done.upserted_id

    change = {"$set": {"a": 1}, "$push": {"list": "x"}}
    wanted("of nothing", said(collection.update_one({"_id": 1}, change)), (0, 0, None))
    wanted("made", said(collection.update_one({"_id": 1}, change, upsert=True)), (0, 0, 1))
    wanted("as it was", said(collection.update_one({"_id": 1}, {"$set": {"a": 1}})), (1, 0, None))
    wanted("changed", said(collection.update_many({}, {"$inc": {"a": 2}})), (1, 1, None))
    back = collection.find_one_and_update({"_id": 1}, {"$unset": {"list": ""}})
    wanted("before", back, {"_id": 1, "a": 3, "list": ["x"]})
    back = collection.find_one_and_update({"_id": 1}, {"$set": {"a": 9}}, return_document=ReturnDocument.AFTER)
    wanted("after", back, {"_id": 1, "a": 9})
    wanted("deleted", collection.delete_one({"_id": 1}).deleted_count, 1)
    raised(ValueError, lambda: collection.update_one({"_id": 1}, {"a": 1}), "a document for an update")


@asks("documents.large", seconds=60, manner="alone")
def large(subject):
    """A document of 15 MiB comes back whole; one of more than 16 MiB is refused by name, and the client goes on."""
    from pymongo.errors import DocumentTooLarge, OperationFailure

    connection, collection = place(subject)
    value = bytes(range(256)) * (15 * _MIB // 256)
    collection.insert_one({"_id": 1, "v": value})
    if (got := collection.find_one({"_id": 1})["v"]) != value:
        raise Wrong(f"wanted {len(value)} bytes, got {len(got)}, others", sign="large document")
    call = lambda: collection.insert_one({"_id": 2, "v": value + bytes(2 * _MIB)})  # noqa: E731
    raised((DocumentTooLarge, OperationFailure), call, "17 MiB")
    subject.greet(connection)
    wanted("count", collection.count_documents({}), 1)


@asks("documents.refused")
def refused(subject):
    """What a server refuses is OperationFailure with its code, and the client goes on."""
    from pymongo.errors import OperationFailure

    connection, collection = place(subject)
    collection.insert_one({"_id": 1, "v": "text"})
    # CommandNotFound, BadValue, TypeMismatch (error_codes.yml of the server).
    for call, code in (
        (lambda: collection.database.command("noSuchCommand"), 59),
        (lambda: list(collection.find({"$noSuchOperator": 1})), 2),
        (lambda: collection.update_one({"_id": 1}, {"$inc": {"v": 1}}), 14),
    ):
        wanted("code", raised(OperationFailure, call, "a mistake").code, code)
        subject.greet(connection)
