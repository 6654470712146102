"""Steps that are left out of a plan take with them what makes no sense without them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.actions import RemoveVolume
from manager.core.parts import ASKED, has_parts, left_out, parted
from manager.core.plan import Plan, Step
from manager.errors import UsageError
from tests.fakes.world import World

DAY = date(2026, 11, 21)


def _step(name: str, *needs: str, aim: bool = False, destructive: bool = False) -> Step:
    return Step(name, "do", name, "it is owed", RemoveVolume(name), needs=needs, aim=aim, destructive=destructive)


def _plan(*steps: Step) -> Plan:
    return Plan("test", DAY, steps)


BUILDS = _plan(
    _step("base"), _step("one", "base"), _step("two", "base"), _step("promote one", "one"), _step("promote two", "two")
)


@pytest.mark.parametrize(
    ("without", "stays"),
    [
        ((), ["base", "one", "two", "promote one", "promote two"]),
        (("promote two",), ["base", "one", "promote one"]),
        (("two",), ["base", "one", "promote one"]),
        (("base",), []),
        (("one", "two"), []),
    ],
)
def test_an_aim_is_carried_out_whole_or_not_at_all(without: tuple[str, ...], stays: list[str]) -> None:
    """What needs it goes, and so does what nothing needs any more."""
    assert [step.id for step in parted(BUILDS, without).steps] == stays


def test_what_is_wanted_for_itself_stays_without_what_needs_it() -> None:
    """A build is removed, and what the cache has of it is kept."""
    plan = _plan(_step("empty"), _step("prune", "empty", aim=True, destructive=True), _step("cache", "prune"))

    assert [step.id for step in parted(plan, ["cache"]).steps] == ["empty", "prune"]
    part = parted(plan, ["prune"])
    assert (part.steps, part.destructive) == ((), ())
    assert left_out(plan, ["prune"]) == {
        "prune": ASKED, "cache": "it needs: do prune", "empty": "nothing that stays needs it",
    }  # fmt: skip


def test_the_notes_say_what_is_left_out_and_why() -> None:
    """In the order of the plan."""
    notes = parted(BUILDS, ["two"]).notes

    assert notes == ("left out: do two (as asked)", "left out: do promote two (it needs: do two)")


def test_a_step_that_is_not_there_is_named() -> None:
    """With those that are."""
    with pytest.raises(UsageError) as caught:
        parted(BUILDS, ["three"])
    assert "no step three" in caught.value.message
    assert "promote two" in (caught.value.why or "")


def test_a_plan_of_one_aim_has_no_parts() -> None:
    """Whatever is left out, nothing stays."""
    assert has_parts(BUILDS)
    assert not has_parts(_plan(_step("one"), _step("two", "one"), _step("three", "two")))
    assert not has_parts(_plan())


@st.composite
def _plans(draw: st.DrawFn) -> tuple[Plan, list[str]]:
    names = [f"s{index}" for index in range(draw(st.integers(1, 8)))]
    steps = [
        _step(name, *draw(st.lists(st.sampled_from(names[:index]), unique=True) if index else st.just([])),
              aim=draw(st.booleans()))
        for index, name in enumerate(names)
    ]  # fmt: skip
    return _plan(*steps), draw(st.lists(st.sampled_from(names), unique=True))


@given(_plans())
def test_a_part_has_all_that_it_needs_and_nothing_for_what_went(drawn: tuple[Plan, list[str]]) -> None:
    """Whatever the plan; the order stays, and leaving out what is out already changes nothing."""
    plan, without = drawn
    part = parted(plan, without)
    stays = [step.id for step in part.steps]

    assert not set(stays) & set(without)
    assert [step.id for step in plan.steps if step.id in stays] == stays
    assert all(set(step.needs) <= set(stays) for step in part.steps)
    for step in part.steps:
        users = [one.id for one in plan.steps if step.id in one.needs]
        assert step.aim or not users or set(users) & set(stays)
    assert parted(plan, left_out(plan, without)).steps == part.steps


@pytest.mark.parametrize(
    ("without", "left"),
    [
        ("promote:lab:4", {"build image", "prove build"}),
        ("prove:lab:4", {"build image"}),
        ("image:lab:4", set()),
    ],
)
def test_a_build_stays_without_its_proof_and_its_promotion(without: str, left: set[str]) -> None:
    """It is a candidate then, which can be proven and promoted later."""
    world = World()
    plan = world.make("lab:4")
    assert {"build image", "prove build", "promote build"} <= {step.kind for step in plan.steps}

    stays = {step.kind for step in parted(plan, [without]).steps}

    assert stays & {"build image", "prove build", "promote build"} == left
    assert bool(stays) is bool(left)
