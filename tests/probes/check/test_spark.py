"""Spark SQL: what it has not is unsupported with a reason, and what it has is asked in its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo

if TYPE_CHECKING:
    from pathlib import Path

# A driver under PyHive's name that answers Spark's own statements.
SPARK = """
class Cursor(Cursor):
    def execute(self, statement, values=()):
        if statement.startswith("truncate table "):
            TABLES[statement.split()[2]] = []
        else:
            super().execute(re.sub(r"cast\\((%s) as .*\\)\\)$", r"\\1)", statement), values)
class Connection(Connection):
    def cursor(self):
        return Cursor(self)
def connect(**words):
    if words.pop("auth") != "CUSTOM":
        raise OperationalError("no sign-in")
    words["user"] = words.pop("username")
    entered(words)
    return Connection(words)
"""


def of_spark(folder: Path, wrong: str, probes: list[str]) -> dict[str, dict[str, object]]:
    """Ask of the made-up driver, changed by code; give the lines by id."""
    return of_echo(folder, SPARK + wrong, probes, driver="pyhive", engine="spark")


@pytest.mark.parametrize(
    ("probe", "why"),
    [
        ("transactions.rollback", "no transactions"),
        ("errors.deadlock", "no transactions"),
        ("errors.unique", "no keys"),
        ("fetch.rowcount", "no UPDATE"),
        ("limits.killed", "no statement that ends a session"),
        ("values.time", "no type for it"),
        ("connect.awkward-database", "letters, digits and underscores"),
    ],
)
def test_what_spark_has_not_is_unsupported_with_its_reason(tmp_path: Path, probe: str, why: str) -> None:
    """And it is no failure of the driver, which is not even asked."""
    line = of_spark(tmp_path, "", [probe])[probe]

    assert line["outcome"] == "unsupported", line
    assert why in str(line["reason"])


@pytest.mark.parametrize("probe", ["values.decimal", "values.date", "values.bytes", "values.unicode", "connect.select"])
def test_what_spark_has_is_asked_of_the_driver(tmp_path: Path, probe: str) -> None:
    """A driver that keeps what it is given passes, its tables emptied in Spark's words."""
    assert of_spark(tmp_path, "", [probe])[probe]["outcome"] == "pass"


@pytest.mark.parametrize(
    ("probe", "wrong"),
    [
        ("values.decimal", "given = float"),
        ("values.date", "given = str"),
        ("values.bytes", "given = lambda value: value.decode('latin-1')"),
        ("connect.select", "SAID['select 1'] = (2,)"),
    ],
)
def test_a_driver_that_changes_what_spark_gives_fails(tmp_path: Path, probe: str, wrong: str) -> None:
    """The control: the same probes can fail."""
    assert of_spark(tmp_path, wrong, [probe])[probe]["outcome"] == "fail"


def test_what_another_engine_has_is_asked_there(tmp_path: Path) -> None:
    """The control of the first: PostgreSQL lacks none of it, so the made-up driver, which has no rollback, fails."""
    assert of_echo(tmp_path, "", ["transactions.rollback"])["transactions.rollback"]["outcome"] == "fail"
