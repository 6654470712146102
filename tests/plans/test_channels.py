"""Plans that move channels: promotions of what is proven, rollbacks, and what a freeze keeps where it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.core.catalog import Place
from manager.core.evidence import Result
from manager.core.observed import Answer, BuildStatus
from manager.core.overrides import Override
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from tests.fakes.world import World

FREEZE = Override(
    "freeze", "all", date(2026, 11, 1), "year end", "ana", Place("images/overrides/2026-11-01-freeze-all.toml", 1),
    until=date(2027, 1, 10),
)  # fmt: skip


def frozen(world: World) -> World:
    """Let everything stand still until January."""
    world.catalog = replace(world.catalog, overrides=(FREEZE,))
    return world


def candidate(world: World, version: str = "20261102.1", *outcomes: str) -> World:
    """Put a candidate there, with evidence."""
    build = world.build(version=version, status=BuildStatus.CANDIDATE, spec=version)
    results = tuple(Result(f"probe-{number}", outcome) for number, outcome in enumerate(outcomes))  # type: ignore[arg-type]
    world.store.record(build.digest, results, world.engine.now)
    return world


def line(world: World, *versions: str) -> World:
    """Promote builds one after the other, each of other ingredients."""
    for version in versions:
        world.build(version=version, status=BuildStatus.CANDIDATE, spec=version)
        digest = world.store.kept[-1].digest
        world.store.record(digest, (Result("page", "pass"),), world.engine.now)
        world.apply(world.promote(version=version))
    return world


# -- promote


def test_a_proven_candidate_is_promoted(ready: World) -> None:
    """The newest one, on the evidence of that digest; nothing is asked again."""
    plan = candidate(ready, "20261102.1", "pass", "pass").promote()

    assert (
        plan.text()
        == """\
plan: promote lab:4 20261102.1 (as of 2026-11-21)
  1. promote build lab:4 20261102.1  20261101.1 -> 20261102.1
      because it was asked for, and every required check passed"""
    )
    ready.apply(plan)
    assert not ready.promote()
    assert [one.status.value for one in ready.store.kept] == ["superseded", "promoted"]


@pytest.mark.parametrize("outcomes", [(), ("pass", "fail"), ("pass", "error"), ("skip",), ("not_run",)])
def test_what_did_not_pass_every_check_is_not_promoted(ready: World, outcomes: tuple[str, ...]) -> None:
    """Whatever the answer was, or where there is none."""
    candidate(ready, "20261102.1", *outcomes)

    with pytest.raises(Refused, match="has not passed every required check") as caught:
        ready.promote(version="20261102.1")

    assert caught.value.hint.startswith("what it answered:  solvent image show lab:4")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (BuildStatus.QUARANTINED, "is quarantined"),
        (BuildStatus.TOMBSTONED, "is tombstoned: its bytes were pruned"),
        (BuildStatus.FAILED, "has failed"),
    ],
)
def test_what_is_not_good_is_neither_promoted_nor_gone_back_to(ready: World, status: BuildStatus, says: str) -> None:
    """With the way on."""
    ready.build(version="20261030.1", status=status)

    with pytest.raises(Refused, match=says):
        ready.promote(version="20261030.1")
    with pytest.raises(Refused, match=says):
        ready.rollback(to="20261030.1")


def test_an_earlier_good_build_is_promoted(ready: World) -> None:
    """It passed before."""
    ready.build(version="20261030.1", status=BuildStatus.SUPERSEDED, spec="old")

    assert [step.after for step in ready.promote(version="20261030.1").steps] == ["20261030.1"]


def test_an_unknown_version(ready: World) -> None:
    """A near miss is named."""
    with pytest.raises(UsageError, match=r"lab:4 has no build '20261101\.2'") as caught:
        ready.promote(version="20261101.2")

    assert caught.value.hint == "did you mean 20261101.1?"


# -- rollback


def test_rollback_goes_to_the_build_promoted_before(world: World) -> None:
    """One further each time, and never to a newer one; at the oldest it says so."""
    line(world, "20261101.1", "20261102.1", "20261103.1")

    plan = world.rollback()

    assert (
        plan.text()
        == """\
plan: roll lab:4 back to 20261102.1 (as of 2026-11-21)
  1. roll back lab:4 20261102.1  20261103.1 -> 20261102.1
      because it was asked for, and that build was promoted before"""
    )
    world.apply(plan)
    assert [(one.version, one.status.value, one.reason) for one in world.store.kept[1:]] == [
        ("20261102.1", "promoted", "every required check passed"),
        ("20261103.1", "superseded", "rolled back to 20261102.1"),
    ]
    world.apply(world.rollback())
    with pytest.raises(Refused, match="lab:4 has no earlier build to go back to") as caught:
        world.rollback()
    assert caught.value.hint == "it can go to: 20261103.1, 20261102.1"


def test_what_was_rolled_back_is_not_promoted_again_without_being_named(world: World) -> None:
    """A promotion without a version stays with what the channel gives; the build that it left has to be named."""
    line(world, "20261101.1", "20261102.1")
    world.apply(world.rollback())

    plan = world.promote()

    assert (plan.steps, plan.notes) == ((), ("lab:4 20261101.1 is promoted",))
    assert [step.after for step in world.promote(version="20261102.1").steps] == ["20261102.1"]


def test_what_was_rolled_back_is_not_promoted_again_by_a_build(world: World) -> None:
    """Although it is what the catalog says: a person moved the channel, and a person moves it on."""
    world.bases()
    line(world, "20261101.1")
    world.build(version="20261102.1", status=BuildStatus.CANDIDATE)
    world.apply(world.make("lab:4"))
    assert world.observe().channel("lab:4") == world.store.kept[-1].digest

    world.apply(world.rollback())

    plan = world.make("lab:4")
    assert not plan
    assert plan.notes == (
        "lab:4 20261102.1 is what the catalog says, and was rolled back to 20261101.1:  "
        "solvent image promote lab:4 20261102.1",
    )
    world.apply(world.promote(version="20261102.1"))
    assert world.make("lab:4").notes == ("lab:4 20261102.1 is built, proven and promoted: nothing to do",)


def test_a_rollback_to_missing_bytes_pulls_them(world: World) -> None:
    """It says so; where no registry has them, an older one that is here is taken, and a named one is refused."""
    line(world, "20261101.1", "20261102.1", "20261103.1")
    middle = world.store.kept[1]
    world.apply(world.push("lab:4"))
    world.engine.remove_image(middle.digest)

    plan = world.rollback()

    assert [step.after for step in plan.steps] == ["20261101.1"]
    assert plan.notes == ("the bytes of build 20261102.1 of lab:4 are missing, and no registry has them",)
    with pytest.raises(Refused, match="are missing here, and no registry has them") as caught:
        world.rollback(to="20261102.1")
    assert caught.value.hint == "build it again, as a new version:  solvent image build lab:4"
    # The newest was pushed; from the oldest the channel can be moved on to it although its bytes are gone.
    world.apply(plan)
    world.engine.remove_image(world.store.kept[2].digest)
    plan = world.rollback(to="20261103.1")
    assert [step.kind for step in plan.steps] == ["pull build", "roll back"]
    assert plan.notes == ("the bytes of build 20261103.1 of lab:4 are missing here: they are pulled",)
    world.registry = Answer("", "silent", message="the registry is silent")
    with pytest.raises(Refused) as caught:
        world.rollback(to="20261103.1")
    assert caught.value.why == "the registry is silent"


def test_a_candidate_is_no_way_back(ready: World) -> None:
    """Not even a proven one: that is promoted."""
    candidate(ready, "20261030.1", "pass")

    with pytest.raises(Refused, match="was never promoted: there is no way back to it"):
        ready.rollback(to="20261030.1")


def test_a_rollback_that_was_killed_half_way_is_finished_and_goes_no_further(world: World) -> None:
    """The channel had moved, and the builds were not yet called what they are."""
    line(world, "20261101.1", "20261102.1", "20261103.1")
    world.store.move_channel("lab:4", "stable", world.store.kept[2].digest, world.store.kept[1].digest)

    world.apply(world.rollback())

    assert [one.status.value for one in world.store.kept] == ["superseded", "promoted", "superseded"]
    assert world.observe().channel("lab:4") == world.store.kept[1].digest


# -- freezes


def test_a_freeze_keeps_channels_where_they_are(world: World) -> None:
    """Promotion and rollback are refused with the day; a build is made and proven, and its promotion waits."""
    line(world, "20261101.1", "20261102.1")
    candidate(frozen(world), "20261103.1", "pass")

    for plan in (world.promote, world.rollback):
        with pytest.raises(Refused, match="lab:4 is frozen until 2027-01-10: its channel stays") as caught:
            plan()
        assert caught.value.why == "images/overrides/2026-11-01-freeze-all.toml:1  year end"
    world.bases()
    plan = world.make("lab:4")
    assert [step.kind for step in plan.steps] == ["make tree", "make tree", "build image", "prove build"]
    assert plan.notes == ("lab:4 20261121.1: its promotion waits until 2027-01-10: year end",)
    world.apply(plan)

    world.today = date(2027, 1, 10)

    world.apply(world.promote())
    assert world.observe().channel("lab:4") == world.store.kept[-1].digest


def test_a_freeze_does_not_keep_the_first_build_back(world: World) -> None:
    """Where nobody has anything to launch, nothing moves for anybody."""
    plan = frozen(world).make("lab:4")

    assert plan.steps[-1].kind == "promote build"


def test_of_a_quarantined_build_alone_a_promotion_says_the_way_past_it(world: World) -> None:
    """A build of the same ingredients would be refused for the same reason."""
    world.build(version="20261101.1", status=BuildStatus.CANDIDATE)
    world.store.set_status(world.store.kept[-1].digest, BuildStatus.QUARANTINED, "broken")

    with pytest.raises(Refused, match=r"build 20261101\.1 of lab:4 is quarantined") as caught:
        world.promote()

    assert caught.value.why == "broken"
    assert "solvent image lock lab:4 --upgrade PACKAGE" in caught.value.hint
    assert "solvent image unquarantine lab:4@20261101.1 --reason TEXT" in caught.value.hint
