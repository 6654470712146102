"""Limits: a query that takes too long ends, and a session that was killed is an error, never a hang or a success."""

import contextlib
import queue
import threading
import time

from abilities import canceller, cancels, impatient, known_closed, undo
from asking import Unsupported, Wrong, probe, raised, wanted, within
from faults import fault

_LIMIT = {
    "postgresql": "set statement_timeout = 700",
    "mysql": "set max_statement_time = 0.7",
    "spark": "set spark.sql.thriftServer.queryTimeout = 3",
    "firebird": "set statement timeout 700 millisecond",
}
# Queries that take minutes or longer, and end all the same: one whose probe is killed goes on in a server. A sleep of
# MariaDB that is cancelled answers as if nothing had happened.
_LONG = {
    "postgresql": "select pg_sleep(60)",
    "mysql": "with recursive d(i) as (select 1 union all select i + 1 from d where i < 300) "
    "select sum(a.i * b.i) from d as a, d as b, d as c, d as e",
    "spark": "select sum(a.id * b.id) from range(1000000) as a cross join range(1000000) as b",
    "firebird": "select count(*) from rdb$types a, rdb$types b, rdb$types c, rdb$types d, rdb$types e",
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
    "duckdb": "select sum(a.i * b.i) from range(10000000) as a(i), range(10000000) as b(i)",
}
# What ends by itself in the probe's own time, so that an answer that comes too late is one.
_SLEEP = 5
_PATIENCE = 9


def answered(subject, connection, statement):
    """Execute and fetch: some drivers raise only then."""
    cursor = subject.run(connection, statement)
    rows = cursor.fetchall()
    cursor.close()
    return rows


@probe("limits.statement-timeout", needs=("server", "statement-limit"), seconds=30, manner="waits")
def statement_timeout(subject):
    """The server's own limit for a statement ends it, as OperationalError, and the connection goes on."""
    if subject.sql.name not in _LIMIT:
        raise Unsupported(f"it is not known how {subject.sql.name} limits the time of a statement")
    connection = subject.connect()
    subject.run(connection, _LIMIT[subject.sql.name]).close()
    query = _LONG[subject.sql.name]
    _, spent = within(_PATIENCE, lambda: fault(subject, "timeout", lambda: answered(subject, connection, query)), "it")
    undo(subject, connection)
    wanted("select 1", subject.one(connection, "select 1"), 1)
    return {"seconds": round(spent, 3)}


@probe("limits.read-timeout", needs=("server",), seconds=30, manner="waits")
def read_timeout(subject):
    """The driver's own limit for an answer ends the wait, as OperationalError or InterfaceError."""
    connection = impatient(subject)
    classes = (subject.driver.OperationalError, subject.driver.InterfaceError)
    query = subject.sql.sleep.format(_SLEEP)
    _, spent = within(_PATIENCE, lambda: raised(classes, lambda: answered(subject, connection, query), "read"), "it")
    if spent > _SLEEP - 1:
        raise Wrong(f"a limit of 1 s ended it after {spent:.1f} s", sign="read late")
    return {"seconds": round(spent, 3)}


def asked_apart(subject, query):
    """Ask in a thread of its own, with a connection of its own; give it, its cursor, its session, and where it ends."""
    started, ended = queue.SimpleQueue(), queue.SimpleQueue()

    def run():
        try:
            connection = subject.connect()
            session = subject.one(connection, subject.sql.session) if subject.sql.session else None
            # A cursor of DuckDB is a connection of its own.
            cursor = connection if subject.sql.name == "duckdb" else connection.cursor()
            started.put((connection, cursor, session))
            cursor.execute(query)
            ended.put(cursor.fetchall())
        except Exception as error:
            started.put(error)
            ended.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        first = started.get(timeout=_PATIENCE)
    except queue.Empty:
        raise Wrong("it does not connect", sign="connect slow") from None
    if isinstance(first, Exception):
        raise first
    # Long enough for the query to be under way.
    time.sleep(0.5)
    return (*first, ended)


def end_of(ended, what):
    """Raise what a query ended with; Wrong where it did not end."""
    try:
        end = ended.get(timeout=_PATIENCE)
    except queue.Empty:
        raise Wrong(f"{what}: it goes on for {_PATIENCE} s", sign=f"{what} hangs") from None
    if isinstance(end, Exception):
        raise end


@probe("limits.cancel", seconds=40, manner="waits")
def cancelled(subject):
    """Another thread cancels a query, which ends with the error for that."""
    # Before anything runs: what ends a probe closes its connections, which no driver likes during a query.
    cancels(subject)
    connection, cursor, _, ended = asked_apart(subject, _LONG[subject.sql.name])
    cancel = canceller(subject, connection, cursor)
    within(_PATIENCE, cancel, "cancelling")
    fault(subject, "cancelled", lambda: end_of(ended, "cancelled"))


def gone(subject, other, session):
    """Kill a session, and wait until the server does not list it any more."""
    subject.run(other, subject.sql.kill.format(session)).close()
    other.commit()
    until = time.monotonic() + _PATIENCE
    while session in {row[0] for row in answered(subject, other, subject.sql.sessions)}:
        other.rollback()
        if time.monotonic() > until:
            raise Wrong("the server lists the session still", sign="kill")
        time.sleep(0.05)


def killed_one(subject):
    """Give a connection whose session was killed while it did nothing, and the two classes that tell."""
    connection, other = subject.connect(), subject.connect()
    gone(subject, other, subject.one(connection, subject.sql.session))
    return connection, (subject.driver.OperationalError, subject.driver.InterfaceError)


@probe("limits.killed", needs=("server", "kill"), seconds=40)
def killed(subject):
    """A session that was killed is OperationalError or InterfaceError for its next query, at once."""
    connection, classes = killed_one(subject)
    within(_PATIENCE, lambda: raised(classes, lambda: subject.one(connection, "select 1"), "killed"), "killed")


@probe("limits.killed-meanwhile", needs=("server", "kill"), seconds=40, manner="waits")
def killed_meanwhile(subject):
    """A session that is killed during a query is an error of it, not a hang."""
    _, _, session, ended = asked_apart(subject, _LONG[subject.sql.name])
    other = subject.connect()
    subject.run(other, subject.sql.kill.format(session)).close()
    classes = (subject.driver.OperationalError, subject.driver.InterfaceError)
    raised(classes, lambda: end_of(ended, "killed"), "killed")


@probe("limits.known-closed", needs=("server", "kill"), seconds=40)
def closed(subject):
    """After that error the driver knows that the connection is closed, and goes on to raise."""
    connection, _ = killed_one(subject)
    with contextlib.suppress(subject.driver.Error):
        within(_PATIENCE, lambda: subject.one(connection, "select 1"), "killed")
    within(
        _PATIENCE, lambda: raised(subject.driver.Error, lambda: subject.one(connection, "select 1"), "again"), "again"
    )
    wanted("known as closed", known_closed(subject, connection), True)
