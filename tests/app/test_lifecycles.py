"""The calendar on a whole Manager: announced once, by one of two, on a clock that may go back."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from manager.app.manager import Manager
from manager.app.settings import load
from manager.core.catalog import Place
from manager.core.lifecycle import Stage
from manager.core.overrides import Override
from manager.errors import Failed, Refused, Unreachable, UsageError
from manager.world import files
from manager.world.store import open_store
from tests.app.conftest import REPOSITORY, World, ended, run
from tests.fakes.clock import TODAY, FixedClock

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "jupyterlab:4.4-py3.11", "jupyterlab:4.6-py3.13"


class At(FixedClock):
    """A clock that was set: instants move with the day."""

    def now(self) -> datetime:
        """Give noon of the day."""
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)


def on(world: World, day: date, catalog: Path = REPOSITORY) -> Manager:
    """Open a Manager whose clock shows a day."""
    manager = world.manager(catalog=catalog)
    manager.clock = At(day)
    return manager


@pytest.fixture
def own(world: World, tmp_path: Path) -> Path:
    """Give a trusted catalog of one's own with one family."""
    root = tmp_path / "own"
    (root / "images").mkdir(parents=True)
    for name in ("solvent.toml", "images/upstream.toml"):
        shutil.copy(REPOSITORY / name, root / name)
    for name in ("images/jupyterlab", "images/common", "connectors", "compose"):
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, root / name)
    files.trust(root, world.manager().settings.config_dir / "trusted")
    return root


def extension(until: str = "2027-03-31", name: str = OLD) -> Override:
    """Ask for an extension."""
    return Override("extend", name, date.min, "exams", "", Place("", 0), until=date.fromisoformat(until))


def test_what_was_announced_is_remembered_and_the_plan_is_empty(world: World) -> None:
    """Each release once, in the order of names; history says who; a second plan of the day has nothing to do."""
    manager = world.manager()
    plan = manager.calendar.plan()

    run(manager, plan)

    known = world.store.announcements.current()
    assert sorted(known) == sorted(one.name for one in manager.catalog.releases)
    assert (known[OLD].revision, known[OLD].stage) == (1, Stage.DEPRECATED)
    assert [entry.kind for entry in world.store.history(limit=1)] == ["announce schedule"]
    assert not world.manager().calendar.plan()


def test_a_day_changes_stages_and_nothing_else(world: World) -> None:
    """What comes due is announced once, and nothing that runs is touched."""
    world.launch()
    run(world.manager(), world.manager().calendar.plan())
    day = date(2027, 1, 3)

    plan = on(world, day).calendar.plan()

    assert [(step.kind, step.before, step.after) for step in plan.steps if step.target == OLD] == [
        ("announce stage", "deprecated", "retired")
    ]
    assert not plan.destructive
    run(on(world, day), on(world, day).calendar.plan())
    assert not on(world, day).calendar.plan()
    assert [one.state for one in world.manager().observe().environments] == ["running"]


def test_of_two_who_announce_at_once_one_is_told(world: World) -> None:
    """Both planned from nothing; the second's first step is refused, and its next plan starts from what is there."""
    first, second = world.manager(), world.manager()
    plans = first.calendar.plan(), second.calendar.plan()
    run(first, plans[0])

    error = ended(second, plans[1])

    assert isinstance(error, Refused)
    assert "somebody else announced" in error.message
    assert not world.manager().calendar.plan()


def test_a_clock_that_goes_back_takes_nothing_back(world: World) -> None:
    """The last announced day counts as today at every door, and doctor says so; taking back is asked for by name."""
    day = date(2027, 1, 3)
    run(on(world, day), on(world, day).calendar.plan())

    back = on(world, TODAY)

    assert back.today == day
    assert back.catalog.release(OLD, back.today).stage(back.today) is Stage.RETIRED
    plan = back.calendar.plan()
    assert not plan
    assert any("solvent lifecycle apply --turn-back" in note for note in plan.notes)
    clock = next(one for one in back.doctor() if one.part == "clock")
    assert "announcements were made on 2027-01-03" in clock.text

    turned = on(world, TODAY).calendar.plan(turn_back=True)
    assert all(step.destructive for step in turned.steps)
    run(on(world, TODAY), turned)
    assert on(world, TODAY).today == TODAY


def test_another_day_that_is_looked_at_is_that_day(world: World) -> None:
    """``--as-of`` names any day, before the last announcement too."""
    run(world.manager(), world.manager().calendar.plan())
    early = world.manager(date(2025, 1, 1))

    assert early.today == date(2025, 1, 1)
    assert {one.release.name: one.release.stage(one.day).value for one in early.calendar.schedules()}[NEW] == "preview"
    assert not early.calendar.plan()


def test_a_decision_is_a_file_that_counts_at_once(world: World, own: Path) -> None:
    """It names who and why; every door sees the new end, and the next plan announces it with its reason."""
    run(world.manager(), world.manager(catalog=own).calendar.plan())
    manager = world.manager(catalog=own)
    shown = manager.calendar.decide(extension(), write=False)
    assert not (own / "images/overrides").exists()

    made = manager.calendar.decide(extension())

    assert (made.text, made.moved) == (shown.text, ((OLD, date(2027, 1, 3), date(2027, 3, 31)),))
    assert manager.calendar.why(OLD).view.release.schedule.bound_by == "extension"
    again = world.manager(catalog=own)
    (step,) = [one for one in again.calendar.plan().steps if one.target == OLD]
    assert step.cause.startswith("extend until 2027-03-31, decided by ")
    assert step.cause.endswith(": exams (images/overrides/2026-11-21-extend-jupyterlab-4.4-py3.11.toml)")
    second = world.manager(catalog=own).calendar.decide(extension("2027-04-30"))
    assert second.decision.place.file.endswith("-2.toml")


def test_a_decision_beyond_its_limits_writes_nothing(world: World, own: Path) -> None:
    """Neither one that a file could not say, nor one that the dates as they hold do not allow."""
    manager = world.manager(catalog=own)
    for until, said in (("2027-12-31", "lies past the last day"), ("2027-01-03", "extends nothing")):
        with pytest.raises(Refused, match=said):
            manager.calendar.decide(extension(until))

    with pytest.raises(UsageError, match="no release of this catalog"):
        manager.calendar.decide(extension(name="jupyterlab:1"))
    assert not (own / "images/overrides").exists()


def test_what_was_announced_from_ones_own_catalog_is_not_the_shipped_ones_to_change(world: World, own: Path) -> None:
    """A job that runs in another folder finds the shipped catalog: it is told, and announces nothing."""
    family = own / "images" / "jupyterlab" / "family.toml"
    family.write_text(family.read_text() + '\n[[release]]\nline = "team"\nide = "jupyterlab==4.6.*"\n'
                      'python = "3.13"\nsystem = "trixie"\nreleased = 2026-11-01\n')  # fmt: skip
    mine = world.manager(catalog=own)
    run(mine, mine.calendar.plan())

    with pytest.raises(Refused, match="not of the shipped catalog") as caught:
        on(world, TODAY).calendar.plan()

    assert "jupyterlab:team was announced" in caught.value.why
    assert "--catalog DIR" in caught.value.hint


def test_the_shipped_catalog_and_another_day_decide_nothing(world: World, own: Path) -> None:
    """The shipped one is read-only; a decision is made today."""
    with pytest.raises(Refused, match="read-only"):
        world.manager().calendar.decide(extension())

    looking = world.manager(date(2027, 1, 1), own)
    with pytest.raises(Refused, match="a catalog is written today"):
        looking.calendar.decide(extension())
    assert not (own / "images/overrides").exists()


def test_of_two_who_decide_at_once_one_is_told(world: World, own: Path) -> None:
    """The second one's catalog is not the one that it read."""
    first, second = world.manager(catalog=own), world.manager(catalog=own)
    assert first.catalog.content == second.catalog.content
    first.calendar.decide(extension())

    with pytest.raises(Refused, match="the catalog has changed since it was read"):
        second.calendar.decide(extension("2027-02-28"))

    assert len(list((own / "images/overrides").iterdir())) == 1


def test_without_a_database_the_catalogs_dates_hold_and_it_is_said(world: World) -> None:
    """Looking goes on; announcing does not, and nothing is overwritten."""

    class Silent:
        def current(self) -> None:
            raise Unreachable("the state database cannot be used", why="disk I/O error")

    world.store.announcements = Silent()  # type: ignore[assignment]
    manager = world.manager()

    assert manager.calendar.schedules()
    assert "dates are the catalog's own" in manager.doubts[0]
    with pytest.raises(Unreachable, match="what was announced cannot be read"):
        manager.calendar.plan()


def test_a_damaged_announcement_is_told_and_left_alone(world: World, tmp_path: Path) -> None:
    """Doctor names it and the way back; the catalog's dates hold meanwhile, and no plan writes over it."""
    store = open_store(f"sqlite:///{tmp_path / 'state.db'}")
    manager = Manager(load({"SOLVENT_HOME": str(world.home)}), catalog=REPOSITORY, engine=world.engine, store=store)
    manager.clock = At(TODAY)
    run(manager, manager.calendar.plan())
    store._session.write(lambda do: do.run('UPDATE "announcements" SET "dates" = :text', text="{"))  # type: ignore[attr-defined]
    damaged = Manager(load({"SOLVENT_HOME": str(world.home)}), catalog=REPOSITORY, engine=world.engine, store=store)
    damaged.clock = At(TODAY)

    # First of all, before anything else has read what was announced.
    with pytest.raises((Unreachable, Failed)):
        damaged.calendar.plan()
    finding = next(one for one in damaged.doctor() if one.part == "database")
    assert finding.outcome == "fail"
    assert "cannot be read" in finding.text
    assert "backup" in finding.remedy
    assert damaged.calendar.schedules()
    rows = store._session.rows('SELECT DISTINCT "dates" FROM "announcements"')  # type: ignore[attr-defined]
    assert rows == [("{",)]
