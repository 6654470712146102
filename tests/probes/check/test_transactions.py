"""A commit that is none, a rollback that keeps, an autocommit that waits: each is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_lite

if TYPE_CHECKING:
    from pathlib import Path

PROBES = [
    "transactions.commit", "transactions.rollback", "transactions.isolation", "transactions.implicit",
    "transactions.closing", "transactions.autocommit", "transactions.savepoint", "transactions.ddl",
    "transactions.cursors",
]  # fmt: skip


def test_a_driver_that_keeps_its_word_passes(tmp_path: Path) -> None:
    """All of them, with SQLite."""
    lines = of_lite(tmp_path, "", PROBES)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(PROBES, "pass"), lines


HEAD = "\nclass Connection(Connection):\n    "
# After the table was made a commit does nothing.
NO_COMMIT = """made = 0
    def commit(self):
        self.made += 1
        if self.made < 2:
            super().commit()"""
KEEPS = "def rollback(self):\n        self.commit()"
STAYS_OPEN = "def rollback(self):\n        pass"
EAGER = "def __init__(self, *given, **named):\n        super().__init__(*given, isolation_level=None)"
COMMITS_AT_THE_END = "def close(self):\n        self.commit()\n        super().close()"
# The property is taken and forgotten.
DEAF = "isolation_level = ''"


def statement(condition: str) -> str:
    """Skip statements of a kind."""
    return f"""
class Cursor(sqlite3.Cursor):
    def execute(self, text, *values):
        return self if {condition} else super().execute(text, *values)
"""


# Each table is made in a transaction of its own, as MariaDB does.
COMMITS_DDL = """
class Cursor(sqlite3.Cursor):
    def execute(self, text, *values):
        if not text.startswith("create"):
            return super().execute(text, *values)
        self.connection.commit()
        super().execute(text)
        self.connection.commit()
        return self
"""
APART = """
class Connection(Connection):
    def cursor(self):
        return sqlite3.connect(self.execute("pragma database_list").fetchone()[2]).cursor()
"""

WRONG = [
    ("transactions.commit", HEAD + NO_COMMIT, "Wrong rows list"),
    ("transactions.rollback", HEAD + KEEPS, "Wrong own rows afterwards list"),
    ("transactions.rollback", HEAD + STAYS_OPEN, "Wrong own rows afterwards list"),
    ("transactions.isolation", HEAD + EAGER, "Wrong rows list"),
    ("transactions.isolation", HEAD + NO_COMMIT, "Wrong rows afterwards list"),
    ("transactions.implicit", HEAD + EAGER, "Wrong rows list"),
    ("transactions.closing", HEAD + COMMITS_AT_THE_END, "Wrong rows list"),
    ("transactions.autocommit", HEAD + DEAF, "Wrong rows list"),
    ("transactions.savepoint", statement("text.startswith('rollback to')"), "Wrong rows list"),
    ("transactions.ddl", COMMITS_DDL, "Wrong the table is there bool"),
    ("transactions.cursors", HEAD + KEEPS, "Wrong rows afterwards int"),
    ("transactions.cursors", APART, "Wrong rows int"),
]


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_driver_that_breaks_its_word_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """With a signature that says what was seen."""
    line = of_lite(tmp_path, wrong, [probe])[probe]

    assert (line["outcome"], line.get("signature", "")) == ("fail", sign), line
