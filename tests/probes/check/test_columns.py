"""Columns that are read, given or asked wrong are found; polars, Arrow and DuckDB are made up here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.probes.check.support import DECIMALS, LITE, asked

if TYPE_CHECKING:
    from pathlib import Path

POLARS = """
from decimal import Decimal

class Kind:
    def __init__(self, name, scale=None):
        self.__name__ = name
        if scale is not None:
            self.scale = scale
    def base_type(self):
        return self

class Values(list):
    to_list = lambda self: list(self)

class DataFrame:
    WRITTEN = {}
    def __init__(self, rows, schema=None):
        self.by, self.schema = rows, schema
        self.columns = list(rows)
    def __getitem__(self, name):
        return Values(self.by[name])
    def rows(self):
        return list(zip(*self.by.values()))
    def write_database(self, table, engine):
        DataFrame.WRITTEN = {name: list(values) for name, values in self.by.items()}

SCHEMA = {"id": Kind("Int64"), "money": Kind("Decimal", 4), "word": Kind("String"), "raw": Kind("Binary")}
KEPT = {"id": [1, 2], "money": [Decimal("12345678901234.5678"), None], "word": ["Grüße 😀", None],
    "raw": [b"\\0\\xff", None]}

def read_database(query, connection):
    return DataFrame(DataFrame.WRITTEN) if "columns" in str(query) else DataFrame(KEPT, SCHEMA)
"""
BY_POLARS = ["frames.polars", "frames.polars-write"]
# SQLite under the name of DuckDB: tables of Arrow, frames and the plan of a statement are as they should be.
DUCK = """
from decimal import Decimal

class Field:
    def __init__(self, name, type):
        self.name, self.type = name, type

KINDS = {"id": "int64", "money": "decimal128(18, 4)", "word": "string", "raw": "binary"}
ROWS = [{"id": 1, "money": Decimal("12345678901234.5678"), "word": "Grüße 😀", "raw": b"\\0\\xff"},
    {"id": 2, "money": None, "word": None, "raw": None}]
PLAN = "PARQUET_SCAN Filters: id=99999"
SEEN = {}

class Table:
    column_names = list(KINDS)
    schema = [Field(name, kind) for name, kind in KINDS.items()]
    def to_pylist(self):
        return ROWS

class Relation:
    def to_arrow_table(self):
        return Table()

class Cursor(Cursor):
    said = None
    def register(self, name, rows):
        SEEN[name] = list(zip(*rows.values()))
    def execute(self, statement, *values):
        words = statement.split()
        self.said = None
        if "from_" in statement:
            self.said = [row for row in SEEN[words[words.index("from") + 1]] if row[0] > 1]
        elif words[0] == "explain":
            self.said = [("physical_plan", PLAN)]
        elif "parquet" in statement:
            self.said = [(1,)]
        else:
            return super().execute(statement, *values)
    def fetchone(self):
        return self.said[0] if self.said else super().fetchone()
    def fetchall(self):
        return self.said if self.said else super().fetchall()

class Connection(Connection):
    def sql(self, query):
        return Relation()
    def cursor(self, factory=None):
        return sqlite3.Connection.cursor(self, Cursor)

def connect(database, **more):
    return sqlite3.connect(database, factory=Connection, **more)
"""
BY_DUCK = ["frames.arrow", "frames.arrow-in", "frames.push-down"]
SOURCE = {
    "engine": "duckdb",
    "version": "",
    "embedded": True,
    "database": ":memory:",
    "capabilities": ["fresh-database"],
}


def by_polars(folder: Path, wrong: str, probes: list[str]) -> dict[str, dict[str, Any]]:
    """Ask with a polars of this code beside the driver; "" for none."""
    if wrong:
        (folder / "polars.py").write_text(POLARS + wrong, encoding="utf-8")
        for name in ("pandas", "pyarrow"):
            (folder / f"{name}.py").write_text("", encoding="utf-8")
    return asked(folder, "pysqlite3", LITE + DECIMALS, probes, SOURCE, scheme="sqlite")


def by_duck(folder: Path, wrong: str, probes: list[str], packages: tuple[str, ...] = ("pandas", "pyarrow")) -> Any:
    """Ask of what stands in for DuckDB, beside packages whose tables are plain dicts."""
    for name in packages:
        (folder / f"{name}.py").write_text("table = DataFrame = dict", encoding="utf-8")
    return asked(folder, "duckdb", LITE + DECIMALS + DUCK + wrong, probes, SOURCE)


def test_columns_that_are_right_pass(tmp_path: Path) -> None:
    """What is read is golden, and what is written or given comes back."""
    lines = by_polars(tmp_path, "\n", BY_POLARS) | by_duck(tmp_path, "", BY_DUCK)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(BY_POLARS + BY_DUCK, "pass"), lines


def test_a_set_without_polars_and_arrow_has_no_columns(tmp_path: Path) -> None:
    """Which is no failure of its driver."""
    lines = by_polars(tmp_path, "", BY_POLARS) | by_duck(tmp_path, "", BY_DUCK[:2], packages=())

    assert {line["outcome"] for line in lines.values()} == {"unsupported"}, lines


@pytest.mark.parametrize(
    ("probe", "wrong", "sign"),
    [
        ("frames.polars", "SCHEMA['money'] = Kind('Float64')", "Wrong type of money"),
        ("frames.polars", "SCHEMA['money'] = Kind('Decimal', 2)", "Wrong type of money"),
        ("frames.polars", "SCHEMA['raw'] = Kind('Object')", "Wrong type of raw"),
        ("frames.polars", "KEPT['money'][0] += Decimal('0.0001')", "Wrong money"),
        ("frames.polars", "KEPT['word'][1] = ''", "Wrong NULL"),
        ("frames.polars", "KEPT = {name: values[:1] for name, values in KEPT.items()}", "Wrong rows"),
        ("frames.polars-write", "DataFrame.write_database = lambda *given: None", "KeyError"),
        ("frames.polars-write", "Values.to_list = lambda self: [one or '' for one in self]", "Wrong word"),
    ],
)
def test_what_polars_makes_wrong_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """With what is wrong in it."""
    line = by_polars(tmp_path, f"\n{wrong}\n", [probe])[probe]

    assert line["outcome"] == "fail", line
    assert line["signature"].startswith(sign)


@pytest.mark.parametrize(
    ("probe", "wrong", "sign"),
    [
        ("frames.arrow", "Table.schema[1].type = 'double'", "Wrong type of money"),
        ("frames.arrow", "ROWS[0]['word'] = 'Gr??e'", "Wrong word"),
        ("frames.arrow", "ROWS[1]['raw'] = b''", "Wrong NULL"),
        ("frames.arrow-in", "Cursor.register = lambda self, name, rows: SEEN.update({name: [(2, 0)]})", "Wrong from_a"),
        ("frames.push-down", "PLAN = 'FILTER id=99999 PARQUET_SCAN'", "Wrong no push-down"),
        ("frames.push-down", "PLAN = 'FILTER id=99999 PARQUET_SCAN Filters: optional'", "Wrong no push-down"),
    ],
)  # fmt: skip
def test_what_duckdb_makes_wrong_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """With what is wrong in it."""
    line = by_duck(tmp_path, f"\n{wrong}\n", [probe])[probe]

    assert line["outcome"] == "fail", line
    assert line["signature"].startswith(sign)
