"""No plan about builds or days stops what runs or touches a file of a person (LIFECYCLE, rule 8)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from manager.core import actions as do
from manager.core.upgrade_actions import UpgradeAction
from manager.errors import Refused
from tests.fakes.world import World, catalog
from tests.plans.test_channels import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.plan import Plan

VERSIONS = tuple(f"2026110{number}.1" for number in range(1, 6))
# What changes an environment or its files.
TOUCHING = (
    do.RemoveVolume, do.RemoveContainer, do.StopEnvironment, do.ForgetEnvironment, do.CreateEnvironment,
    do.StartEnvironment, do.DeliverConnections, do.CloneWorkspace, do.TakeFiles, *get_args(UpgradeAction),
)  # fmt: skip
PLANS: dict[str, Callable[[World], Plan]] = {
    "build": lambda world: world.make("lab:4", force=True),
    "build --all": lambda world: world.make(*(one.name for one in world.catalog.releases), everything=True),
    "promote": lambda world: world.promote(version=VERSIONS[1]),
    "rollback": lambda world: world.rollback(),
    "quarantine": lambda world: world.quarantine(VERSIONS[0]),
    "unquarantine": lambda world: world.lift(VERSIONS[0]),
    "prune": lambda world: world.prune(),
    "push": lambda world: world.push("lab:4"),
}
DAYS = ("released", "deprecated", "create_block", "end_of_life", "restart_block", "remove_after")


@pytest.fixture
def used() -> World:
    """Give a world in which one environment runs and one is stopped, both on a build that is old by now."""
    world = World(catalog=catalog("4", "3"))
    world.bases()
    line(world, VERSIONS[0])
    world.running("work")
    world.running("rest")
    world.apply(world.stop("rest"))
    return line(world, *VERSIONS[1:])


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("kind", PLANS)
def test_no_plan_touches_what_people_have(used: World, kind: str, day: str) -> None:
    """On every day of a release's life: volumes, containers and their bytes are what they were."""
    used.today = getattr(used.catalog.release("lab:4", used.today).schedule, day)
    if kind == "unquarantine":
        used.apply(used.quarantine(VERSIONS[0]))
    before = people(used)
    # What is refused on that day changes nothing.
    with suppress(Refused):
        plan = PLANS[kind](used)
        assert not [step for step in plan.steps if isinstance(step.do, TOUCHING)]
        used.apply(plan)
    assert people(used) == before


def people(world: World) -> object:
    """Give what people have: volumes, containers with their states, and the images these stand on."""
    containers = [(one.name, one.state, one.image) for one in world.engine.containers({})]
    here = {image.digest for image in world.engine.images({})}
    return world.engine.volumes({}), containers, {image in here for _, _, image in containers}


def test_a_plan_that_removes_files_is_found(used: World) -> None:
    """The negative control: who asks for it has them removed, and it is seen."""
    used.apply(used.remove("rest"))
    before = people(used)
    plan = used.remove_workspace("rest")

    assert [step for step in plan.steps if isinstance(step.do, TOUCHING)]
    used.apply(plan)
    assert people(used) != before
    assert replace(plan, steps=()).text()
