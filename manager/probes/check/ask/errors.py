"""Errors: each has its class of PEP 249, and the code of the server."""

import contextlib
import queue
import threading

from abilities import undo
from asking import Unsupported, Wrong, probe, raised, wanted
from faults import fault

BELOW = {
    "InterfaceError": "Error",
    "DatabaseError": "Error",
    "DataError": "DatabaseError",
    "OperationalError": "DatabaseError",
    "IntegrityError": "DatabaseError",
    "InternalError": "DatabaseError",
    "ProgrammingError": "DatabaseError",
    "NotSupportedError": "DatabaseError",
}


@probe("errors.classes")
def classes(subject):
    """The exceptions of PEP 249 are there, each below the one that it should be below."""
    for name, above in BELOW.items():
        one = getattr(subject.driver, name, None)
        if not isinstance(one, type) or not issubclass(one, getattr(subject.driver, above, ())):
            raise Wrong(f"{name} is no exception below {above}", sign=name)


def failing(subject, name, column, value, *, before=()):
    """See the error of inserting a value into a table with a column of a definition, and that nothing was stored."""
    connection = subject.fresh()
    if subject.sql.name == "sqlite":
        subject.run(connection, "pragma foreign_keys = on")
        if name == "foreign-key" and subject.one(connection, "pragma foreign_keys") != 1:
            # It does nothing inside of a transaction, which the ODBC driver begins before its first statement.
            raise Unsupported("foreign keys could not be turned on")
    table = subject.table("failing")
    subject.run(connection, f"create table {table} (id integer{subject.sql.key}, v {column})")
    for one in before:
        subject.run(connection, f"insert into {table} (id, v) values (1, ?)", [one])
    connection.commit()
    insert = f"insert into {table} (id, v) values ({len(before) + 1}, ?)"
    fault(subject, name, lambda: subject.run(connection, insert, [value]))
    undo(subject, connection)
    wanted("rows", subject.one(connection, f"select count(*) from {table}"), len(before))


@probe("errors.unique", needs=("write", "keys"))
def unique(subject):
    """A value that is there already: IntegrityError."""
    failing(subject, "unique", "integer unique", 5, before=[5])


@probe("errors.not-null", needs=("write",))
def not_null(subject):
    """NULL where there may be none: IntegrityError."""
    failing(subject, "not-null", "integer not null", None)


@probe("errors.check", needs=("write", "keys"))
def checked(subject):
    """A value that a constraint forbids: IntegrityError."""
    failing(subject, "check", "integer check (v > 0)", -5)


@probe("errors.foreign-key", needs=("write", "keys"))
def foreign_key(subject):
    """A row that refers to none: IntegrityError."""
    connection = subject.fresh()
    parent = subject.table("parent")
    subject.run(connection, f"create table {parent} (id integer primary key)")
    connection.commit()
    connection.close()
    failing(subject, "foreign-key", f"integer, foreign key (v) references {parent} (id)", 7)


@probe("errors.syntax")
def syntax(subject):
    """A statement that is none: ProgrammingError."""
    connection = subject.connect()
    fault(subject, "syntax", lambda: subject.run(connection, "selec 1"))


@probe("errors.missing-table")
def missing_table(subject):
    """A table that is not there: ProgrammingError."""
    connection = subject.connect()
    fault(subject, "missing-table", lambda: subject.run(connection, f"select * from {subject.prefix}_missing"))


@probe("errors.missing-column", needs=("write",))
def missing_column(subject):
    """A column that is not there: ProgrammingError."""
    connection = subject.fresh()
    table = subject.table("columns")
    subject.run(connection, f"create table {table} (v integer)")
    fault(subject, "missing-column", lambda: subject.run(connection, f"select w from {table}"))


@probe("errors.existing-table", needs=("write",))
def existing_table(subject):
    """A table that is there already: ProgrammingError."""
    connection = subject.fresh()
    create = f"create table {subject.table('twice')} (v integer)"
    subject.run(connection, create)
    fault(subject, "existing-table", lambda: subject.run(connection, create))


@probe("errors.division", needs=("write",))
def division(subject):
    """A division by zero: DataError, where the engine has that error."""
    connection = subject.fresh()
    if subject.sql.name in ("sqlite", "duckdb"):
        # DuckDB raises it since 2.0 (error_on_division_by_zero).
        with contextlib.suppress(subject.driver.Error):
            wanted("1 % 0", subject.one(connection, "select 1 % 0"), None)
            raise Unsupported(f"{subject.sql.name} gives NULL for a division by zero")
    table = subject.table("divided")
    subject.run(connection, f"create table {table} (v integer)")
    connection.commit()
    divided = "1 %" if subject.sql.name in ("duckdb", "spark") else "1 /"
    # MariaDB warns of it in a query, and raises it in an insert (sql_mode ERROR_FOR_DIVISION_BY_ZERO, its default).
    fault(subject, "division", lambda: subject.run(connection, f"insert into {table} (v) select {divided} 0"))


@probe("errors.range", needs=("write",))
def out_of_range(subject):
    """A number that a column cannot hold: DataError, where columns have limits."""
    if subject.sql.name == "sqlite":
        raise Unsupported("columns of SQLite have no limits")
    failing(subject, "range", "smallint", 99999)


@probe("errors.length", needs=("write",))
def too_long(subject):
    """A text that is longer than its column: DataError, where columns have lengths."""
    if subject.sql.name in ("sqlite", "duckdb"):
        raise Unsupported(f"columns of {subject.sql.name} have no lengths")
    failing(subject, "length", "varchar(3)", "four")


@probe("errors.afterwards", needs=("write",))
def afterwards(subject):
    """After an error and a rollback the connection works as before."""
    connection = subject.fresh()
    raised(subject.driver.Error, lambda: subject.run(connection, "selec 1"), "syntax")
    undo(subject, connection)
    wanted("select 1", subject.one(connection, "select 1"), 1)


@probe("errors.closed")
def closed(subject):
    """A closed connection says so by an error of its own, not by a crash or an answer."""
    connection = subject.connect()
    connection.close()
    raised(subject.driver.Error, lambda: subject.run(connection, "select 1"), "closed connection")


@probe("errors.deadlock", needs=("server", "write", "transactions"), seconds=40, manner="waits")
def deadlock(subject):
    """Of two sessions that wait for each other one gets OperationalError, and the other one goes on."""
    first = subject.fresh()
    table = subject.table("locked")
    subject.run(first, f"create table {table} (id integer primary key, v integer)")
    for row in (1, 2):
        subject.run(first, f"insert into {table} (id, v) values ({row}, 0)")
    first.commit()
    second = subject.connect()
    update = f"update {table} set v = v + 1 where id = {{}}"
    subject.run(first, update.format(1))
    subject.run(second, update.format(2))
    ends = queue.SimpleQueue()

    def cross(connection, row):
        try:
            subject.run(connection, update.format(row))
            connection.commit()
            end = None
        except Exception as error:
            end = error
            # What the victim holds is let go by it, where the driver undoes a statement and not its transaction.
            connection.rollback()
        finally:
            ends.put(end)

    for connection, row in ((first, 2), (second, 1)):
        threading.Thread(target=cross, args=(connection, row), daemon=True).start()
    try:
        # PostgreSQL looks for a deadlock after its deadlock_timeout, 1 s; InnoDB at once; Firebird after 10 s
        # unless it is told otherwise (DeadlockTimeout), as the shipped ones are.
        found = [ends.get(timeout=15), ends.get(timeout=5)]
    except queue.Empty:
        raise Wrong("two sessions wait for each other for 15 s", sign="deadlock hangs") from None
    failed = [one for one in found if one is not None]
    if len(failed) != 1:
        raise Wrong(f"wanted one error, got {found!r:.200}", sign=f"deadlock {len(failed)}")

    def again():
        raise failed[0]

    fault(subject, "deadlock", again)
