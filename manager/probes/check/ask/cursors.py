"""Documents of MongoDB that are asked for: queries and cursors, limits of time, and how a client comes and goes."""

import re
import socket
import threading
import time
from urllib.parse import quote_plus

from ask.documents import asks, place
from ask.hygiene import clean
from ask.keys import until
from ask.pools import QUERIES, THREADS, together
from asking import Unsupported, Wrong, probe, raised, shown, wanted, within

_PATIENCE = 9


@asks("documents.query")
def query(subject):
    """Order by two fields, what is skipped, the limit and the fields that are asked for are kept to."""
    _, collection = place(subject)
    collection.insert_many([{"_id": one, "group": one % 3, "name": f"n{one:02d}", "list": [one]} for one in range(20)])
    found = collection.find({"_id": {"$gte": 2, "$lt": 18}}, {"name": 1}).sort([("group", -1), ("_id", -1)])
    found = list(found.skip(2).limit(5))
    wanted("found", found, [{"_id": one, "name": f"n{one:02d}"} for one in (11, 8, 5, 2, 16)])
    wanted("any of", [one["_id"] for one in collection.find({"list": {"$in": [3, 5]}}).sort("_id")], [3, 5])
    wanted("by pattern", collection.count_documents({"name": re.compile("^N1", re.IGNORECASE)}), 10)
    wanted("distinct", sorted(collection.distinct("group")), [0, 1, 2])


@asks("documents.cursor")
def cursor(subject):
    """A cursor that fetches 25 times gives each document once and in order, and is dead afterwards."""
    _, collection = place(subject)
    collection.insert_many([{"_id": number} for number in range(2500)])
    reading = collection.find().sort("_id").batch_size(100)
    got = [one["_id"] for one in reading]
    if got != list(range(2500)):
        raise Wrong(f"wanted 2500 in order, got {len(got)}, others", sign="cursor")
    wanted("alive", (reading.alive, reading.cursor_id), (False, 0))


@asks("documents.cursor-closed")
def closed_cursor(subject):
    """A cursor that is closed is gone on the server too, and one that is gone there is CursorNotFound."""
    import bson
    from pymongo.errors import CursorNotFound

    connection, collection = place(subject)
    collection.insert_many([{"_id": number} for number in range(250)])
    # A cursor belongs to its session: of another one a server lets nobody go on with it.
    with connection.start_session() as session:
        reading = collection.find(session=session).batch_size(10)
        next(reading)
        more = {"getMore": bson.Int64(reading.cursor_id), "collection": collection.name}
        answer = collection.database.command(more, session=session)["cursor"]["nextBatch"]
        wanted("open", len(answer) > 0, True)
        reading.close()
        raised(CursorNotFound, lambda: collection.database.command(more, session=session), "a closed cursor")
        reading = collection.find(session=session).batch_size(10)
        next(reading)
        killed = {"killCursors": collection.name, "cursors": [bson.Int64(reading.cursor_id)]}
        collection.database.command(killed, session=session)
        raised(CursorNotFound, lambda: list(reading), "a killed cursor")
    subject.greet(connection)


@asks("documents.index")
def index(subject):
    """An index is listed as it was made, with the order of its fields, and is gone when it is dropped."""
    from pymongo.errors import OperationFailure

    _, collection = place(subject)
    name = collection.create_index([("b", 1), ("a", -1)], unique=True, name="by_both")
    got = collection.index_information()
    wanted("indexes", sorted(got), ["_id_", name])
    wanted("index", ([tuple(one) for one in got[name]["key"]], got[name].get("unique")), ([("b", 1), ("a", -1)], True))
    wanted("again", collection.create_index([("b", 1), ("a", -1)], unique=True, name="by_both"), name)
    raised(OperationFailure, lambda: collection.create_index([("c", 1)], name="by_both"), "a name that is taken")
    collection.drop_index(name)
    wanted("dropped", sorted(collection.index_information()), ["_id_"])


@asks("documents.aggregate")
def aggregate(subject):
    """A pipeline counts, adds decimals to the last digit, takes lists apart, and keeps its order."""
    import bson

    _, collection = place(subject)
    price = bson.Decimal128("0.1")
    collection.insert_many([{"kind": "ab"[one % 2], "price": price, "tags": ["x", "y"][: one % 3]} for one in range(6)])
    stages = [{"$group": {"_id": "$kind", "n": {"$sum": 1}, "sum": {"$sum": "$price"}}}, {"$sort": {"_id": -1}}]
    found = [(one["_id"], one["n"], one["sum"]) for one in collection.aggregate(stages)]
    sum_ = bson.Decimal128("0.3")
    wanted("groups", found, [("b", 3, sum_), ("a", 3, sum_)])
    stages = [{"$unwind": "$tags"}, {"$group": {"_id": "$tags", "n": {"$sum": 1}}}, {"$sort": {"n": 1}}]
    wanted("tags", list(collection.aggregate(stages)), [{"_id": "y", "n": 2}, {"_id": "x", "n": 4}])
    wanted("of nothing", list(collection.aggregate([{"$match": {"kind": "c"}}, *stages])), [])


@asks("documents.server-limit", seconds=40)
def server_limit(subject):
    """A query that takes longer than it may on the server is ExecutionTimeout, and the client goes on."""
    from pymongo.errors import ExecutionTimeout

    connection, collection = place(subject)
    # A server looks at its clock between documents: each of these takes it a while.
    collection.insert_many([{"_id": number} for number in range(200)])
    steps = {"$reduce": {"input": {"$range": [0, 5000]}, "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}}
    call = lambda: list(collection.find({"$expr": {"$gt": [steps, 0]}}).max_time_ms(5))  # noqa: E731
    _, spent = within(_PATIENCE, lambda: raised(ExecutionTimeout, call, "a limit"), "a limit")
    subject.greet(connection)
    return {"seconds": round(spent, 3)}


@asks("documents.read-timeout", seconds=40)
def read_timeout(subject):
    """A limit of a second for an answer ends the wait for it, as NetworkTimeout, and the client goes on."""
    from pymongo import CursorType
    from pymongo.errors import NetworkTimeout

    _, collection = place(subject)
    collection.database.create_collection(collection.name, capped=True, size=4096)
    collection.insert_one({"_id": 1})
    hasty = subject.connect(more={"socketTimeoutMS": 1000})
    again = hasty[collection.database.name][collection.name]
    reading = again.find(cursor_type=CursorType.TAILABLE_AWAIT).max_await_time_ms(20_000)

    def wait():
        # It ends without one where the server does not wait for the next document.
        for _ in range(2):
            next(reading)

    def call():
        try:
            wait()
        except StopIteration:
            raise Unsupported("the server waits for no new document") from None

    _, spent = within(_PATIENCE, lambda: raised(NetworkTimeout, call, "no answer"), "no answer")
    subject.greet(hasty)
    return {"seconds": round(spent, 3)}


@probe("documents.selection", needs=("server",), engines=("mongodb",))
def selection(subject):
    """Where no server can be found in a second it is ServerSelectionTimeoutError, which shows no password."""
    from pymongo.errors import ServerSelectionTimeoutError

    typed = "n0t-the-pa55word-of-the-server"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        where = {"host": "127.0.0.1", "port": taken.getsockname()[1], "more": {"serverSelectionTimeoutMS": 1000}}
        call = lambda: subject.opened(**where, password=typed)  # noqa: E731
        kind = ServerSelectionTimeoutError
        error, spent = within(_PATIENCE, lambda: raised(kind, call, "no server"), "no server")
    clean(f"{error!r} {error!s} {error.details!r}", typed, "an error")
    if str(where["port"]) not in str(error):
        raise Wrong(f"it does not say where it looked: {shown(str(error))}", sign="no server unnamed")
    return {"seconds": round(spent, 3)}


@probe("documents.url", needs=("server", "database"), engines=("mongodb",))
def url(subject):
    """A URL whose user and password have signs that mean something in URLs leads there, quoted, and in no other way."""
    from pymongo.errors import InvalidURI

    typed = "p a's\"s%w@o/r:d;=\\{}&#+ 0ключ"
    maker = subject.fresh()
    if not subject.sql.may_make_users(subject, maker):
        raise Unsupported("the source lets no user be made")
    name = subject.sql.make_user(subject, maker, typed)
    where = f"{subject.source['host']}:{subject.source['port']}/?authSource=admin"
    client = subject.keep(subject.driver.MongoClient(f"mongodb://{quote_plus(name)}:{quote_plus(typed)}@{where}"))
    wanted("user", subject.sql.whoami(client), name)
    call = lambda: subject.driver.MongoClient(f"mongodb://{name}:{typed}@{where}")  # noqa: E731
    clean(str(raised(InvalidURI, call, "an unquoted URL")), typed, "an error")


@asks("documents.threads", seconds=60, manner="alone")
def threads(subject):
    """20 threads share a client, and each gets its own answers."""
    _, collection = place(subject)
    collection.insert_many([{"_id": one, "v": one * one} for one in range(THREADS * QUERIES)])

    def work(thread):
        for number in range(thread * QUERIES, (thread + 1) * QUERIES):
            if (got := collection.find_one({"_id": number})) != {"_id": number, "v": number * number}:
                raise Wrong(f"{number}: got {shown(got)}", sign="answer")

    began = time.monotonic()
    together(work)
    return {"queries_per_second": round(THREADS * QUERIES / (time.monotonic() - began))}


@probe("documents.closed", needs=("server",), engines=("mongodb",), manner="alone")
def closed(subject):
    """A client that is closed may be closed again, leaves no thread, and says so or connects anew when it is asked."""
    from pymongo.errors import InvalidOperation

    before = set(threading.enumerate())
    client = subject.opened()
    client.close()
    client.close()
    until(lambda: not {one for one in set(threading.enumerate()) - before if one.is_alive()}, "no thread is left")
    try:
        subject.greet(client)
    except InvalidOperation:
        return {"refused": 1}
    finally:
        client.close()
    return {"connected": 1}
