"""Rows that are lost, changed or kept in memory, names and counts that are wrong: each is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_lite

if TYPE_CHECKING:
    from pathlib import Path

PROBES = [
    "fetch.rows", "fetch.stream", "fetch.executemany", "fetch.duplicate-names", "fetch.names", "fetch.description",
    "fetch.rowcount", "fetch.sizes",
]  # fmt: skip
TYPES = """
class Type:
    def __init__(self, *names):
        self.names = names
    def __eq__(self, other):
        return other in self.names
NUMBER, STRING, BINARY = Type("i"), Type("s"), Type("b")
CODES = ("i", "s", "b")
class Cursor(sqlite3.Cursor):
    @property
    def description(self):
        found = super().description
        if found and found[0][0] == "c0":
            return [(name, code, *rest) for (name, _, *rest), code in zip(found, CODES)]
        return found
"""


def test_a_driver_that_gives_everything_passes(tmp_path: Path) -> None:
    """With figures where time and memory are measured; what has no type objects cannot be asked for them."""
    lines = of_lite(tmp_path, "", [*PROBES, "fetch.type-codes"])
    typed = of_lite(tmp_path, TYPES, ["fetch.type-codes"])

    ends = {name: line["outcome"] for name, line in lines.items()}
    assert ends == {**dict.fromkeys(PROBES, "pass"), "fetch.type-codes": "unsupported"}, lines
    assert lines["fetch.rows"]["measures"]["rows"] == 200_000
    assert lines["fetch.stream"]["measures"]["peak_mib"] < 64
    assert typed["fetch.type-codes"]["outcome"] == "pass"


def cursor(code: str) -> str:
    """Change a cursor of the made-up driver."""
    return f"\nclass Cursor(sqlite3.Cursor):\n    {code}\n"


LOSES = "def fetchall(self):\n        return super().fetchall()[:-1]"
SWAPS = "def fetchall(self):\n        rows = super().fetchall()\n        rows[7] = rows[8]\n        return rows"
KEEPS = """rows = None
    def fetchmany(self, size):
        if self.rows is None:
            self.rows = [tuple(map(bytes, [8, 200])) + row for row in self.fetchall()]
        some, self.rows = self.rows[:size], self.rows[size:]
        return [row[2:] for row in some]"""
STOPS = """seen = 0
    def fetchmany(self, size):
        self.seen += size
        return super().fetchmany(size) if self.seen < 900_000 else []"""
FIRST_ONLY = "def executemany(self, text, rows):\n        return super().executemany(text, rows[:-1])"
CUTS = "def executemany(self, text, rows):\n        return super().executemany(text, [(n, v[:9]) for n, v in rows])"
BY_NAME = """def fetchone(self):
        row = super().fetchone()
        return row and (row[1], *row[1:])"""
ONE_NAME = """@property
    def description(self):
        found = super().description
        return found and list({one[0].lower(): (one[0].lower(), *one[1:]) for one in found}.values())"""
NINE = """@property
    def description(self):
        found = super().description
        return found and [(*one, 0, 0) for one in found]"""
DESCRIBES_ALL = """@property
    def description(self):
        return super().description or ()"""
COUNTS = "rowcount = 1"
COUNTS_NOT = "rowcount = -1"
AGAIN = "def fetchall(self):\n        return super().fetchall() or [(1,)]"
ALWAYS_TEN = "def fetchmany(self, size=1):\n        return super().fetchmany(7)"

WRONG = [
    ("fetch.rows", cursor(LOSES), "fail", "Wrong rows int"),
    ("fetch.rows", cursor(SWAPS), "fail", "Wrong row"),
    ("fetch.stream", cursor(KEEPS), "fail", "Wrong stream memory"),
    ("fetch.stream", cursor(STOPS), "fail", "Wrong rows int"),
    ("fetch.executemany", cursor(FIRST_ONLY), "fail", "Wrong rows int"),
    ("fetch.executemany", cursor(CUTS), "fail", "Wrong values list"),
    ("fetch.duplicate-names", cursor(BY_NAME), "fail", "Wrong row tuple"),
    ("fetch.duplicate-names", cursor(ONE_NAME), "fail", "Wrong names list"),
    ("fetch.names", cursor(ONE_NAME), "fail", "Wrong names list"),
    ("fetch.description", cursor(NINE), "fail", "Wrong items list"),
    ("fetch.description", cursor(DESCRIBES_ALL), "fail", "Wrong description of a statement tuple"),
    ("fetch.type-codes", TYPES + "NUMBER.names = ('x',)", "fail", "Wrong NUMBER"),
    ("fetch.type-codes", TYPES + "STRING.names = BINARY.names = ('s', 'b')", "fail", "Wrong STRING BINARY"),
    ("fetch.rowcount", cursor(COUNTS), "fail", "Wrong rowcount dict"),
    ("fetch.rowcount", cursor(COUNTS_NOT), "unsupported", ""),
    ("fetch.sizes", cursor(AGAIN), "fail", "Wrong no more of all int"),
    ("fetch.sizes", cursor(ALWAYS_TEN), "fail", "Wrong ten list"),
]  # fmt: skip


@pytest.mark.parametrize(("probe", "wrong", "outcome", "sign"), WRONG)
def test_a_driver_that_fetches_wrongly_fails(tmp_path: Path, probe: str, wrong: str, outcome: str, sign: str) -> None:
    """With a signature that says what is wrong."""
    line = of_lite(tmp_path, wrong, [probe])[probe]

    assert (line["outcome"], line.get("signature", "")) == (outcome, sign), line
