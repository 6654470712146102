"""Fetching: all rows come, fast enough to be measured, in bounded memory where they are streamed, with their names."""

import time
from pathlib import Path

from abilities import begin, streaming
from asking import Unsupported, Wrong, probe, shown, wanted

ROWS, STREAMED = 200_000, 1_000_000
# What a million rows may take: they are 150 MiB and more where all of them are kept, in whatever layer.
STREAM_MIB = 64
_TEXT = "a hundred characters of text, so that a million rows which are kept somewhere are seen as such: 12345"


@probe("fetch.rows", seconds=60, manner="alone")
def bulk(subject):
    """200,000 rows of two numbers and a text come whole and in order."""
    connection = subject.fresh()
    began = time.monotonic()
    cursor = subject.run(connection, f"select i, i * 2 as j, 'text' as t from {subject.sql.series.format(n=ROWS)}")
    rows = cursor.fetchall()
    spent = time.monotonic() - began
    wanted("rows", len(rows), ROWS)
    for number, row in enumerate(rows, start=1):
        if row[0] != number or row[1] != 2 * number or row[2] != "text":
            raise Wrong(f"row {number}: got {shown(tuple(row))}", sign="row")
    return {"rows": ROWS, "rows_per_second": round(ROWS / spent)}


@probe("fetch.stream", seconds=90, manner="alone")
def streamed(subject):
    """A million rows are read in bounded memory, by the driver's own way to stream."""
    cursor = streaming(subject)
    query = f"select i, '{_TEXT}' as t from "
    before = _memory("VmRSS")
    began = time.monotonic()
    cursor.execute(query + subject.sql.series.format(n=STREAMED))
    seen = total = 0
    while rows := cursor.fetchmany(5000):
        seen += len(rows)
        total += sum(row[0] for row in rows)
    spent = time.monotonic() - began
    # The process is this probe's own, so its highest is the probe's.
    grown = _memory("VmHWM") - before
    wanted("rows", seen, STREAMED)
    wanted("sum", int(total), STREAMED * (STREAMED + 1) // 2)
    if grown > STREAM_MIB:
        raise Wrong(f"a million rows took {grown:.0f} MiB, more than {STREAM_MIB}", sign="stream memory")
    return {"rows": STREAMED, "peak_mib": round(grown, 1), "rows_per_second": round(STREAMED / spent)}


def _memory(name):
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise Unsupported("the system does not say what memory is used")


@probe("fetch.executemany", needs=("write",), seconds=60, manner="alone")
def many(subject):
    """10,000 rows go in by one executemany; fewer where the engine makes a file of each."""
    many = subject.sql.many
    connection = subject.fresh()
    table = subject.table("many")
    subject.run(connection, f"create table {table} (id integer, v varchar(40))")
    connection.commit()
    # A cursor of DuckDB is a connection of its own.
    cursor = connection if subject.sql.name == "duckdb" else connection.cursor()
    began = time.monotonic()
    begin(subject, connection)
    statement = subject.ways.styled(subject.driver, f"insert into {table} (id, v) values (?, ?)")
    cursor.executemany(statement, [(number, f"value {number}") for number in range(1, many + 1)])
    connection.commit()
    spent = time.monotonic() - began
    cursor = subject.run(connection, f"select id, v from {table} order by id")
    got = [tuple(row) for row in cursor.fetchall()]
    wanted("rows", len(got), many)
    wanted("values", got, [(number, f"value {number}") for number in range(1, many + 1)])
    return {"rows": many, "rows_per_second": round(many / spent)}


@probe("fetch.duplicate-names")
def duplicates(subject):
    """Two columns of one name both come, in their order."""
    cursor = subject.run(subject.connect(), "select 1 as a, 2 as a, 3 as b")
    names = [column[0] for column in cursor.description]
    wanted("row", tuple(cursor.fetchone()), (1, 2, 3))
    wanted("names", names, [subject.sql.fold(name) for name in ("a", "a", "b")])


@probe("fetch.names")
def named(subject):
    """A query's description has the names of its columns as they were written."""
    mark = subject.sql.quote
    names = ["plain", "Two Words", "größe", "percent %"]
    listed = ", ".join(f"{at} as {mark}{name}{mark}" for at, name in enumerate(names))
    cursor = subject.connect().cursor()
    # No values: the text goes as it is, with its per cent sign.
    cursor.execute(subject.sql.said("select " + listed))
    wanted("names", [column[0] for column in cursor.description], names)
    cursor.fetchall()


@probe("fetch.description", needs=("write",))
def described(subject):
    """A description has seven items for each column (PEP 249), and is None where a statement gives no rows."""
    connection = subject.fresh()
    cursor = subject.run(connection, "select 1 as a, 2 as b")
    wanted("items", [len(column) for column in cursor.description], [7, 7])
    cursor.fetchall()
    cursor = subject.run(connection, f"create table {subject.table('described')} (v integer)")
    wanted("description of a statement", cursor.description, None)


@probe("fetch.type-codes", needs=("write",))
def type_codes(subject):
    """Type codes of a description compare equal to the type objects of PEP 249, each to its own."""
    if not any(hasattr(subject.driver, name) for name in ("NUMBER", "STRING", "BINARY", "DATETIME")):
        raise Unsupported("the driver has no type objects")
    connection = subject.fresh()
    table = subject.table("typed")
    kinds = {"NUMBER": "integer", "STRING": "varchar(20)", "BINARY": subject.sql.types["bytes"]}
    if subject.sql.types["timestamp"]:
        kinds["DATETIME"] = subject.sql.types["timestamp"]
    columns = ", ".join(f"c{at} {kind}" for at, kind in enumerate(kinds.values()))
    subject.run(connection, f"create table {table} ({columns})")
    connection.commit()
    cursor = subject.run(connection, f"select * from {table}")
    found = [column[1] for column in cursor.description]
    cursor.fetchall()
    if found == [None] * len(kinds):
        raise Unsupported("the driver has no type codes")
    wrong = []
    for name, code in zip(kinds, found, strict=True):
        equal = [other for other in kinds if getattr(subject.driver, other, object()) == code]
        if equal != [name]:
            wrong.append(f"{name}: {code!r:.60} is equal to {' and '.join(equal) or 'none'}")
    if wrong:
        raise Wrong("; ".join(wrong), sign=" ".join(one.partition(":")[0] for one in wrong))


@probe("fetch.rowcount", needs=("write", "changes"))
def counted(subject):
    """The rowcount is how many rows a statement changed, and of a query how many there are or -1."""
    connection = subject.fresh()
    table = subject.table("counted")
    subject.run(connection, f"create table {table} (v integer)")
    statements = {
        "insert": (f"insert into {table} (v) select i from {subject.sql.series.format(n=3)}", 3),
        "update": (f"update {table} set v = v + 10 where v > 1", 2),
        "update of none": (f"update {table} set v = 0 where v = 99", 0),
        "delete": (f"delete from {table} where v = 1", 1),
    }
    got = {name: subject.run(connection, statement).rowcount for name, (statement, _) in statements.items()}
    if set(got.values()) == {-1}:
        wanted("rows left", subject.one(connection, f"select count(*) from {table}"), 2)
        # PEP 249 lets a driver say that it cannot tell.
        raise Unsupported("the driver does not count rows")
    wanted("rowcount", got, {name: count for name, (_, count) in statements.items()})
    cursor = subject.run(connection, f"select v from {table}")
    rows = cursor.fetchall()
    if cursor.rowcount not in (-1, len(rows)):
        raise Wrong(f"rowcount of a query: wanted -1 or {len(rows)}, got {cursor.rowcount}", sign="rowcount query")


@probe("fetch.sizes")
def sizes(subject):
    """fetchone, fetchmany and fetchall go on where the last one ended, and say when there is no more."""
    cursor = subject.run(subject.fresh(), f"select i from {subject.sql.series.format(n=25)}")

    def numbers(rows):
        return [row[0] for row in rows]

    wanted("the first", cursor.fetchone()[0], 1)
    wanted("ten", numbers(cursor.fetchmany(10)), list(range(2, 12)))
    wanted("the rest", numbers(cursor.fetchall()), list(range(12, 26)))
    wanted("no more", cursor.fetchone(), None)
    wanted("no more of many", len(cursor.fetchmany(5)), 0)
    wanted("no more of all", len(cursor.fetchall()), 0)
