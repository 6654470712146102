"""Transactions: what was committed is there for everybody, what was rolled back never was."""

from abilities import autocommit, begin, run, undo
from asking import Unsupported, Wrong, probe, wanted


def prepared(subject):
    """Give a connection, another one, and an empty table with the column v that both see."""
    connection = subject.fresh()
    table = subject.table("kept")
    run(subject, connection, f"create table {table} (v integer)")
    connection.commit()
    return connection, subject.connect(), table


def begun(subject):
    """Give the same with a row that the first connection has put in, in a transaction that goes on."""
    connection, other, table = prepared(subject)
    begin(subject, connection)
    run(subject, connection, f"insert into {table} (v) values (1)")
    return connection, other, table


def rows(subject, connection, table):
    """Give what a connection sees, in a transaction that is over afterwards."""
    found = [row[0] for row in run(subject, connection, f"select v from {table} order by v").fetchall()]
    undo(subject, connection)
    return found


@probe("transactions.commit", needs=("write", "transactions"))
def committed(subject):
    """Another connection sees what was committed."""
    connection, other, table = begun(subject)
    connection.commit()
    wanted("rows", rows(subject, other, table), [1])


@probe("transactions.rollback", needs=("write", "transactions"))
def rolled_back(subject):
    """What was rolled back is gone, for its own connection too."""
    connection, other, table = begun(subject)
    wanted("own rows", [row[0] for row in run(subject, connection, f"select v from {table}").fetchall()], [1])
    connection.rollback()
    wanted("own rows afterwards", rows(subject, connection, table), [])
    wanted("rows", rows(subject, other, table), [])


@probe("transactions.isolation", needs=("write", "transactions"))
def isolated(subject):
    """Another connection does not see what is not committed yet."""
    connection, other, table = begun(subject)
    wanted("rows", rows(subject, other, table), [])
    connection.commit()
    wanted("rows afterwards", rows(subject, other, table), [1])


@probe("transactions.implicit", needs=("write", "transactions"))
def implicit(subject):
    """A new connection does not commit by itself (PEP 249: auto-commit "must be initially off")."""
    connection, other, table = prepared(subject)
    run(subject, connection, f"insert into {table} (v) values (1)")
    wanted("rows", rows(subject, other, table), [])


@probe("transactions.closing", needs=("write", "transactions"))
def closing(subject):
    """Closing without a commit undoes (PEP 249: "an implicit rollback")."""
    connection, other, table = begun(subject)
    connection.close()
    wanted("rows", rows(subject, other, table), [])


@probe("transactions.autocommit", needs=("write",))
def automatic(subject):
    """With autocommit each statement stands for itself, without a commit."""
    connection, other, table = prepared(subject)
    autocommit(subject, connection)
    run(subject, connection, f"insert into {table} (v) values (1)")
    wanted("rows", rows(subject, other, table), [1])


@probe("transactions.savepoint", needs=("write", "transactions"))
def savepoint(subject):
    """Going back to a savepoint undoes what came after it, and nothing else."""
    connection, other, table = begun(subject)
    if subject.sql.name == "duckdb":
        try:
            run(subject, connection, "savepoint here")
        except subject.driver.Error as error:
            raise Unsupported("DuckDB has no savepoints") from error
        raise Wrong("DuckDB has savepoints now: ask for them")
    run(subject, connection, "savepoint here")
    run(subject, connection, f"insert into {table} (v) values (2)")
    run(subject, connection, "rollback to savepoint here")
    run(subject, connection, f"insert into {table} (v) values (3)")
    connection.commit()
    wanted("rows", rows(subject, other, table), [1, 3])


@probe("transactions.ddl", needs=("write", "transactions"))
def definitions(subject):
    """A table that was made in a transaction is gone after its rollback, where the engine can undo that."""
    connection, other, table = begun(subject)
    made = subject.table("made")
    run(subject, connection, f"create table {made} (v integer)", settle=False)
    connection.rollback()
    try:
        rows(subject, other, made)
        there = True
    except subject.driver.Error:
        there = False
        other.close()
    if subject.sql.transactional_ddl:
        wanted("the table is there", there, False)
        wanted("rows", rows(subject, connection, table), [])
        return
    # It is the engine that commits: the row from before is there as well.
    wanted("the table is there", there, True)
    wanted("rows", rows(subject, connection, table), [1])
    raise Unsupported(f"{subject.sql.name} commits before and after it makes a table")


@probe("transactions.cursors", needs=("write", "transactions"))
def shared(subject):
    """Cursors of one connection share its transaction (PEP 249: they "are not isolated")."""
    connection, _, table = prepared(subject)
    begin(subject, connection)
    connection.cursor().execute(f"insert into {table} (v) values (1)")
    wanted("rows", subject.one(connection, f"select count(*) from {table}"), 1)
    connection.rollback()
    wanted("rows afterwards", subject.one(connection, f"select count(*) from {table}"), 0)
