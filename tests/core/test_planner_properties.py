"""What holds for every plan: deterministic, ordered, convergent, and blind to what is not its business."""

from __future__ import annotations

import itertools
import random
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager.core import planner
from manager.core.builds import plan_build
from manager.core.environments import LaunchRequest
from manager.core.observed import BuildStatus, Silent
from manager.core.plan import in_order
from manager.errors import ManagerError, Unreachable
from tests.fakes.world import OWNER, PORTS, World, catalog

if TYPE_CHECKING:
    from manager.core.observed import Observed
    from manager.core.plan import Plan

# A world takes a while to make.
FEWER = settings(max_examples=60)
# Mostly one release and good builds: that is where one has to be chosen among several.
LINES = st.sampled_from(["4", "4", "4", "5", "3", "2"])
STATUSES = st.sampled_from([BuildStatus.SUPERSEDED, BuildStatus.SUPERSEDED, *sorted(BuildStatus)])
NAMES = st.sampled_from(["", "one", "two", "three"])
BUILDS = st.lists(st.tuples(LINES, STATUSES, st.booleans(), st.booleans(), st.booleans()), max_size=6)
ENVIRONMENTS = st.lists(
    st.tuples(NAMES, st.sampled_from([OWNER, "bea"]), st.sampled_from(["running", "stopped", "created"])), max_size=4
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Make a world with any builds, in any status, and some environments of two people."""
    world = World()
    for system in world.catalog.systems:
        if draw(st.booleans()):
            world.base(system.id)
    for number, (line, status, points, same, bytes_) in enumerate(draw(BUILDS), 1):
        points_to = points and status is not BuildStatus.FAILED
        spec = None if same else f"other {number}"
        world.build(f"lab:{line}", f"20261101.{number}", status, points=points_to, spec=spec, bytes_=bytes_)
    for name, owner, state in draw(ENVIRONMENTS):
        with suppress(ManagerError):
            plan = world.launch("lab:4", owner, name=name)
            made: dict[str, object] = {}
            for step in plan.steps[:-1] if state == "created" else plan.steps:
                world.carry_out(step, made)  # type: ignore[arg-type]
            if state == "stopped":
                world.engine.stop(world.environment(plan.result, owner).container)
    return world


REQUESTS = st.builds(
    LaunchRequest, st.sampled_from(["lab", "lab:5", "lab:4", "lab:3", "lab:2"]), name=NAMES, candidate=st.booleans()
)


def launch(world: World, observed: Observed, request: LaunchRequest) -> Plan | str:
    """Plan a launch, or give the refusal as text."""
    try:
        return planner.plan_launch(
            world.catalog, observed, request, owner=OWNER, names=world.names, today=world.today, ports=PORTS
        )
    except ManagerError as error:
        return f"{type(error).__name__} {error.message} {error.hint}"


def shuffled(observed: Observed, seed: int) -> Observed:
    """Give the same world read in another order."""
    parts = {}
    for name in ("environments", "images", "volumes", "networks", "builds", "channels"):
        parts[name] = tuple(random.Random(seed).sample(getattr(observed, name), len(getattr(observed, name))))
    return replace(observed, **parts)


@FEWER
@given(world=worlds(), request=REQUESTS, seed=st.integers())
def test_plans_do_not_depend_on_the_order_of_what_was_read(world: World, request: LaunchRequest, seed: int) -> None:
    """An engine lists in any order."""
    observed = world.observe()

    assert launch(world, observed, request) == launch(world, shuffled(observed, seed), request)
    for names in (("lab:4",), ("lab:5", "lab:3", "lab:2")):
        plans = [
            plan_build(world.catalog, one, names, names=world.names, today=world.today, everything=True)
            for one in (observed, shuffled(observed, seed))
        ]
        assert plans[0] == plans[1]


def test_of_several_good_builds_the_newest_is_taken_in_whatever_order_they_are_read() -> None:
    """By the moment of its making; versions are compared as numbers, so .10 is newer than .9."""
    world = World()
    for number in (9, 10, 2):
        world.build("lab:4", f"20261101.{number}", BuildStatus.SUPERSEDED, spec=str(number))
    observed = world.observe()
    same = tuple(replace(build, created=observed.builds[0].created) for build in observed.builds)

    for builds in (observed.builds, same):
        for order in itertools.permutations(builds):
            plan = launch(world, replace(observed, builds=order), LaunchRequest("lab:4"))
            assert not isinstance(plan, str)
            assert "build 20261101.10" in plan.text()


@FEWER
@given(world=worlds(), request=REQUESTS)
def test_steps_come_after_what_they_need(world: World, request: LaunchRequest) -> None:
    """No circle, no need that is not there, no step twice, and a cause for each."""
    plan = launch(world, world.observe(), request)
    if isinstance(plan, str):
        return

    assert in_order(plan.steps) == plan.steps
    assert len({step.id for step in plan.steps}) == len(plan.steps)
    assert all(step.cause for step in plan.steps)
    assert not plan.destructive


@FEWER
@given(world=worlds())
def test_building_converges(world: World) -> None:
    """Planning again after applying gives an empty plan, from whatever the world was."""
    names = tuple(one.name for one in world.catalog.releases)

    plan = world.apply(world.make(*names, everything=True))

    again = world.make(*names, everything=True)
    assert again.steps == ()
    for step in plan.steps:
        if step.kind == "promote build":
            assert world.store.pointers[step.id.removeprefix("promote:"), "stable"]


@FEWER
@given(world=worlds(), request=REQUESTS)
def test_launching_converges(world: World, request: LaunchRequest) -> None:
    """What was launched runs, on a good build of its release, and starting it again needs nothing."""
    plan = launch(world, world.observe(), request)
    if isinstance(plan, str):
        return

    world.apply(plan)

    one = world.environment(plan.result)
    assert one.state == "running"
    assert world.start(one.name).steps == ()
    build = world.observe().build(one.digest)
    assert build is not None
    assert build.release == one.release
    good = {BuildStatus.PROMOTED, BuildStatus.SUPERSEDED} | ({BuildStatus.CANDIDATE} if request.candidate else set())
    # What an earlier launch left created is finished on the build that it has.
    assert build.status in good or "interrupted" in plan.steps[-1].cause
    assert build.status is not BuildStatus.QUARANTINED


@FEWER
@given(world=worlds(), request=REQUESTS)
def test_at_no_step_of_a_launch_is_the_next_plan_lost(world: World, request: LaunchRequest) -> None:
    """Stopped after any number of steps, the same request is planned again and ends in the same environment."""
    plan = launch(world, world.observe(), request)
    if isinstance(plan, str):
        return
    for after in range(len(plan.steps)):
        made: dict[str, object] = {}
        for step in plan.steps[: after + 1]:
            with suppress(ManagerError):
                world.carry_out(step, made)  # type: ignore[arg-type]
        if after + 1 < len(plan.steps):
            again = launch(world, world.observe(), request)
            assert not isinstance(again, str), again
            assert again.result == plan.result
            plan_now = again
    if len(plan.steps) > 1:
        world.apply(plan_now)
    assert world.environment(plan.result).state == "running"


@FEWER
@given(world=worlds(), part=st.sampled_from(["engine", "records"]))
def test_what_cannot_be_read_is_not_decided_on(world: World, part: str) -> None:
    """Every planner raises Unreachable; none proposes anything."""
    silent = replace(world.observe(), **{part: Silent("it", "is silent")})

    assert str(launch(world, silent, LaunchRequest("lab"))).startswith("Unreachable")
    with pytest.raises(Unreachable):
        plan_build(world.catalog, silent, ("lab:4",), names=world.names, today=world.today)
    for environment in world.observe().environments:
        for deletes in (False, True):
            with pytest.raises(Unreachable):
                planner.plan_remove(silent, environment, names=world.names, today=world.today, deletes=deletes)


@FEWER
@given(world=worlds(), request=REQUESTS, people=st.integers(1, 4))
def test_people_who_launch_at_once_do_not_disturb_each_other(world: World, request: LaunchRequest, people: int) -> None:
    """Another person's environment, volumes, port and the shared network are no part of the fingerprint."""
    world.bases()
    if not world.store.builds("lab:4"):
        world.build("lab:4", "20261120.1")
    before = launch(world, world.observe(), request)

    for number in range(people):
        with suppress(ManagerError):
            plan = world.launch("lab:4", f"person-{number}", name="one")
            if not any(step.kind in {"build image", "promote build"} for step in plan.steps):
                world.apply(plan)

    after = launch(world, world.observe(), request)
    assert isinstance(after, str) == isinstance(before, str)
    if not isinstance(before, str) and not isinstance(after, str):
        assert after.fingerprint == before.fingerprint


def test_a_fingerprint_covers_what_was_read() -> None:
    """The negative control: build, request, state of the environment and dates are read."""
    world = World()
    world.bases()
    world.build()
    prints = [world.launch().fingerprint]
    world.build(version="20261115.1", spec="newer")
    prints.append(world.launch().fingerprint)
    prints.append(world.launch(workspace="other").fingerprint)
    world.running("lab")
    prints.append(world.stop("lab").fingerprint)
    world.apply(world.stop("lab"))
    prints.append(world.start("lab").fingerprint)
    world.catalog = catalog("3", "4", "5", files=(("Dockerfile", "d2"),))
    prints.append(world.make("lab:4").fingerprint)
    world.base("browser")
    world.engine.remove_image(world.store.kept[0].digest)
    prints.append(world.make("lab:4").fingerprint)

    assert len(set(prints)) == len(prints)
