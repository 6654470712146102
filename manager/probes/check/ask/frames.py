"""Frames: what pandas makes of a driver's rows, and rows in bulk by COPY."""

import importlib.util
import io
from decimal import Decimal

from asking import Unsupported, Wrong, probe, shown, wanted

MONEY = Decimal("12345678901234.5678")


def pandas():
    """Give pandas; raises Unsupported where the set has none."""
    if importlib.util.find_spec("pandas") is None:
        raise Unsupported("the set has no pandas")
    import pandas

    return pandas


def filled(subject):
    """Make a table of two rows, the second one NULL; give its name."""
    types = subject.sql.types
    columns = [("id", types["bigint"]), ("money", types["money"]), ("word", types["text"]), ("raw", types["bytes"])]
    if types["money"] is None:
        raise Unsupported(f"{subject.sql.name} has no decimals")
    connection = subject.fresh()
    table = subject.table("framed")
    subject.run(connection, f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in columns)})")
    insert = f"insert into {table} (id, money, word, raw) values (?, ?, ?, ?)"
    subject.run(connection, insert, [1, MONEY, "Grüße 😀", b"\x00\xff"])
    subject.run(connection, insert, [2, None, None, None])
    connection.commit()
    connection.close()
    return table


def read(subject, table, **more):
    """Read a table by pandas through SQLAlchemy."""
    import sqlalchemy

    engine = subject.engine()
    with engine.connect() as connection:
        return pandas().read_sql(sqlalchemy.text(f"select * from {table} order by id"), connection, **more)


@probe("frames.pandas", needs=("alchemy", "write"))
def golden(subject):
    """``read_sql`` gives integers as int64, NUMERIC as float64 (its ``coerce_float``), texts, bytes, and NULL."""
    frames = pandas()
    frame = read(subject, filled(subject))
    wanted("columns", list(frame.columns), ["id", "money", "word", "raw"])
    kinds = {name: str(frame[name].dtype) for name in ("id", "money")}
    wanted("types", kinds, {"id": "int64", "money": "float64"})
    first = {name: frame[name].tolist()[0] for name in frame.columns}
    wanted("money", first["money"], float(MONEY))
    wanted("word", first["word"], "Grüße 😀")
    # A memoryview is what psycopg2 gives for bytes.
    wanted("raw", bytes(first["raw"]), b"\x00\xff")
    for name in ("money", "word", "raw"):
        if not frames.isna(frame[name].tolist()[1]):
            raise Wrong(f"{name}: NULL is {shown(frame[name].tolist()[1])}", sign=f"NULL {name}")


@probe("frames.pandas-decimal", needs=("alchemy", "write"))
def exact(subject):
    """``read_sql`` with ``coerce_float=False`` gives NUMERIC(18,4) as Decimal, to the last digit."""
    pandas()
    wanted("money", read(subject, filled(subject), coerce_float=False)["money"].tolist()[0], MONEY)


@probe("frames.to-sql", needs=("alchemy", "write"))
def written(subject):
    """``to_sql`` writes what ``read_sql`` gives back."""
    frames = pandas()
    rows = {"id": [1, 2, 3], "ratio": [0.1, -2.5, 1e300], "word": ["ü", "", "😀"]}
    subject.place()
    engine, table = subject.engine(), subject.table("written")
    with engine.begin() as connection:
        frames.DataFrame(rows).to_sql(table, connection, index=False)
    engine.dispose()
    frame = read(subject, table)
    for name, values in rows.items():
        wanted(name, frame[name].tolist(), values)


# Text as COPY writes it, and the rows that it stands for.
_LINES = b"1\tGr\xc3\xbc\xc3\x9fe\n2\t\\N\n3\ta\\tb\\\\\n"
_ROWS = [(1, "Grüße"), (2, None), (3, "a\tb\\")]


@probe("frames.copy", needs=("write",), engines=("postgresql",), drivers=("psycopg", "psycopg2"))
def copied(subject):
    """COPY takes rows in, NULL, tabs and backslashes among them, and gives the same text out."""
    connection = subject.fresh()
    table = subject.table("copied")
    subject.run(connection, f"create table {table} (id bigint, word text)")
    cursor = connection.cursor()
    into, out = f"copy {table} from stdin", f"copy (select * from {table} order by id) to stdout"
    if hasattr(cursor, "copy_expert"):
        cursor.copy_expert(into, io.BytesIO(_LINES))
        there = subject.run(connection, f"select * from {table} order by id").fetchall()
        file = io.BytesIO()
        cursor.copy_expert(out, file)
        text = file.getvalue()
    else:
        with cursor.copy(into) as stream:
            stream.write(_LINES)
        there = subject.run(connection, f"select * from {table} order by id").fetchall()
        with cursor.copy(out) as stream:
            text = b"".join(bytes(one) for one in stream)
    wanted("rows", [tuple(one) for one in there], _ROWS)
    wanted("text", text, _LINES)


@probe("frames.fast-executemany", needs=("write",), drivers=("pyodbc",))
def in_bulk(subject):
    """``fast_executemany`` stores the same rows as one after the other, NULL among them."""
    rows = [(number, None if number % 7 == 0 else f"wörd {number}") for number in range(1, 201)]
    connection = subject.fresh()
    table = subject.table("bulk")
    subject.run(connection, f"create table {table} (id integer, word varchar(40))")
    cursor = connection.cursor()
    cursor.fast_executemany = True
    cursor.executemany(f"insert into {table} (id, word) values (?, ?)", rows)
    connection.commit()
    wanted(
        "rows", [tuple(one) for one in subject.run(connection, f"select * from {table} order by id").fetchall()], rows
    )
