"""``lifecycle impact`` and ``lifecycle feed`` from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.components import Component
from manager.errors import Unreachable
from tests.fakes.runtime import RuntimeEngine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

OLD = "jupyterlab:4.4-py3.11"


@pytest.fixture
def used(solvent: World, tmp_path: Path) -> World:
    """Give a world with two environments of an old release, one of which its owner removed after a notice."""
    solvent.engine = RuntimeEngine(tmp_path / "run")
    build = solvent.build(OLD)
    solvent.store.keep_components(build.digest, (Component("python", "numpy", "1.26.4", "kernel"),))
    for name in ("work", "other"):
        assert solvent("env", "launch", OLD, "--name", name).code == 0
    assert solvent("lifecycle", "apply", "--progress", "none").code == 0
    assert solvent("env", "remove", "other").code == 0
    return solvent


def test_a_release_shows_what_remains_and_what_has_moved(used: World) -> None:
    """Per owner, as a table, as JSON and as names."""
    table = used("lifecycle", "impact", OLD)
    (owner,) = used("lifecycle", "impact", OLD, "-o", "json").json["impact"]["owners"]
    names = used("lifecycle", "impact", OLD, "-q")

    assert (table.code, "1 environment of 1 owner\n" in table.out) == (0, True)
    assert "other (removed)" in table.out
    assert [one["environment"] for one in owner["remaining"]] == ["work"]
    assert owner["moved"] == [{"environment": "other", "to": None}]
    assert names.out == f"{owner['owner']}/work\n"


def test_one_build_and_components(used: World) -> None:
    """A build by its version; a package from what is inside; a Python from what releases say."""
    found = {
        words: used("lifecycle", "impact", *words, "-o", "json").json["impact"]["totals"]["remaining"]
        for words in (
            (OLD, "--build", "20261120.1"),
            ("--component", "numpy=1.26"),
            ("--component", "numpy>=2"),
            ("--component", "python=3.11"),
            ("--component", "python=3.13"),
        )
    }

    assert list(found.values()) == [1, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name a release, or say --component"),
        ((OLD, "--component", "numpy"), "name a release, or say --component"),
        ((OLD, "--build", "1"), "has no build 1"),
        (("--component", "numpy<<2"), "cannot be read"),
        (("--component", "numpy", "--build", "1"), "--build is one of a release"),
        (("jupyterlab:9",), "no release"),
    ],
)
def test_what_cannot_be_asked_is_refused(used: World, words: tuple[str, ...], says: str) -> None:
    """Exit 2 with what to type instead."""
    ran = used("lifecycle", "impact", *words)

    assert (ran.code, says in ran.err) == (2, True)


def test_without_an_engine_what_was_launched_counts(used: World) -> None:
    """With a note that says so."""
    used.engine.fail("containers", Unreachable("no engine answers"), times=None)

    ran = used("lifecycle", "impact", OLD, "-o", "json")

    assert ran.json["impact"]["totals"]["remaining"] == 1
    assert "this is what was launched and not removed" in ran.err


def test_feeds_follow_the_day(solvent: World) -> None:
    """Standard output is the feed and nothing else; no engine is asked."""
    for question in ("info", "containers", "images"):
        solvent.engine.fail(question, Unreachable("no engine answers"), times=None)
    now = json.loads(solvent("lifecycle", "feed").out)
    later = json.loads(solvent("lifecycle", "feed", "--as-of", "2027-01-03").out)
    ics = solvent("lifecycle", "feed", "--format", "ics")

    def ended(found: Any) -> bool:
        family = next(one for one in found["result"] if one["name"] == "jupyterlab")
        return next(bool(one["isEol"]) for one in family["releases"] if one["name"] == "4.4-py3.11")

    assert (ended(now), ended(later)) == (False, True)
    assert ics.raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"UID:jupyterlab:4.4-py3.11/end_of_life@solvent.solvent\r\n" in ics.raw
    assert (ics.code, ics.err) == (0, "")
