"""Plans that forbid a build and allow it again: at once, whatever the dates say, and without stopping anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core.catalog import Place
from manager.core.observed import BuildStatus, Copy
from manager.core.overrides import Override
from manager.core.quarantining import Judgement
from manager.errors import Refused
from tests.plans.test_channels import frozen, line

if TYPE_CHECKING:
    from tests.fakes.world import World

THREE = ("20261101.1", "20261102.1", "20261103.1")


def test_a_quarantine_blocks_and_the_channel_falls_back(world: World) -> None:
    """A decision in the catalog, a status, and the newest good build that is here; twice is once."""
    line(world, *THREE)
    world.engine.remove_image(world.store.kept[1].digest)

    plan = world.quarantine("20261103.1")

    assert (
        plan.text()
        == """\
plan: quarantine lab:4 20261103.1 (as of 2026-11-21)
  1. write decision lab:4 20261103.1  - -> quarantined
      because broken
  2. judge build lab:4 20261103.1  promoted -> quarantined
      because broken
  3. fall back lab:4 stable  20261103.1 -> 20261101.1
      because broken"""
    )
    world.apply(plan)
    again = world.quarantine("20261103.1")
    assert not again
    assert again.notes == ("lab:4 20261103.1 is quarantined: broken",)
    assert [one.status.value for one in world.store.kept] == ["promoted", "superseded", "quarantined"]
    assert world.launch().notes == ()


def test_a_good_build_that_only_a_registry_has_is_the_way_on(world: World) -> None:
    """Nothing is pulled while a build is being forbidden: the channel is empty, and the note says what brings it."""
    line(world, "20261102.1", "20261103.1")
    older = world.store.kept[0]
    world.store.keep_copy(Copy(older.digest, "registry/lab:4-20261102.1", "sha256:ee"))
    world.engine.remove_image(older.digest)

    plan = world.quarantine("20261103.1")

    assert plan.steps[-1].kind == "empty channel"
    assert "  solvent image rollback lab:4 --to 20261102.1" in plan.notes[-1]


def test_without_a_good_build_the_channel_is_empty_and_a_launch_fails_loudly(world: World) -> None:
    """The same ingredients are not built again under a new name."""
    world.bases()
    world.build()

    plan = world.quarantine("20261101.1")

    assert plan.steps[-1].kind == "empty channel"
    assert plan.notes == ("lab:4 has no good build any more: it cannot be launched until one is promoted",)
    world.apply(plan)
    assert world.observe().channel("lab:4") == ""
    with pytest.raises(Refused, match=r"its ingredients are those of build 20261101\.1, which is quarantined"):
        world.launch()


def test_what_runs_is_listed_and_not_stopped(world: World) -> None:
    """It cannot be started again, however it stopped; nor can anybody be given its bytes."""
    world.bases()
    world.build()
    one = world.running("work")

    plan = world.quarantine("20261101.1")

    assert "work of ana runs on it and is not stopped: it cannot be started again" in plan.notes
    assert not [step for step in plan.steps if "environment" in step.kind]
    world.apply(plan)
    assert world.environment("work").state == "running"
    assert not world.start("work")
    world.engine.stop(one.container)
    with pytest.raises(Refused, match=r"build 20261101\.1 of lab:4 is quarantined"):
        world.start("work")


@pytest.mark.parametrize("only", ["decision", "status"])
def test_either_half_of_a_quarantine_forbids_and_the_next_run_completes_it(world: World, only: str) -> None:
    """As when the command was killed, or somebody else's catalog says so."""
    line(world, *THREE)
    plan = world.quarantine("20261103.1")
    step = plan.steps[0 if only == "decision" else 1]
    world.carry_out(step, {})

    assert world.launch().notes == ("build 20261103.1 of lab:4 is quarantined: build 20261102.1 is taken",)
    with pytest.raises(Refused, match="is quarantined"):
        world.promote(version="20261103.1")
    world.apply(world.quarantine("20261103.1"))
    assert not world.quarantine("20261103.1")
    assert world.store.kept[2].status is BuildStatus.QUARANTINED
    assert world.observe().channel("lab:4") == world.store.kept[1].digest


def test_a_release_that_the_catalog_quarantines_is_not_built(world: World) -> None:
    """By its name it is refused; with all of them it is left out, with a note."""
    world.bases()
    one = Override("quarantine", "lab:4", world.today, "it leaks", "ana", Place("images/overrides/it.toml", 1))
    world.catalog = replace(world.catalog, overrides=(one,))

    with pytest.raises(Refused, match="lab:4 is quarantined: it leaks"):
        world.make("lab:4")

    plan = world.make("lab:3", "lab:4", everything=True)
    assert "left out: lab:4 is quarantined: it leaks" in plan.notes
    assert plan.left == (("lab:4", "lab:4 is quarantined: it leaks"),)
    assert "image:lab:3" in [step.id for step in plan.steps]


def test_a_freeze_holds_up_all_but_security(world: World) -> None:
    """With the way to say so."""
    line(world, *THREE)
    frozen(world)

    with pytest.raises(Refused, match="lab:4 is frozen until 2027-01-10") as caught:
        world.quarantine("20261103.1")

    assert caught.value.hint == "what is a danger waits for no freeze:  --security"
    world.apply(world.quarantine("20261103.1", Judgement("CVE", "ana", security=True)))
    assert world.observe().channel("lab:4") == world.store.kept[1].digest


@pytest.mark.parametrize("status", [BuildStatus.TOMBSTONED, BuildStatus.FAILED])
def test_what_is_over_needs_no_quarantine(world: World, status: BuildStatus) -> None:
    """Nothing can run it."""
    world.build(status=status)

    with pytest.raises(Refused, match=f"is {status}: nothing can run it any more"):
        world.quarantine("20261101.1")


def test_a_lifted_build_is_a_candidate(world: World) -> None:
    """Its evidence holds, so it can be promoted; until then the channel stays. Decisions are only added."""
    line(world, *THREE)
    world.apply(world.quarantine("20261103.1"))

    plan = world.lift("20261103.1")

    assert [(step.kind, step.before, step.after) for step in plan.steps] == [
        ("write decision", "", "allowed again"),
        ("judge build", "quarantined", "candidate"),
    ]
    world.apply(plan)
    assert world.lift("20261103.1").notes == ("lab:4 20261103.1 is not quarantined",)
    assert len(world.catalog.overrides) == 2
    assert world.observe().channel("lab:4") == world.store.kept[1].digest
    world.apply(world.promote())
    assert world.observe().channel("lab:4") == world.store.kept[2].digest
    # And once more: the latest decision counts.
    world.apply(world.quarantine("20261103.1"))
    assert len(world.catalog.overrides) == 3
    assert not world.quarantine("20261103.1")


def test_a_quarantined_build_is_blocked_on_every_day(world: World) -> None:
    """Whatever the dates say: of an active release, and of a preview."""
    world.bases()
    world.build("lab:5")
    digest = world.store.kept[0].digest
    world.store.set_status(digest, BuildStatus.QUARANTINED, "broken")
    for day in (world.today, world.catalog.release("lab:5", world.today).schedule.released):
        world.today = day
        with pytest.raises(Refused, match="quarantined"):
            world.launch("lab:5")


def test_of_two_releases_only_the_named_one_moves(world: World) -> None:
    """The other's channel stays."""
    world.build("lab:3", "20261101.1")
    line(world, *THREE)
    other = world.observe().channel("lab:3")

    world.apply(world.quarantine("20261103.1"))

    assert world.observe().channel("lab:3") == other
    assert replace(world.store.kept[0], reason="").status is BuildStatus.PROMOTED
