"""Lookups in a catalog: names, suggestions, the newest release, successors."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.catalog import Catalog, Family, Launch, Place, Release, did_you_mean
from manager.core.lifecycle import Schedule, Stage
from manager.errors import UsageError

TODAY = date(2026, 11, 21)
PLACE = Place("images/lab/family.toml", 1)
# How far each stage's schedule lies from today: days from today to release, deprecation and end.
LIVES = {
    "preview": (10, 200, 300),
    "active": (-10, 200, 300),
    "deprecated": (-200, -10, 80),
    "retired": (-400, -200, -1),
}


def release(line: str, stage: str = "active", successor: str = "", python: str = "3.13", later: int = 0) -> Release:
    """Make a release that stands in a stage today; ``later`` moves its day of release by days."""
    start, middle, end = (TODAY + timedelta(days=days) for days in LIVES[stage])
    start += timedelta(days=later)
    dates = Schedule(start, middle, middle, end, end, end)
    return Release("lab", line, "lab", python, "trixie", (), (), dates, PLACE, successor)


def catalog(*releases: Release) -> Catalog:
    """Make a catalog of one family."""
    launch = Launch(8888, "/api", "/lab", "#main")
    family = Family("lab", "Lab", "platform", ("python",), launch, releases, "", (), 10**9, PLACE)
    return Catalog("", True, "", (), (family,), ())


def test_a_full_name_finds_any_release() -> None:
    """Retired releases keep their names for ever."""
    found = catalog(release("2"), release("1", "retired")).release("lab:1", TODAY)

    assert (found.name, found.stage(TODAY)) == ("lab:1", Stage.RETIRED)


def test_a_bare_family_is_its_newest_active_release() -> None:
    """Preview and deprecated ones do not count, however new."""
    found = catalog(release("3", "preview"), release("1"), release("2", later=5), release("4", "deprecated"))

    assert found.release("lab", TODAY).line == "2"


def test_of_equal_days_the_newer_python_wins() -> None:
    """Python versions compare as numbers: 3.13 is newer than 3.9."""
    found = catalog(release("a", python="3.13"), release("b", python="3.9"))

    assert found.release("lab", TODAY).line == "a"


def test_a_family_without_an_active_release_says_so() -> None:
    """The hint shows where the others are."""
    with pytest.raises(UsageError, match="no active release on 2026-11-21") as caught:
        catalog(release("1", "retired")).release("lab", TODAY)

    assert "solvent image list --all" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("lba", "no family 'lba'", "did you mean lab?"),
        ("lab:4.6-py3.12", "no release 'lab:4.6-py3.12'", "did you mean lab:4.6-py3.13?"),
        ("lab:", "no release 'lab:'", ""),
    ],
)
def test_an_unknown_name_gets_a_suggestion(name: str, message: str, hint: str) -> None:
    """A near miss is named."""
    with pytest.raises(UsageError, match=message) as caught:
        catalog(release("4.6-py3.13")).release(name, TODAY)

    assert hint in caught.value.hint


@pytest.mark.parametrize("what", ["connector", "source", "system"])
def test_other_lookups_raise_the_same_way(what: str) -> None:
    """Every kind of name is a usage error when it is unknown."""
    with pytest.raises(UsageError, match=f"no {what} 'x'"):
        getattr(catalog(release("1")), what)("x")


def test_suggestions() -> None:
    """A near name, else the short list of all, else nothing."""
    assert did_you_mean("postgres", ["postgresql", "mysql"]) == "did you mean postgresql?"
    assert did_you_mean("zzz", ["b", "a"]) == "there are: a, b"
    assert did_you_mean("zzz", [f"name{number}" for number in range(13)]) == ""
    assert did_you_mean("zzz", []) == ""


def test_the_successor_is_the_last_launchable_one_of_the_chain() -> None:
    """Retired ones on the way are passed; a preview at the end is not taken."""
    oldest = release("1", "retired", "lab:2")
    found = catalog(oldest, release("2", "retired", "lab:3"), release("3", "active", "lab:4"), release("4", "preview"))

    successor = found.successor(oldest, TODAY)

    assert successor is not None
    assert successor.name == "lab:3"


def test_there_may_be_no_successor() -> None:
    """None named, none launchable, or one that is not there."""
    lonely, dead, lost = release("1", "retired"), release("2", "retired", "lab:1"), release("3", "retired", "lab:9")

    found = catalog(lonely, dead, lost)

    assert [found.successor(one, TODAY) for one in (lonely, dead, lost)] == [None, None, None]


@given(
    links=st.lists(st.integers(-1, 5), min_size=6, max_size=6),
    stages=st.lists(st.sampled_from(sorted(LIVES)), min_size=6, max_size=6),
)
def test_any_chain_of_successors_ends(links: list[int], stages: list[str]) -> None:
    """Even over circles the search ends, and gives a release that may be launched or nothing."""
    releases = [
        release(str(number), stage, f"lab:{link}" if link >= 0 else "")
        for number, (link, stage) in enumerate(zip(links, stages, strict=True))
    ]

    for one in releases:
        successor = catalog(*releases).successor(one, TODAY)
        assert successor is None or successor.stage(TODAY) in (Stage.ACTIVE, Stage.DEPRECATED)
