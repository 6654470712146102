"""What is owed: drivers by libyears, releases by days after their end, and whose environments stand on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from manager.core.debt import Behind, Totals, of_drivers, of_releases, totals
from manager.core.editions import IndexFile, editions, overtaken
from manager.core.observed import Environment
from tests.fakes.world import TODAY, catalog

MADE = datetime(2026, 11, 1, tzinfo=UTC)
CATALOG = catalog()


def environment(owner: str, name: str, release: str, state: str = "running") -> Environment:
    """Give an environment."""
    return Environment(name, owner, release, "1", "sha256:1", f"c-{owner}-{name}", state, 1, name, (), (), MADE)


def over() -> str:
    """Name a release that has ended, and has a successor."""
    return next(
        one.name
        for one in CATALOG.releases
        if one.schedule.end_of_life < TODAY and CATALOG.successor(one, TODAY) is not None
    )


def test_a_release_is_owed_the_days_since_its_end_where_somebody_has_it() -> None:
    """Those who asks can upgrade are upgraded, others are looked at; a container that is gone is nobody's."""
    name = over()
    release = CATALOG.release(name, TODAY)
    here = (environment("ben", "b", name), environment("ana", "a", name), environment("eva", "c", name, "gone"))

    (mine,) = of_releases(CATALOG, here, "ana", TODAY)
    (theirs,) = of_releases(CATALOG, here, "zoe", TODAY)

    assert (mine.kind, mine.subject, mine.principal) == ("release", name, (TODAY - release.schedule.end_of_life).days)
    assert (mine.interest, mine.owners, mine.since) == (2, ("ana", "ben"), release.schedule.end_of_life)
    successor = CATALOG.successor(release, TODAY)
    assert successor is not None
    assert mine.pay == f"solvent env upgrade a --to {successor.name}"
    assert theirs.pay == f"solvent lifecycle impact {name}"
    assert not list(of_releases(CATALOG, here[2:], "eva", TODAY))
    before = release.schedule.end_of_life - timedelta(days=1)
    assert not list(of_releases(CATALOG, here, "ana", before))


def test_drivers_are_owed_their_libyears_the_most_first() -> None:
    """With the environments that have them; the newest one and one that nobody knows of are owed nothing."""
    drivers = (
        Behind("psycopg", "3.2", ("postgresql", "redshift"), ("lab:1", "lab:2"), "3.3", 0.5, date(2026, 6, 1)),
        Behind("oracledb", "3", ("oracle",), ("lab:2",), "4", 1.25, date(2026, 1, 1), held=True),
        Behind("duckdb", "2", ("duckdb",), ("lab:2",), "2", 0.0),
        Behind("hdbcli", "2", ("hana",), ("lab:2",)),
    )
    here = (environment("ben", "b", "lab:1"), environment("ana", "a", "lab:2"), environment("ana", "c", "lab:3"))

    first, second = of_drivers(drivers, here)

    assert (first.subject, first.amount, first.interest, first.owners) == ("oracledb 3", "1.25 libyears", 1, ("ana",))
    assert first.pay == "solvent connector explain oracle"
    assert first.why == "4 is there, for oracle; it is held"
    assert (second.subject, second.interest, second.owners) == ("psycopg 3.2", 2, ("ana", "ben"))
    assert second.pay == "solvent connector lock --upgrade postgresql"
    assert second.to_json()["since"] == "2026-06-01"


def test_totals_count_a_person_once_and_say_what_they_do_not_know() -> None:
    """What could not be told is no zero."""
    name = over()
    here = (environment("ana", "a", name), environment("ana", "b", name), environment("ben", "a", name))
    owed = (
        *of_releases(CATALOG, here, "ana", TODAY),
        *of_drivers((Behind("x", "1", ("x",), (), "2", 0.1), Behind("y", "1", ("y",), (), "2", 0.2)), here),
    )
    days = (TODAY - CATALOG.release(name, TODAY).schedule.end_of_life).days

    assert totals(owed) == Totals(0.3, days, 2)
    assert totals(owed, drivers=False) == Totals(None, days, 2)
    assert totals(owed, environments=False) == Totals(0.3)
    assert Totals(0.3, 1, 1).words == ("0.30 libyears", "1 overdue day", "1 person")
    assert Totals().words == ("libyears not known", "overdue days not known")


@pytest.mark.parametrize(
    ("version", "day"), [("1.0", date(2026, 2, 1)), ("1.1", date(2026, 3, 1)), ("2.0", None), ("no version", None)]
)
def test_a_version_is_overtaken_by_the_first_that_is_newer(version: str, day: date | None) -> None:
    """A pre-release and what was taken back overtake nothing."""
    files = [
        IndexFile(f"lab-{number}.tar.gz", datetime.fromisoformat(at).replace(tzinfo=UTC), yanked=yanked)
        for number, at, yanked in (
            ("1.0", "2026-01-01", False), ("1.5a1", "2026-01-15", False), ("1.4", "2026-01-20", True),
            ("1.1", "2026-02-01", False), ("2.0", "2026-03-01", False),
        )
    ]  # fmt: skip

    assert overtaken(editions(files), version) == day
