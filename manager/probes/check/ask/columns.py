"""Columns: what polars and Arrow make of a driver's rows, and what of a query over columns reaches the engine."""

import importlib
import importlib.util
from pathlib import Path

from ask.frames import MONEY, filled
from asking import Unsupported, Wrong, probe, wanted

_WORD, _RAW = "Grüße 😀", b"\x00\xff"
# Of polars, with the scale of a decimal. Its precision is polars' own choice.
_TYPES = (["Int64", None], ["Decimal", 4], ["String", None], ["Binary", None])


def of_set(name):
    """Import a package of the set; raises Unsupported where it has none."""
    if importlib.util.find_spec(name) is None:
        raise Unsupported(f"the set has no {name}")
    return importlib.import_module(name)


def both(names, rows):
    """See that two rows are the ones that ``filled`` wrote, the second one NULL but for its id."""
    wanted("columns", list(names), ["id", "money", "word", "raw"])
    wanted("rows", len(rows), 2)
    for name, got, want in zip(names, rows[0], (1, MONEY, _WORD, _RAW), strict=True):
        wanted(name, got, want)
    wanted("NULL", tuple(rows[1]), (2, None, None, None))


@probe("frames.polars", needs=("alchemy", "write"))
def golden(subject):
    """``read_database`` gives Int64, Decimal with its scale, String and Binary, to the last digit, and null."""
    polars = of_set("polars")
    import sqlalchemy

    table = filled(subject)
    with subject.engine().connect() as connection:
        frame = polars.read_database(sqlalchemy.text(f"select * from {table} order by id"), connection)
    types = [[kind.base_type().__name__, getattr(kind, "scale", None)] for kind in frame.schema.values()]
    for name, got, want in zip(frame.columns, types, _TYPES, strict=True):
        wanted(f"type of {name}", got, want)
    both(frame.columns, frame.rows())


@probe("frames.polars-write", needs=("alchemy", "write"))
def written(subject):
    """``write_database`` writes what ``read_database`` gives back."""
    polars = of_set("polars")
    for name in ("pandas", "pyarrow"):
        # It goes through both.
        of_set(name)
    rows = {"id": [1, 2, 3], "ratio": [0.1, -2.5, 1e300], "word": ["ü", None, "😀"]}
    subject.place()
    engine, table = subject.engine(), subject.table("columns")
    polars.DataFrame(rows).write_database(table, engine)
    with engine.connect() as connection:
        frame = polars.read_database(f"select * from {table} order by id", connection)
    for name, values in rows.items():
        wanted(name, frame[name].to_list(), values)


@probe("frames.arrow", needs=("write",), engines=("duckdb",), drivers=("duckdb",))
def arrow(subject):
    """A query as an Arrow table: int64, decimal128(18, 4), string, binary, to the last digit, and null."""
    of_set("pyarrow")
    table = filled(subject)
    got = subject.fresh().sql(f"select * from {table} order by id").to_arrow_table()
    for field, want in zip(got.schema, ("int64", "decimal128(18, 4)", "string", "binary"), strict=True):
        wanted(f"type of {field.name}", str(field.type), want)
    both(got.column_names, [tuple(row.values()) for row in got.to_pylist()])


@probe("frames.arrow-in", needs=("write",), engines=("duckdb",), drivers=("duckdb",))
def given(subject):
    """An Arrow table and a frame of pandas are asked like tables."""
    arrow, pandas = of_set("pyarrow"), of_set("pandas")
    rows = {"id": [1, 2, 3], "word": ["ü", None, "😀"]}
    # A cursor is a connection of its own, which knows no frame of another one.
    cursor = subject.fresh().cursor()
    for name, one in (("from_arrow", arrow.table(rows)), ("from_pandas", pandas.DataFrame(rows))):
        cursor.register(name, one)
        cursor.execute(f"select id, word from {name} where id > 1 order by id")
        got = cursor.fetchall()
        wanted(name, [tuple(row) for row in got], [(2, None), (3, "😀")])


@probe("frames.push-down", needs=("write",), engines=("duckdb",), drivers=("duckdb",))
def pushed(subject):
    """A filter over a Parquet file is applied by the scan: the plan has no step of its own for it."""
    connection = subject.fresh()
    file = Path(f"{subject.database}.parquet")
    try:
        subject.run(connection, f"copy (select range as id from range(100000)) to '{file}' (format parquet)").close()
        query = f"select count(*) from '{file}' where id = 99999"
        wanted("rows", subject.one(connection, query), 1)
        plan = subject.run(connection, f"explain {query}").fetchone()[1]
    finally:
        file.unlink(missing_ok=True)
    # Steps stand in capitals, a scan's own filters in a line of its box.
    if "FILTER" in plan or "Filters:" not in plan:
        raise Wrong(f"the filter is no part of the scan: {plan[:300]}", sign="no push-down")
