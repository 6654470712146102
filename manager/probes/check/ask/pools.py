"""Many at once: each thread gets its own answers, no session is left behind, and a pool outlives its sessions."""

import queue
import threading
import time

from asking import Unsupported, Wrong, probe, wanted, within
from door import Door

THREADS, QUERIES = 20, 50
_PATIENCE = 30
# Of a port at which nobody listens one hears at once.
_AWAY = 10


def prepared(subject):
    """Make a table of squares; give its name."""
    connection = subject.fresh()
    table = subject.table("squares")
    subject.run(connection, f"create table {table} (id integer{subject.sql.key}, v integer)")
    numbers = subject.sql.series.format(n=THREADS * QUERIES)
    subject.run(connection, f"insert into {table} (id, v) select i - 1, (i - 1) * (i - 1) from {numbers}")
    connection.commit()
    connection.close()
    return table


def together(work):
    """Run a function of a number in threads, all at once; raise the first error, or Wrong where one does not end."""
    ends = queue.SimpleQueue()
    start = threading.Barrier(THREADS)

    def run(number):
        try:
            start.wait(_PATIENCE)
            ends.put(work(number))
        except Exception as error:
            ends.put(error)

    for number in range(THREADS):
        threading.Thread(target=run, args=(number,), daemon=True).start()
    until = time.monotonic() + _PATIENCE
    found = []
    try:
        for _ in range(THREADS):
            found.append(ends.get(timeout=max(0.01, until - time.monotonic())))
    except queue.Empty:
        raise Wrong(f"{len(found)} of {THREADS} threads ended in {_PATIENCE} s", sign="threads hang") from None
    for end in found:
        if isinstance(end, Exception):
            raise end
    return found


def none_left(subject, sessions):
    """Wait until the server lists none of these sessions; raises Wrong after 5 s."""
    watcher = subject.connect()
    until = time.monotonic() + 5
    while True:
        cursor = subject.run(watcher, subject.sql.sessions)
        left = sessions & {row[0] for row in cursor.fetchall()}
        watcher.rollback()
        if not left:
            return
        if time.monotonic() > until:
            raise Wrong(f"{len(left)} of {len(sessions)} sessions are left", sign="sessions left")
        time.sleep(0.05)


@probe("pools.threads", needs=("write",), seconds=60, manner="alone")
def threads(subject):
    """20 threads with a connection each ask 50 queries: every answer is its own, and no session is left."""
    table = prepared(subject)

    def work(thread):
        connection = subject.connect()
        session = subject.one(connection, subject.sql.session) if subject.sql.session else thread
        for number in range(thread * QUERIES, (thread + 1) * QUERIES):
            got = subject.one(connection, f"select v from {table} where id = ?", [number])
            if got != number * number:
                raise Wrong(f"{number}: wanted {number * number}, got {got}", sign="answer")
        connection.close()
        return session

    began = time.monotonic()
    sessions = set(together(work))
    spent = time.monotonic() - began
    wanted("sessions", len(sessions), THREADS)
    if subject.sql.session:
        none_left(subject, sessions)
    return {"queries_per_second": round(THREADS * QUERIES / spent)}


@probe("pools.alchemy", needs=("server", "write", "alchemy", "sessions"), seconds=60, manner="alone")
def pooled(subject):
    """The same through a pool of SQLAlchemy with five connections: none is lost, and none is left."""
    import sqlalchemy

    table = prepared(subject)
    engine = subject.engine(pool_size=5, max_overflow=0, pool_timeout=_PATIENCE)
    query = sqlalchemy.text(f"select v from {table} where id = :id")
    seen = set()

    def work(thread):
        for number in range(thread * QUERIES, (thread + 1) * QUERIES):
            with engine.connect() as connection:
                if number % QUERIES == 0:
                    seen.add(connection.exec_driver_sql(subject.sql.said(subject.sql.session)).scalar_one())
                got = connection.execute(query, {"id": number}).scalar_one()
            if got != number * number:
                raise Wrong(f"{number}: wanted {number * number}, got {got}", sign="answer")

    together(work)
    wanted("connections that are out", engine.pool.checkedout(), 0)
    if not 1 <= len(seen) <= 5:
        raise Wrong(f"a pool of five had {len(seen)} sessions", sign="pool sessions")
    engine.dispose()
    none_left(subject, seen)


def killed(subject, engine):
    """Kill the one session of a pool while it lies there; give its id."""
    with engine.connect() as connection:
        session = connection.exec_driver_sql(subject.sql.said(subject.sql.session)).scalar_one()
    other = subject.connect()
    subject.run(other, subject.sql.kill.format(session)).close()
    other.close()
    none_left(subject, {session})
    return session


@probe("pools.pre-ping", needs=("server", "kill", "alchemy"), seconds=40)
def pre_ping(subject):
    """A pool that asks first replaces a session that was killed, and nobody notices."""
    engine = subject.engine(pool_size=1, max_overflow=0, pool_pre_ping=True)
    session = killed(subject, engine)
    with engine.connect() as connection:
        if connection.exec_driver_sql(subject.sql.said(subject.sql.session)).scalar_one() == session:
            raise Wrong("the session that was killed answers", sign="same session")


@probe("pools.disconnect", needs=("server", "kill", "alchemy"), seconds=40)
def disconnect(subject):
    """A pool that does not ask first gives one error, which is known as a lost connection, and then a new session."""
    import sqlalchemy

    engine = subject.engine(pool_size=1, max_overflow=0)
    killed(subject, engine)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(subject.sql.said("select 1"))
    except sqlalchemy.exc.DBAPIError as error:
        wanted("known as a lost connection", error.connection_invalidated, True)
    else:
        raise Wrong("a session that was killed answers", sign="same session")
    with engine.connect() as connection:
        wanted("select 1", connection.exec_driver_sql(subject.sql.said("select 1")).scalar_one(), 1)


@probe("pools.restart", needs=("server", "kill", "alchemy"), seconds=60)
def restart(subject):
    """A pool that asks first lives through a restart: an error while nobody listens, and then all its places work."""
    import sqlalchemy

    if subject.source.get("tls"):
        raise Unsupported("the certificate names the server, and not what stands before it")

    def ask(engine):
        with engine.connect() as one, engine.connect() as other:
            for connection in (one, other):
                wanted("select 1", connection.exec_driver_sql(subject.sql.said("select 1")).scalar_one(), 1)

    with Door(subject.source["host"], int(subject.source["port"])) as door:
        engine = subject.engine(at=door.at, pool_size=2, max_overflow=0, pool_pre_ping=True, pool_timeout=_PATIENCE)
        ask(engine)
        door.shut()
        try:
            within(_AWAY, lambda: ask(engine), "a pool whose server is away")
        except sqlalchemy.exc.DBAPIError:
            pass
        else:
            raise Wrong("a server that is away answers", sign="away answers")
        door.open()
        within(_AWAY, lambda: ask(engine), "a pool whose server is back")
        wanted("connections that are out", engine.pool.checkedout(), 0)
