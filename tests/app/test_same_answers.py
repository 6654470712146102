"""One question, many doors: stage, dates and what is allowed are the same for lists, JSON, gates and the Python API."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from manager.app.manager import Manager
from manager.app.settings import load
from manager.cli.commands.lifecycle import _stage
from manager.core.announcing import situation
from manager.core.environments import LaunchRequest
from manager.core.gates import admit, readmit
from manager.core.lifecycle import Gate, launch_gate, restart_gate
from manager.core.overrides import quarantined
from manager.core.schedules import effective
from manager.errors import ManagerError, Refused
from tests.core import calendars
from tests.fakes.clock import FixedClock
from tests.fakes.engine import FakeEngine
from tests.fakes.store import FakeStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    import pytest

    from manager.core.announcements import Announcement
    from manager.core.catalog import Catalog, Release

# Each example is a catalog with decisions; with two releases in the mean that makes 10,000 answers and more.
CATALOGS, DAYS = 500, 11


def refused(ask: Callable[[], object]) -> bool:
    """Say whether something is refused by a rule."""
    try:
        ask()
    except Refused:
        return True
    return False


def answers(manager: Manager) -> dict[str, tuple[str, str, str, bool]]:
    """Ask every door for each release: its stage, its end, its successor, and whether it may be launched."""
    rows = {one.release.name: one for one in manager.calendar.schedules()}
    documents = {name: one.to_json() for name, one in rows.items()}
    images = {one.release.name: one.to_json() for one in manager.releases(everything=True)}
    found = {}
    for one in manager.catalog.releases:
        stages = {
            one.stage(manager.today).value,
            _stage(rows[one.name]).partition(",")[0],
            documents[one.name]["stage"],
            images[one.name]["stage"],
        }
        changes = [documents[one.name]["next_change"], images[one.name]["next_change"]]
        shut = refused(partial(admit, manager.catalog, one, manager.today))
        assert len(stages) == 1
        assert changes[0] == changes[1]
        assert documents[one.name]["dates"] == {name: day.isoformat() for name, day in one.schedule.dates()}
        assert launches(manager, one) is not shut
        found[one.name] = (stages.pop(), documents[one.name]["dates"]["end_of_life"], rows[one.name].successor, shut)
    return found


def launches(manager: Manager, release: Release) -> bool:
    """Say whether the plan of a launch gets past the gate; that there is nothing to build it from is another matter."""
    try:
        manager.plan_launch(LaunchRequest(release.name))
    except ManagerError as error:
        return not any(words in error.message for words in ("refused since", "retired since", "quarantined"))
    return True


def test_every_door_gives_the_same_answer(tmp_path_factory: pytest.TempPathFactory) -> None:
    """For 10,000 random pairs of a release with its decisions and a day, with and without announcements."""
    told = load({"SOLVENT_HOME": str(tmp_path_factory.mktemp("home"))})
    asked = 0

    @settings(max_examples=CATALOGS, deadline=None)
    @given(calendars.calendars(), calendars.days, st.integers(0, 10**6), st.booleans())
    def check(found: Catalog, first: date, seed: int, announces: bool) -> None:
        nonlocal asked
        known: dict[str, Announcement] = {}
        if announces:
            known = calendars.announced(situation(found, {}, (), first))
        store = FakeStore()
        store.announcements.rows = list(known.values())
        for days in random.Random(seed).sample(range(-100, 900), DAYS):
            day = first + timedelta(days=days)
            manager = Manager(told, engine=FakeEngine(), store=store, clock=FixedClock(day))
            manager.__dict__["declared"] = found
            given_by_all = answers(manager)
            held = effective(found, known, day)
            for one in held.releases:
                stage, end, successor, shut = given_by_all[one.name]
                follows = held.successor(one, day)
                forbidden = quarantined(found.overrides, one.name, day) is not None
                assert (stage, end) == (one.stage(day).value, one.schedule.end_of_life.isoformat())
                assert successor == (follows.name if follows else "")
                assert shut is (forbidden or launch_gate(one.schedule, day) is Gate.SHUT)
                barred = refused(partial(readmit, held, one, "work", day))
                assert barred is (forbidden or restart_gate(one.schedule, day) is Gate.SHUT)
                asked += 1

    check()
    assert asked >= 10_000
