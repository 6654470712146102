"""What the dialect suite is told of a driver and a source."""

from __future__ import annotations

from datetime import date

from manager.core.suites import Expected, Suite, told

DAY = date(2027, 3, 31)
ALL = Expected("A::one", "for all", DAY)
ONE = Expected("A::two", "of one driver", DAY, drivers=("psycopg",))
OLD = Expected("A::three", "of old servers", DAY, sources=("postgresql-15",))


def test_what_is_expected_on_another_system_is_not_told() -> None:
    """A driver whose compiled part cannot be loaded there fails otherwise."""
    suite = Suite((), (), (ALL, Expected("A::four", "of Debian 13", DAY, systems=("trixie",))))

    there, elsewhere = (told(suite, "psycopg", "postgresql-17", DAY, one)["expected"] for one in ("trixie", "bookworm"))

    assert [one["test"] for one in there] == ["A::one", "A::four"]
    assert [one["test"] for one in elsewhere] == ["A::one"]


def test_only_what_fits_driver_and_source_is_told() -> None:
    """What is expected of another driver or server would be found to pass here."""
    suite = Suite(("ctes",), ("schemas",), (ALL, ONE, OLD), keys="sequences")

    asked = told(suite, "psycopg2", "postgresql-15", DAY)

    assert [one["test"] for one in asked["expected"]] == ["A::one", "A::three"]
    assert asked["requirements"] == {"ctes": True, "schemas": False}
    assert asked["keys"] == "sequences"
    assert (asked["today"], asked["expected"][0]["until"]) == ("2027-03-31", "2027-03-31")
