"""SQLAlchemy's suite counts: what fails without being expected, what is expected too much or too long, what stands."""

from __future__ import annotations

import runpy
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from tests.probes.check.support import of_echo, of_lite

if TYPE_CHECKING:
    from collections.abc import Callable

SUITE = Path(__file__).parents[3] / "manager" / "probes" / "check" / "suite_run.py"
# A few tests of the suite, and a driver that shouts.
FEW = "TextTest"
BROKEN = """
class Cursor(sqlite3.Cursor):
    def execute(self, statement, values=()):
        return super().execute(statement, [one.upper() if isinstance(one, str) else one for one in values])
"""
STILL = """
import time
class Cursor(sqlite3.Cursor):
    def execute(self, statement, values=()):
        if "some text" in values:
            time.sleep(60)
        return super().execute(statement, values)
"""
ROUND_TRIP = {"test": "TextTest::test_text_roundtrip", "reason": "a driver of this test", "until": "2026-12-31"}


def asked(folder: Path, wrong: str = "", **more: Any) -> dict[str, Any]:
    """Ask for a part of the suite, with the pytest that runs this."""
    given = {
        "scheme": "sqlite", "harness": sysconfig.get_paths()["purelib"], "tests": FEW, "floor": 1,
        "today": "2026-11-22", "requirements": {"schemas": False}, **more,
    }  # fmt: skip
    return of_lite(folder, wrong, ["suite.dialect"], **given)["suite.dialect"]


def test_a_suite_that_passes_is_counted(tmp_path: Path) -> None:
    """Passed, failed and skipped are its measures."""
    line = asked(tmp_path)

    assert line["outcome"] == "pass", line
    assert line["measures"]["passed"] >= 3
    assert line["measures"]["failed"] == 0


def test_without_a_harness_it_is_unsupported(tmp_path: Path) -> None:
    """Pytest is no part of a set."""
    assert asked(tmp_path, harness="")["outcome"] == "unsupported"


def test_where_tls_is_asked_for_no_password_goes_without_it(tmp_path: Path) -> None:
    """The suite goes by a URL, which does not say TLS in every driver's words."""
    given = {"scheme": "postgresql+psycopg", "harness": "/nowhere", "source": {"tls": "verify-full"}}
    line = of_echo(tmp_path, "", ["suite.dialect"], **given)["suite.dialect"]

    assert (line["outcome"], "wants TLS" in line["reason"]) == ("unsupported", True)


def test_a_test_that_fails_is_named(tmp_path: Path) -> None:
    """Its name has no version of the server in it, so that it can be expected."""
    line = asked(tmp_path, BROKEN)

    assert line["outcome"] == "fail"
    assert "TextTest::test_text_roundtrip: " in line["reason"]


def test_what_is_expected_to_fail_may_fail(tmp_path: Path) -> None:
    """Counted, and no failure until its day is over; after it the day is named."""
    every = {**ROUND_TRIP, "test": "*TextTest::*"}

    valid, late = asked(tmp_path, BROKEN, expected=[every]), asked(
        tmp_path, BROKEN, expected=[{**every, "until": "2026-11-21"}]
    )  # fmt: skip

    assert valid["outcome"] == "pass", valid
    assert valid["measures"]["failed"] >= 1
    assert late["outcome"] == "fail"
    assert "no longer expected since their day is over: *TextTest::*" in late["reason"]


def test_what_is_expected_and_passes_fails(tmp_path: Path) -> None:
    """A list that is longer than what fails hides what will fail."""
    line = asked(tmp_path, expected=[ROUND_TRIP])

    assert (line["outcome"], line["signature"]) == ("fail", "Wrong expected too much")


@pytest.mark.parametrize("more", [{"floor": 500}, {"tests": "nothing_of_it"}])
def test_a_suite_that_asks_nearly_nothing_fails(tmp_path: Path, more: dict[str, Any]) -> None:
    """Few tests, or none, prove nothing."""
    assert asked(tmp_path, **more)["outcome"] == "fail"


def test_a_requirement_that_the_suite_does_not_know_fails(tmp_path: Path) -> None:
    """What is misspelt would silently be left as it is."""
    line = asked(tmp_path, requirements={"shemas": False})

    assert line["outcome"] == "fail"
    assert "no requirement shemas" in line["reason"]


def test_a_key_that_numbers_itself_is_given_a_sequence() -> None:
    """The dialects that this is for inherit PostgreSQL's SERIAL, and have no such type; any other key is left alone."""
    numbered: Callable[..., None] = runpy.run_path(str(SUITE))["numbered"]
    table = sqlalchemy.Table("t", sqlalchemy.MetaData(), sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True))
    named = sqlalchemy.Table("n", sqlalchemy.MetaData(), sqlalchemy.Column("id", sqlalchemy.Text, primary_key=True))
    before = str(CreateTable(table).compile(dialect=postgresql.dialect()))

    numbered(table, None)
    numbered(named, None)

    after = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert ("SERIAL" in before, "SERIAL" in after) == (True, False)
    assert isinstance(table.c.id.default, sqlalchemy.Sequence)
    assert named.c.id.default is None


def test_a_suite_that_does_not_begin_could_not_tell(tmp_path: Path) -> None:
    """What pytest waits for is nothing of the driver's."""
    (tmp_path / "pytest.py").write_text("import time\ntime.sleep(60)\n")

    line = asked(tmp_path, start=3)

    assert (line["outcome"], "did not begin" in line["reason"]) == ("error", True), line


def test_a_driver_that_stands_still_fails(tmp_path: Path) -> None:
    """The test that hangs is named, and its processes are ended."""
    line = asked(tmp_path, STILL, silence=4)

    assert line["outcome"] == "fail", line
    assert "stands still in TextTest" in line["reason"]
