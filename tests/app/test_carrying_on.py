"""A plan of many releases goes on past a failure: the others are built, and what was not is named with its reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.app.apply import apply
from manager.app.carrying_on import carried_on, unbuilt
from manager.app.events import PlanDone
from manager.core.build_actions import MakeBase, MakeImage, MoveChannel
from manager.core.plan import Plan, Step
from manager.errors import Failed, Interrupted, ManagerError, Unreachable

if TYPE_CHECKING:
    from manager.app.apply import Progress


def plan(*releases: str) -> Plan:
    """Give a plan that makes a base, and an image and a move for each release on it."""
    steps = [Step("base", "make base", "trixie", "needed", MakeBase("trixie", "key"))]
    for name in releases:
        image = Step(f"image:{name}", "build image", name, "new", MakeImage(name, "1"), needs=("base",))
        move = MoveChannel(name, "stable", "", "1", "")
        steps += [image, Step(f"promote:{name}", "promote build", name, "new", move, needs=(image.id,))]
    return Plan("build", date(2026, 11, 21), tuple(steps))


def ended(wanted: Plan, **errors: ManagerError) -> PlanDone:
    """Carry a plan out in which steps fail; names of steps have underscores for colons."""

    def execute(step: Step, _: Progress) -> object:
        if error := errors.get(step.id.replace(":", "_")):
            raise error
        return step.id

    last = list(carried_on(apply(wanted, execute, lambda *_: None)))[-1]
    assert isinstance(last, PlanDone)
    return last


def test_one_failure_keeps_no_other_release_from_being_built() -> None:
    """What needs the failed step is skipped, for the same reason."""
    done = ended(plan("a", "b", "c"), image_b=Failed("no space", why="the disk is full", hint="make some"))

    assert {"image:a", "promote:a", "image:c", "promote:c"} <= done.results.keys()
    assert [step.id for step, _ in done.failed] == ["image:b", "promote:b"]
    error = unbuilt(done)
    assert error is not None
    assert (error.code, error.message) == (1, "one release was not built: b")
    assert error.why == "b: no space: the disk is full"
    assert error.hint.endswith("solvent image build b\nmake some")


def test_a_shared_step_that_fails_is_the_reason_of_all() -> None:
    """Each release is named once, although the step was none of its own."""
    done = ended(plan("a", "b"), base=Failed("no mirror"))

    error = unbuilt(done)
    assert error is not None
    assert (error.message, error.why) == ("2 releases were not built: a, b", "a: no mirror\nb: no mirror")


def test_nothing_failed() -> None:
    """The negative control: there is no error."""
    done = ended(plan("a"))

    assert done.failed == ()
    assert unbuilt(done) is None
    assert unbuilt(None) is None


def test_an_engine_that_is_gone_is_told_as_such() -> None:
    """With its own exit code."""
    error = unbuilt(ended(plan("a", "b"), base=Unreachable("the engine is gone")))

    assert error is not None
    assert error.code == 6


def test_who_stops_it_has_stopped_it() -> None:
    """An interrupt is no failure of a release."""
    with pytest.raises(Interrupted):
        ended(plan("a", "b"), image_a=Interrupted("stopped"))
