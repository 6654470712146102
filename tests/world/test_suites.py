"""What the dialect suite is told of a driver and a source, and what a connector's file of it may say."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.core.suites import Expected, Suite, told
from manager.errors import CatalogError
from manager.world.files.suite import read

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2027, 3, 31)
ALL = Expected("A::one", "for all", DAY)
ONE = Expected("A::two", "of one driver", DAY, drivers=("psycopg",))
OLD = Expected("A::three", "of old servers", DAY, sources=("postgresql-15",))


def test_only_what_fits_driver_and_source_is_told() -> None:
    """What is expected of another driver or server would be found to pass here."""
    suite = Suite(("ctes",), ("schemas",), (ALL, ONE, OLD), keys="sequences")

    asked = told(suite, "psycopg2", "postgresql-15", DAY)

    assert [one["test"] for one in asked["expected"]] == ["A::one", "A::three"]
    assert asked["requirements"] == {"ctes": True, "schemas": False}
    assert asked["keys"] == "sequences"
    assert (asked["today"], asked["expected"][0]["until"]) == ("2027-03-31", "2027-03-31")


def test_a_file_is_read(tmp_path: Path) -> None:
    """Requirements and what is expected to fail, each with reason and day."""
    text = 'keys = "sequences"\n[requirements]\nopen = ["ctes"]\nclosed = ["schemas"]\n'
    text += '[[expected]]\ntest = "A::one"\nreason = "for all"\n'
    (tmp_path / "suite.toml").write_text(f"{text}until = 2027-03-31\n")

    assert read(tmp_path) == Suite(("ctes",), ("schemas",), (ALL,), keys="sequences")


def test_without_a_file_the_suite_is_not_asked(tmp_path: Path) -> None:
    """Which an empty file is not: there the suite goes by its defaults."""
    assert read(tmp_path) is None

    (tmp_path / "suite.toml").write_text("")
    assert read(tmp_path) == Suite()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[requirement]", "nothing is called so"),
        ("requirements = 1", "is a table"),
        ("drivers = 'psycopg'", "a list of names"),
        ("keys = 'serial'", "sequences, or left out"),
        ("[requirements]\nopen = 'ctes'", "a list of names"),
        ("[requirements]\nopened = []", "nothing is called so"),
        ("[requirements]\nopen = ['ctes']\nclosed = ['ctes']", "both open and closed"),
        ("[[expected]]\ntest = 'A::b'\nuntil = 2027-03-31", "missing or empty"),
        ("[[expected]]\ntest = 'A::b'\nreason = 'so'", "no day"),
        ("[[expected]]\ntest = 'A::b'\nreason = 'so'\nuntil = '2027-03-31'", "no day"),
        ("[[expected]]\ntest = '*::*'\nreason = 'so'\nuntil = 2027-03-31", "every test"),
        ("[[expected]]\ntest = 'A::b'\nreason = 'so'\nuntil = 2027-03-31\ndriver = 'psycopg'", "nothing is called so"),
        ("[[expected]]\ntest = 'A::b'\nreason = 'so'\nuntil = 2027-03-31\ndrivers = 'psycopg'", "a list of names"),
        ("[", "(at "),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """With what is wrong in it."""
    (tmp_path / "suite.toml").write_text(text)

    with pytest.raises(CatalogError) as caught:
        read(tmp_path)

    assert any(why in str(one) for one in caught.value.problems)
