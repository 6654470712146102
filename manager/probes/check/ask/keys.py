"""Keys: what a store of keys and values is used for; Redis and Valkey."""

import contextlib
import queue
import threading
import time
from urllib.parse import quote

from ask.pools import QUERIES, THREADS, together
from asking import Unsupported, Wrong, probe, raised, shown, wanted, within

_ALL = 100_000
_PATIENCE = 9


def until(holds, what, seconds=5):
    """Wait until something holds; raises Wrong after the seconds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Wrong(f"{what}: not so after {seconds} s", sign=f"{what} never")
        time.sleep(0.02)


@probe("keys.expiry", needs=("write",), engines=("redis",))
def expiry(subject):
    """A key that is set for a time has it left, and is gone afterwards; another one has none."""
    connection, short, long = subject.fresh(), subject.table("short"), subject.table("long")
    connection.set(long, "v", ex=100)
    if not 0 < connection.ttl(long) <= 100:
        raise Wrong(f"of 100 s are left {connection.ttl(long)!r}", sign="time left")
    connection.persist(long)
    wanted("the time of a key without one", connection.ttl(long), -1)
    connection.set(short, "v", px=30)
    until(lambda: connection.get(short) is None, "it is gone after 30 ms")


@probe("keys.structures", needs=("write",), engines=("redis",))
def structures(subject):
    """Lists keep their order, hashes their bytes, and scores of sorted sets every bit."""
    connection, name = subject.fresh(), subject.table
    connection.rpush(name("list"), b"b", b"\x00\xff", b"")
    wanted("list", connection.lrange(name("list"), 0, -1), [b"b", b"\x00\xff", b""])
    connection.hset(name("hash"), mapping={b"\xff\x00": b"\x00", "ü": "中"})
    wanted("hash", connection.hgetall(name("hash")), {b"\xff\x00": b"\x00", "ü".encode(): "中".encode()})
    scores = {"a": 0.1 + 0.2, "b": -1 / 3, "c": 1.7976931348623157e308, "d": float("-inf")}
    connection.zadd(name("scores"), scores)
    wanted("scores", dict(connection.zrange(name("scores"), 0, -1, withscores=True)),
           {member.encode(): score for member, score in scores.items()})  # fmt: skip


@probe("keys.undecodable", needs=("write",), engines=("redis",))
def undecodable(subject):
    """Bytes that are no text are an error where texts are asked for, not other letters."""
    subject.fresh().set(subject.table("bytes"), b"a\xff")
    reader = subject.sql.decoding(subject)
    raised(UnicodeDecodeError, lambda: reader.get(f"{subject.prefix}_bytes"), "no text")


@probe("keys.protocols", needs=("write",), engines=("redis",))
def protocols(subject):
    """The protocols 2 and 3 give the same of strings, numbers, hashes and nothing."""
    subject.place()
    name, found = subject.table, []
    for protocol in (2, 3):
        connection = subject.connect(more={"protocol": protocol})
        connection.set(name("string"), "v")
        connection.hset(name("hash"), "f", "v")
        got = (connection.get(name("string")), connection.hgetall(name("hash")), connection.strlen(name("string")),
               connection.get(name("none")))  # fmt: skip
        found.append(got)
    wanted("by protocol 3", found[1], found[0])
    wanted("by protocol 2", found[0], (b"v", {b"f": b"v"}, 1, None))


@probe("keys.errors", needs=("write",), engines=("redis",))
def errors(subject):
    """A key of another type, a command that is none and a wrong one are ResponseError, and the connection goes on."""
    connection, key = subject.fresh(), subject.table("list")
    connection.rpush(key, "v")
    wrong = (lambda: connection.incr(key), lambda: connection.execute_command("NOSUCHCOMMAND"),
             lambda: connection.execute_command("SET", key))  # fmt: skip
    for call in wrong:
        raised(subject.driver.ResponseError, call, "a refused command")
        subject.greet(connection)


@probe("keys.pipeline", needs=("write",), engines=("redis",))
def pipeline(subject):
    """1,000 commands of a pipeline are answered in their order, and one that is refused takes none of the others."""
    connection, key = subject.fresh(), subject.table("count")
    with connection.pipeline(transaction=False) as pipe:
        for _ in range(1000):
            pipe.incr(key)
        wanted("answers", pipe.execute(), list(range(1, 1001)))
        pipe.incr(key).lpush(key, "v").incr(key)
        first, second, third = pipe.execute(raise_on_error=False)
    wanted("beside an error", (first, third), (1001, 1002))
    if not isinstance(second, subject.driver.ResponseError):
        raise Wrong(f"a refused command gave {shown(second)}", sign="pipeline error")


@probe("keys.transaction", needs=("write",), engines=("redis",))
def transaction(subject):
    """Of MULTI nothing is seen before EXEC, and all afterwards; what is discarded is never done."""
    connection, other = subject.fresh(), subject.connect()
    one, two = subject.table("one"), subject.table("two")
    with connection.pipeline() as pipe:
        pipe.multi()
        pipe.set(one, 1).set(two, 2)
        wanted("before EXEC", other.mget(one, two), [None, None])
        wanted("EXEC", pipe.execute(), [True, True])
        wanted("after EXEC", other.mget(one, two), [b"1", b"2"])
        pipe.multi()
        pipe.set(one, 3)
        pipe.reset()
    wanted("after it was discarded", other.get(one), b"1")


@probe("keys.watch", needs=("write",), engines=("redis",))
def watch(subject):
    """A key that another one changes after WATCH is WatchError, and nothing is done; without that it is done."""
    connection, other, key = subject.fresh(), subject.connect(), subject.table("watched")
    for meddling in (True, False):
        connection.set(key, 1)
        with connection.pipeline() as pipe:
            pipe.watch(key)
            seen = int(pipe.get(key))
            if meddling:
                other.set(key, 10)
            pipe.multi()
            pipe.set(key, seen + 1)
            if meddling:
                raised(subject.driver.WatchError, pipe.execute, "a watched key")
            else:
                wanted("EXEC", pipe.execute(), [True])
        wanted("the key", connection.get(key), b"10" if meddling else b"2")


@probe("keys.publish", needs=("write",), engines=("redis",))
def publish(subject):
    """A listener gets each message of its channel once and in order, as bytes, and none of another channel."""
    connection, channel = subject.fresh(), subject.table("channel")
    with connection.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(channel)
        until(lambda: connection.pubsub_numsub(channel)[0][1] == 1, "it listens")
        sent = [b"%d\x00\xff" % number for number in range(100)]
        for message in sent:
            connection.publish(channel + "x", b"of another")
            wanted("listeners", connection.publish(channel, message), 1)
        got = []

        def all_came():
            if message := listener.get_message(timeout=0.5):
                got.append(message["data"])
            return len(got) >= len(sent)

        until(all_came, "messages came")
        wanted("messages", got, sent)


@probe("keys.stream", needs=("write",), engines=("redis",))
def stream(subject):
    """Each entry of a stream goes to one reader of a group, and waits until it is acknowledged."""
    connection, key = subject.fresh(), subject.table("stream")
    connection.xgroup_create(key, "group", id="0", mkstream=True)
    sent = [connection.xadd(key, {"v": b"%d\x00\xff" % number}) for number in range(20)]
    got = []
    for reader in ("a", "b"):
        answer = connection.xreadgroup("group", reader, {key: ">"}, count=10)
        # A list of pairs by protocol 2, a dict of lists by protocol 3.
        ((_, entries),) = answer.items() if isinstance(answer, dict) else answer
        entries = entries[0] if isinstance(answer, dict) else entries
        got += entries
    wanted("entries", [entry for entry, _ in got], sent)
    wanted("values", [fields[b"v"] for _, fields in got], [b"%d\x00\xff" % number for number in range(20)])
    wanted("acknowledged", connection.xack(key, "group", *sent[:15]), 15)
    wanted("waiting", connection.xpending(key, "group")["pending"], 5)


@probe("keys.scan", needs=("write",), engines=("redis",), seconds=90)
def scan(subject):
    """A scan of 100,000 keys gives each of them, and no other."""
    connection, prefix = subject.fresh(), subject.table("many")
    began = time.monotonic()
    for begin in range(0, _ALL, 10_000):
        connection.mset({f"{prefix}:{number}": number for number in range(begin, begin + 10_000)})
    written = time.monotonic()
    found = set(connection.scan_iter(match=f"{prefix}:*", count=1000))
    read = time.monotonic()
    if found != {f"{prefix}:{number}".encode() for number in range(_ALL)}:
        raise Wrong(f"wanted {_ALL} keys, got {len(found)}, others", sign="scan")
    return {"set_per_second": round(_ALL / (written - began)), "scanned_per_second": round(_ALL / (read - written))}


def sessions(connection, name):
    """Count the server's sessions that call themselves so."""
    return sum(one["name"] == name for one in connection.client_list())


@probe("keys.threads", needs=("write",), engines=("redis",), seconds=60)
def threads(subject):
    """20 threads share a client: every answer is its own, no more than 20 sessions are made, and none is left."""
    watcher, key = subject.fresh(), subject.table("squares")
    watcher.hset(key, mapping={str(number): number * number for number in range(THREADS * QUERIES)})
    client = subject.opened(more={"client_name": subject.prefix})

    def work(thread):
        for number in range(thread * QUERIES, (thread + 1) * QUERIES):
            if (got := client.hget(key, str(number))) != b"%d" % (number * number):
                raise Wrong(f"{number}: wanted {number * number}, got {got}", sign="answer")

    began = time.monotonic()
    together(work)
    spent = time.monotonic() - began
    made = sessions(watcher, subject.prefix)
    if not 1 <= made <= THREADS:
        raise Wrong(f"{THREADS} threads made {made} sessions", sign="sessions made")
    client.close()
    until(lambda: not sessions(watcher, subject.prefix), "no session is left")
    return {"queries_per_second": round(THREADS * QUERIES / spent), "sessions": made}


@probe("keys.pool-limit", needs=("server",), engines=("redis",))
def pool_limit(subject):
    """A pool of two gives no third connection: that is ConnectionError, and one that comes back is given again."""
    pool = subject.connect(more={"max_connections": 2}).connection_pool
    held = [pool.get_connection(), pool.get_connection()]
    raised(subject.driver.ConnectionError, pool.get_connection, "a third connection")
    pool.release(held.pop())
    held.append(pool.get_connection())
    for one in held:
        pool.release(one)


@probe("keys.killed", needs=("server", "kill"), engines=("redis",), seconds=40)
def killed(subject):
    """A session that was killed is replaced, or ConnectionError for one command and replaced then."""
    connection, other = subject.connect(), subject.connect()
    session = connection.client_id()
    wanted("killed", other.client_kill_filter(_id=session), 1)

    def asked():
        try:
            return connection.client_id()
        except subject.driver.ConnectionError:
            return None

    first, _ = within(_PATIENCE, asked, "after it was killed")
    second, _ = within(_PATIENCE, connection.client_id, "afterwards")
    if session in (first, second):
        raise Wrong("the session that was killed answers", sign="same session")
    return {"errors": int(first is None)}


@probe("keys.killed-meanwhile", needs=("server", "kill", "write"), engines=("redis",), seconds=40)
def killed_meanwhile(subject):
    """A session that is killed while it waits for an answer is ConnectionError, or asks again; it does not hang."""
    other, key = subject.fresh(), subject.table("list")
    connection = subject.connect(more={"client_name": subject.prefix, "socket_timeout": 60})
    ended = queue.SimpleQueue()

    def wait():
        try:
            ended.put(connection.blpop(key, timeout=30))
        except Exception as error:
            ended.put(error)

    threading.Thread(target=wait, daemon=True).start()

    def waiting():
        found = [one for one in other.client_list() if one["name"] == subject.prefix and one["cmd"] == "blpop"]
        return [int(one["id"]) for one in found]

    until(waiting, "it waits")
    wanted("killed", other.client_kill_filter(_id=waiting()[0]), 1)
    # Who asks again is answered now.
    other.rpush(key, "v")
    try:
        got = ended.get(timeout=_PATIENCE)
    except queue.Empty:
        raise Wrong("it waits for a session that was killed", sign="hangs") from None
    if isinstance(got, Exception) and not isinstance(got, subject.driver.ConnectionError):
        raise Wrong(f"wanted ConnectionError, got {got!r}", sign=f"killed {type(got).__name__}")
    if not isinstance(got, Exception) and tuple(got) != (key.encode(), b"v"):
        raise Wrong(f"wanted what was pushed, got {shown(got)}", sign="killed answer")


@probe("keys.read-timeout", needs=("server",), engines=("redis",), seconds=40)
def read_timeout(subject):
    """A limit of a second for an answer ends the wait for it, as TimeoutError, and the client goes on."""
    connection = subject.connect(more={"socket_timeout": 1})
    call = lambda: raised(subject.driver.TimeoutError, lambda: connection.blpop(f"{subject.prefix}_none", 20), "read")  # noqa: E731
    _, spent = within(_PATIENCE, call, "read")
    subject.greet(connection)
    return {"seconds": round(spent, 3)}


@probe("keys.url", needs=("server", "database"), engines=("redis",))
def url(subject):
    """A URL whose user and password have signs that mean something in URLs leads there, quoted."""
    typed = "p a's\"s%w@o/r:d;=\\{}&#+ 0ключ"
    maker = subject.fresh()
    if not subject.sql.may_make_users(subject, maker):
        raise Unsupported("the source lets no user be made")
    name = subject.sql.make_user(subject, maker, typed)
    where = f"{subject.source['host']}:{subject.source['port']}/0"
    client = subject.driver.Redis.from_url(f"redis://{quote(name, safe='')}:{quote(typed, safe='')}@{where}")
    with contextlib.closing(client):
        wanted("user", client.execute_command("ACL", "WHOAMI").decode(), name)


@probe("keys.databases", needs=("write",), engines=("redis",))
def databases(subject):
    """A client of another database does not see the keys of this one."""
    connection, key = subject.fresh(), subject.table("kept")
    connection.set(key, "v")
    try:
        other = subject.connect(database=1)
    except subject.driver.ResponseError as error:
        raise Unsupported("the server has one database") from error
    wanted("in another database", other.get(key), None)
    wanted("here", connection.get(key), b"v")
