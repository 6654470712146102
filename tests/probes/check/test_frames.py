"""Frames that are read or written wrong are found; pandas is made up here, as a set without it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.probes.check.support import DECIMALS, LITE, asked, of_echo

if TYPE_CHECKING:
    from pathlib import Path

PANDAS = """
from decimal import Decimal

class Column:
    def __init__(self, dtype, values):
        self.dtype, self.values = dtype, values
    def tolist(self):
        return self.values

class DataFrame(dict):
    WRITTEN = {}
    @property
    def columns(self):
        return list(self)
    def to_sql(self, name, connection, index):
        DataFrame.WRITTEN = {key: Column("object", list(values)) for key, values in self.items()}

def isna(value):
    return value is None

MONEY = Decimal("12345678901234.5678")
KEPT = {"id": Column("int64", [1, 2]), "money": Column("float64", [float(MONEY), None]),
    "word": Column("str", ["Grüße 😀", None]), "raw": Column("object", [b"\\0\\xff", None])}

def read_sql(query, connection, coerce_float=True):
    if "written" in str(query):
        return DataFrame(DataFrame.WRITTEN)
    return DataFrame(KEPT if coerce_float else KEPT | {"money": Column("object", [MONEY, None])})
"""
BY_PANDAS = ["frames.pandas", "frames.pandas-decimal", "frames.to-sql"]


def by_pandas(folder: Path, wrong: str, probes: list[str]) -> dict[str, dict[str, Any]]:
    """Ask with a pandas of this code beside the driver; "" for none."""
    if wrong:
        (folder / "pandas.py").write_text(PANDAS + wrong, encoding="utf-8")
    source = {"engine": "duckdb", "version": "", "embedded": True, "database": ":memory:"}
    source["capabilities"] = ["fresh-database"]
    return asked(folder, "pysqlite3", LITE + DECIMALS, probes, source, scheme="sqlite")


def test_frames_that_are_right_pass(tmp_path: Path) -> None:
    """What is read is golden, and what is written comes back."""
    lines = by_pandas(tmp_path, "\n", BY_PANDAS)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(BY_PANDAS, "pass"), lines


def test_a_set_without_pandas_has_no_frames(tmp_path: Path) -> None:
    """Which is no failure of its driver."""
    lines = by_pandas(tmp_path, "", BY_PANDAS)

    assert {line["outcome"] for line in lines.values()} == {"unsupported"}


WRONG = [
    ("frames.pandas", "KEPT['money'].dtype = 'object'", "Wrong types"),
    ("frames.pandas", "KEPT['id'].dtype = 'float64'", "Wrong types"),
    ("frames.pandas", "KEPT['word'].values = ['Gr??e ?', None]", "Wrong word"),
    ("frames.pandas", "KEPT['raw'].values = [b'', None]", "Wrong raw"),
    ("frames.pandas", "KEPT['word'].values = ['Grüße 😀', 'None']", "Wrong NULL word"),
    ("frames.pandas-decimal", "MONEY = float(MONEY)", "Wrong money float"),
    ("frames.to-sql", "DataFrame.to_sql = lambda self, *given, **named: None", "KeyError"),
    ("frames.to-sql", "def list(values):\n    return [str(one) for one in values]", "Wrong id list"),
]


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_frame_that_is_wrong_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """With what is wrong in it."""
    line = by_pandas(tmp_path, f"\n{wrong}\n", [probe])[probe]

    assert line["outcome"] == "fail", line
    assert line["signature"].startswith(sign)


# Keeps what COPY is given as it is.
COPY = """
from contextlib import contextmanager
ROWS, TEXT = [(1, "Grüße"), (2, None), (3, "a\\tb\\\\")], []
class Stream(list):
    def write(self, text):
        TEXT.append(text)
class Cursor(Cursor):
    @contextmanager
    def copy(self, statement):
        yield Stream(TEXT if "to stdout" in statement else [])
    def execute(self, statement, values=()):
        if "order by id" in statement:
            self.rows = list(ROWS)
        else:
            super().execute(statement, values)
"""


@pytest.mark.parametrize(
    ("wrong", "sign"),
    [
        ("", ""),
        ("ROWS[1] = (2, 'N')", "Wrong rows"),
        ("ROWS.pop()", "Wrong rows"),
        ("Stream.write = lambda self, text: TEXT.append(text[:-1])", "Wrong text"),
    ],
)
def test_copy_gives_what_it_took(tmp_path: Path, wrong: str, sign: str) -> None:
    """Rows that are read by other means, and the text of them."""
    line = of_echo(tmp_path, f"{COPY}\n{wrong}\n", ["frames.copy"])["frames.copy"]

    assert line["outcome"] == ("fail" if sign else "pass"), line
    assert line.get("signature", "").startswith(sign)


ODBC = """
import re
opened = connect
class Cursor(sqlite3.Cursor):
    fast_executemany = False
    def executemany(self, statement, rows):
        return super().executemany(statement, [sent(row) for row in rows])
def sent(row):
    return row
def connect(text):
    return opened(re.search("Database=([^;]*)", text)[1])
"""


@pytest.mark.parametrize(
    ("wrong", "outcome"),
    [("", "pass"), ("sent = lambda row: (row[0], row[1] or '')", "fail"), ("sent = lambda row: (1, row[1])", "fail")],
)
def test_rows_in_bulk_are_the_same(tmp_path: Path, wrong: str, outcome: str) -> None:
    """A buffer that is used again, or NULL as an empty text."""
    source = {"engine": "sqlite", "version": "", "embedded": True, "database": ":memory:", "driver": "SQLite3"}
    source["capabilities"] = ["fresh-database"]

    lines = asked(tmp_path, "pyodbc", LITE + ODBC + wrong, ["frames.fast-executemany"], source)

    assert lines["frames.fast-executemany"]["outcome"] == outcome, lines
