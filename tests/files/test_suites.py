"""What a connector's ``suite.toml`` may say: it is judged with the rest of the catalog, whatever lies in its place."""

from __future__ import annotations

# A case stays on one line, however long: the table is read by column.
# ruff: noqa: E501
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.suites import Expected, Suite
from manager.errors import CatalogError
from manager.world import files
from tests.files.spoiling import Case, spoiled

if TYPE_CHECKING:
    from conftest import Small

REPOSITORY = Path(__file__).parents[2]
FILE = "connectors/postgresql/suite.toml"
TEXT = """\
drivers = ["psycopg"]
keys = "sequences"

[requirements]
open = ["ctes", "array_type"]
closed = ["schemas"]

[[expected]]
test = "ComputedColumnTest::test_select_*"
drivers = ["psycopg"]
sources = ["postgresql-17"]
reason = "There are only stored computed columns."
until = 2027-03-31
"""


@pytest.fixture
def suited(small: Small) -> Small:
    """Give a catalog with a file that says all that one can say."""
    small.write(FILE, TEXT)
    return small


def said(catalog: Small) -> Suite | None:
    """Load the catalog; give what its connector says of the suite."""
    return files.load(catalog.root, shipped=False).connectors[0].suite


def test_what_it_says_is_read(suited: Small) -> None:
    """The negative control of the table. Without a file the suite is not asked; an empty one is no such thing."""
    (one,) = ("ComputedColumnTest::test_select_*",)
    reason, day = "There are only stored computed columns.", date(2027, 3, 31)

    expected = Expected(one, reason, day, ("psycopg",), ("postgresql-17",))
    assert said(suited) == Suite(("ctes", "array_type"), ("schemas",), (expected,), ("psycopg",), "sequences")
    suited.write(FILE, "")
    assert said(suited) == Suite()
    (suited.root / FILE).unlink()
    assert said(suited) is None


CASES = [
    Case("an unknown key", "[requirements]", "[requirement]", "requirement", "[requirement]", "unknown key", "requirements"),
    Case("a word for a table", '[requirements]\nopen = ["ctes", "array_type"]\nclosed = ["schemas"]', "requirements = 1", "requirements", "requirements", "must be a table"),
    Case("a word for a list", 'drivers = ["psycopg"]\nkeys', 'drivers = "psycopg"\nkeys', "drivers", "drivers", "must be an array"),
    Case("a driver of another connector", 'drivers = ["psycopg"]\nkeys', 'drivers = ["psycop"]\nkeys', "drivers[0]", "drivers", "'psycop' is no driver of this connector", "psycopg"),
    Case("a driver that is no name", 'drivers = ["psycopg"]\nkeys', "drivers = [1]\nkeys", "drivers[0]", "drivers", "must be a string"),
    Case("other keys", '"sequences"', '"serial"', "keys", "keys", "'sequences', not 'serial'"),
    Case("unknown requirements", "open =", "opened =", "requirements.opened", "opened", "unknown key", "open"),
    Case("open and closed", '["schemas"]', '["schemas", "ctes"]', "requirements.closed[1]", "closed", "'ctes' is both open and closed"),
    Case("expected without a table", TEXT[TEXT.index("[[expected]]") :], "expected = [1]\n", "requirements.expected", "expected", "unknown key"),
    Case("without a reason", 'reason = "There are only stored computed columns."', "", "expected[0].reason", "[[expected]]", "is missing"),
    Case("without a day", "until = 2027-03-31", "", "expected[0].until", "[[expected]]", "is missing"),
    Case("until a word", "2027-03-31", '"2027-03-31"', "expected[0].until", "until", "must be a date"),
    Case("until an hour", "2027-03-31", "2027-03-31T12:00:00", "expected[0].until", "until", "date"),
    Case("of another source", '["postgresql-17"]', '["postgresql-71"]', "expected[0].sources[0]", "sources", "no source of this connector", "postgresql-17"),
    Case("of another driver", 'drivers = ["psycopg"]\nsources', 'drivers = ["psycop"]\nsources', "expected[0].drivers[0]", "drivers", "no driver of this connector", "psycopg"),
    Case("of another system", 'sources = ["postgresql-17"]', 'systems = ["trixy"]', "expected[0].systems[0]", "systems", "unknown system 'trixy'"),
    Case("no TOML", "[requirements]", "[requirements", "", "[requirements", "not TOML"),
    *(
        Case(f"nearly every test: {test}", "ComputedColumnTest::test_select_*", test, "expected[0].test", "test", "nearly every test", "more of its name")
        for test in ("*", "*::*", "*e*", "*::*t*", "*Test::*", "*Test::test_*", "*est*", "*t::*", "*_*_*", "C*", "*ion*")
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_spoiled_file_gives_its_problem_with_its_line(suited: Small, case: Case) -> None:
    """One problem, at its place; what else is right stays right."""
    problem = spoiled(suited, FILE, case)

    assert problem.key == case.key


@pytest.mark.parametrize("text", ["expected = [1]\n", "drivers = []\nx = " + "[" * 5000 + "\n", "\xff", "[[expected]]"])
def test_whatever_it_holds_is_a_problem_of_the_catalog(suited: Small, text: str) -> None:
    """With its file, and nothing else is raised."""
    suited.write(FILE, text.encode("latin-1"))

    with pytest.raises(CatalogError) as caught:
        said(suited)

    assert {one.file for one in caught.value.problems} == {FILE}
    assert all(one.why for one in caught.value.problems)


def test_what_is_no_file_or_lies_beside_no_connector_is_a_problem(suited: Small) -> None:
    """A folder, a file out of the catalog, and one in a folder of its own."""
    (suited.root / FILE).unlink()
    (suited.root / FILE).mkdir()
    suited.write("connectors/other/suite.toml", TEXT)
    (suited.root / "connectors/third").mkdir()
    (suited.root / "connectors/third/suite.toml").symlink_to("/etc/hostname")

    with pytest.raises(CatalogError) as caught:
        said(suited)

    assert [(one.file, one.why) for one in caught.value.problems] == [
        ("connectors/other/suite.toml", "no connector lies beside it"),
        (FILE, "is no file"),
        ("connectors/third/suite.toml", "leads out of the catalog"),
    ]


def test_a_connector_that_cannot_be_read_is_the_only_problem(suited: Small) -> None:
    """What its suite names might be there."""
    suited.write("connectors/postgresql/connector.toml", "[")

    with pytest.raises(CatalogError) as caught:
        said(suited)

    assert [one.file for one in caught.value.problems] == ["connectors/postgresql/connector.toml"]


def test_what_is_shipped_says_something_of_the_suite() -> None:
    """Of these connectors at least."""
    catalog = files.load(REPOSITORY, shipped=True)

    assert {one.id for one in catalog.connectors if one.suite} >= {"postgresql", "mysql", "sqlite", "duckdb"}
