"""Notices of a nightly: whom a finding concerns, once, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from manager.core import bodies
from manager.core.night_notices import NightNotice, due
from manager.core.nightly import NightlyFinding
from manager.core.observed import Environment

DAY = date(2026, 11, 22)
FINDING = NightlyFinding(
    "regression", "mysql PyMySQL 1.2 in lab:1 against mariadb-11.8", "times.utc: it is off", "solvent check run",
    "lab:1", ("mysql",), "times.utc",
)  # fmt: skip
OWNERS = {"mysql": ("platform", "dba"), "odbc": ("dba",)}
LEADS = {("", "sales"): "mysql", ("ben", "sales"): "odbc", ("", "other"): "odbc"}


def environment(name: str, owner: str, *connections: str, release: str = "lab:1") -> Environment:
    """Give an environment with connections."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Environment(name, owner, release, "1", "d", f"c-{name}", "running", 1, "w", connections, (), at)


def told(*environments: Environment, findings: Any = (FINDING,), before: Any = ()) -> dict[str, NightNotice]:
    """Give who is told what."""
    return {one.owner: one for one in due(findings, OWNERS, environments, LEADS, before, DAY)}


def test_owners_of_the_connector_and_those_with_a_connection_of_it_are_told() -> None:
    """Nobody else: not who is on another release, has no connection, or one that leads elsewhere."""
    found = told(
        environment("work", "ana", "sales"),
        environment("more", "ana", "sales", "other"),
        environment("own", "ben", "sales"),
        environment("bare", "cid"),
        environment("elsewhere", "dan", "other"),
        environment("older", "eva", "sales", release="lab:0"),
        environment("hidden", "fay", "mine"),
    )

    assert {owner: one.environments for owner, one in found.items()} == {
        "platform": (), "dba": (), "ana": ("more", "work"), "fay": ("hidden",),
    }  # fmt: skip
    assert {one.findings for one in found.values()} == {(FINDING,)}


def test_who_was_told_is_not_told_again() -> None:
    """However the words or the day differ; another probe, or another owner, is news."""
    before = tuple(told(environment("work", "ana", "sales")).values())
    again = replace(FINDING, why="times.utc: it is off by something else")
    other = replace(FINDING, mark="times.offset")

    assert told(environment("work", "ana", "sales"), findings=(again,), before=before) == {}
    assert set(told(environment("own", "fay", "x"), findings=(again,), before=before)) == {"fay"}
    news = told(environment("work", "ana", "sales"), findings=(again, other), before=before)
    assert {owner: one.findings for owner, one in news.items()} == dict.fromkeys(("ana", "dba", "platform"), (other,))


def test_all_that_is_new_to_somebody_is_one_notice() -> None:
    """Each finding once, in their order; what concerns no connector concerns nobody."""
    second = replace(FINDING, kind="promote", subject="lab:1", connectors=("odbc", "mysql"), mark="s1")
    nobody = NightlyFinding("unsure", "all of it", "nothing was looked at", "solvent image build --all")
    found = told(findings=(FINDING, second, FINDING, nobody))

    assert {owner: one.findings for owner, one in found.items()} == dict.fromkeys(
        ("dba", "platform"), (FINDING, second)
    )


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"day": DAY + timedelta(1)}, True),
        ({"environments": ("x",)}, True),
        ({"findings": (replace(FINDING, why="x"),)}, True),
        ({"owner": "ben"}, False),
        ({"findings": (replace(FINDING, mark="x"),)}, False),
        ({"findings": (replace(FINDING, kind="blocked"),)}, False),
        ({"findings": (FINDING, replace(FINDING, subject="y"))}, False),
    ],
)
def test_a_notice_is_known_by_its_owner_and_findings(change: dict[str, Any], same: bool) -> None:
    """A sink that gets it twice can tell."""
    one = NightNotice("ana", DAY, (FINDING,))

    assert (replace(one, **change).id == one.id) is same


@pytest.mark.parametrize("form", ["plain", "slack", "teams"])
def test_every_sink_can_say_it(form: Any) -> None:
    """With the finding, its command and the id."""
    notice = NightNotice("ana", DAY, (FINDING,), ("work",))
    said = repr(bodies.body(notice, form))

    assert "The nightly of 2026-11-22 found 1 regression (ana)" in said
    assert "Do:  solvent check run" in said
    assert "ana has 1 environment that may feel it: work." in said
    assert notice.id in said
