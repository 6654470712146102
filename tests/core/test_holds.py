"""Holds of drivers: the last decision counts, and each lifts itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from manager.core.catalog import Place
from manager.core.driver_decisions import DriverDecision, file_of
from manager.core.holds import faults, free_file, holding, waited_for

DAY, TODAY = date(2026, 11, 1), date(2026, 11, 21)
DISTS = {"pg": ["psycopg", "SQLAlchemy"], "mysql": ["PyMySQL"]}


def made(kind: str, day: date = DAY, number: int = 1, **more: object) -> DriverDecision:
    """Give a decision about ``pg``."""
    subject = more.pop("subject", "pg")
    place = Place(file_of(kind, subject, day, number), 1)  # type: ignore[arg-type]
    return DriverDecision(kind, subject, day, "why", "ana", place, **more)  # type: ignore[arg-type]


HOLD = made("hold", until=date(2027, 1, 1))


def held(*decisions: DriverDecision, connector: str = "pg", dist: str = "psycopg", day: date = TODAY) -> object:
    """Give the hold of a distribution on a day."""
    return holding(decisions, connector, dist, day, lambda _: False)


def test_a_hold_is_for_its_connector_from_its_day_until_its_end() -> None:
    """And for one distribution, where it names one."""
    assert held(HOLD) == HOLD
    assert held(HOLD, connector="mysql") is None
    assert held(HOLD, day=date(2026, 10, 31)) is None
    assert held(HOLD, day=date(2027, 1, 1)) is None
    one = replace(HOLD, dist="SQLAlchemy")
    assert held(one) is None
    assert held(one, dist="sqlalchemy") == one


def test_what_was_decided_later_counts_on_one_day_too() -> None:
    """Held, lifted, held again; the order of files is that of their making, not of the alphabet."""
    lifted, again = made("unhold", number=2), made("hold", number=10, until=date(2026, 12, 1))

    assert held(lifted, HOLD) is None
    assert held(again, lifted, HOLD) == again
    assert held(HOLD, made("unhold", dist="SQLAlchemy", number=2)) == HOLD
    assert held(HOLD, made("unhold", dist="SQLAlchemy", number=2), dist="sqlalchemy") is None
    assert free_file(HOLD, {HOLD.place.file}) == "connectors/decisions/2026-11-01-hold-pg-2.toml"
    assert free_file(lifted, {HOLD.place.file}) == "connectors/decisions/2026-11-01-unhold-pg-2.toml"
    exception = made("exception", dist="psycopg", version="3", advisory="CVE-1", until=date(2026, 11, 5))
    assert free_file(exception, {HOLD.place.file}) == "connectors/decisions/2026-11-01-exception-pg.toml"


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (replace(HOLD, subject="postgres"), "subject"),
        (replace(HOLD, dist="PyMySQL"), "dist"),
        (replace(HOLD, until=None), "until"),
        (replace(HOLD, until_version="x>=1"), "until"),
        (replace(HOLD, until=DAY), "until"),
        (replace(HOLD, until=None, until_version="x"), "until_version"),
        (replace(HOLD, until=None, until_version="no requirement"), "until_version"),
        (replace(HOLD, version="1"), "version"),
        (made("unhold", until=TODAY), "until"),
        (made("exception", dist="psycopg", version="3", advisory="CVE-1"), "until"),
        (made("exception", dist="psycopg", version="3", until=date(2026, 11, 5)), "advisory"),
        (made("exception", version="3", advisory="CVE-1", until=date(2026, 11, 5)), "dist"),
        (made("exception", dist="psycopg", advisory="CVE-1", until=date(2026, 11, 5)), "version"),
        (made("exception", dist="psycopg", version="x", advisory="CVE-1", until=date(2026, 11, 5)), "version"),
        (made("exception", dist="psycopg", version="3", advisory="CVE-1", until=date(2026, 11, 16)), "until"),
        (made("quarantine", dist="urllib3", version="<2", subject="oracle", advisory="CVE-1"), "subject"),
        (made("quarantine", version="<2", advisory="CVE-1"), "dist"),
        (made("quarantine", dist="urllib3", advisory="CVE-1"), "version"),
        (made("quarantine", dist="urllib3", version="2 or so", advisory="CVE-1"), "version"),
        (made("quarantine", dist="urllib3", version="<2"), "advisory"),
        (made("quarantine", dist="urllib3", version="<2", advisory="CVE-1", until=TODAY), "until"),
        (made("unquarantine", version="<2"), "dist"),
        (made("unquarantine", dist="urllib3", version="abc"), "version"),
        (made("unquarantine", dist="urllib3", advisory="CVE-1"), "advisory"),
    ],
)
def test_what_is_no_decision_is_said_at_its_key(wrong: DriverDecision, key: str) -> None:
    """One fault each; an exception of fifteen days is one day too long."""
    assert [one.key for one in faults(wrong, DISTS)] == [key]


@pytest.mark.parametrize(
    "right",
    [
        HOLD,
        replace(HOLD, until=None, until_version="fakesnow>=0.10"),
        replace(HOLD, dist="sqlalchemy"),
        made("unhold"),
        made("exception", dist="psycopg", version="3", advisory="CVE-1", until=date(2026, 11, 15)),
        made("quarantine", dist="urllib3", version=">=1.26,<2", advisory="CVE-1"),
        made("quarantine", dist="psycopg", version="3.3.9", advisory="CVE-1"),
        made("unquarantine", dist="urllib3"),
        made("unquarantine", dist="urllib3", version="<2"),
    ],
)
def test_what_is_a_decision_has_no_fault(right: DriverDecision) -> None:
    """The negative control; fourteen days are within the limit."""
    assert not list(faults(right, DISTS))


def test_what_is_waited_for_is_asked_about() -> None:
    """By its name as the index compares it."""
    assert waited_for([HOLD, replace(HOLD, until=None, until_version="Fake_Snow>=1")]) == ("fake-snow",)
