"""Plans of upgrades, as a person reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core.environments import LaunchRequest
from manager.core.plan import Plan
from manager.core.starting import plan_start
from manager.core.upgrading import Known, Move, plan_call_off, plan_move, plan_rest, successor_spec
from manager.errors import Refused
from tests.fakes.world import OWNER, TODAY, World

if TYPE_CHECKING:
    from manager.core.observed import Environment

LIMITS = LaunchRequest("", memory=2**30, cpus=1.0, pids=100)


def moving(world: World, one: Environment, *, own: tuple[str, ...] = (), known: Known | None = None) -> Plan:
    """Plan to put an environment on the newest build of lab:4."""
    release = world.catalog.release("lab:4", TODAY)
    build = world.observe().build(world.observe().channel("lab:4"))
    assert build is not None
    launch = world.catalog.families[0].launch
    spec = successor_spec(world.names, one, release, launch, build, LIMITS)
    move = Move(spec, "lab:4", build.version, f"{OWNER} upgrades from {one.release} {one.version}", own=own)
    return plan_move(world.catalog, world.observe(), one, known or Known(LIMITS), move, names=world.names, today=TODAY)


@pytest.fixture
def work(ready: World) -> Environment:
    """Let an environment run on lab:3, with builds of both."""
    ready.build("lab:3", "20261010.1")
    return ready.running("work", "lab:3", workspace="files")


def test_a_running_environment_is_stopped_last_of_all(ready: World, work: Environment) -> None:
    """Everything that takes time is done before; the old container goes when the new one answers."""
    plan = moving(ready, work, own=("polars==1.0",))

    assert (
        plan.text()
        == """\
plan: upgrade work to lab:4 20261101.1 (as of 2026-11-21)
  1. keep definition work  - -> lab:3 20261010.1
      because env upgrade work --back returns to it
  2. install packages work  - -> polars==1.0
      because you installed them yourself, and another release has a place of its own for them
  3. create environment work  lab:3 20261010.1 -> lab:4 20261101.1
      because ana upgrades from lab:3 20261010.1
  4. stop environment work  running -> stopped
      because its owner asks for the upgrade; files stay, what kernels hold in memory does not
  5. start environment work  - -> ready
      because it takes its place once it answers; if it does not, the old one is back
  6. replace environment work  lab:3 20261010.1 -> gone
      because lab:4 answers in its place"""
    )
    assert not plan.destructive


def test_one_that_is_stopped_is_stopped_again(ready: World, work: Environment) -> None:
    """It has no place to yield."""
    plan = moving(ready, replace(work, state="stopped", wanted="stopped"))

    assert [step.kind for step in plan.steps] == [
        "keep definition", "create environment", "start environment", "replace environment",
    ]  # fmt: skip
    assert plan.steps[2].after == "ready, then stopped as it was"


def test_what_was_cut_short_starts_over_goes_on_or_is_called_off(ready: World, work: Environment) -> None:
    """Over as long as the successor had not taken the place; after that only the names are left to change."""
    stopped = replace(work, state="stopped", wanted="running")
    waiting = replace(work, container=ready.names.next(work.container), digest="sha256:next", release="lab:4")

    over = moving(ready, stopped, known=Known(LIMITS, digest=work.digest, waiting=waiting))
    on = plan_rest(stopped, Known(LIMITS, digest="sha256:next", waiting=waiting), names=ready.names, today=TODAY)
    known = Known(LIMITS, digest=work.digest, waiting=waiting)
    again = plan_start(ready.catalog, ready.observe(), stopped, names=ready.names, today=TODAY)
    off = plan_call_off(stopped, known, again, names=ready.names, today=TODAY)
    left = plan_call_off(stopped, known, Plan("", TODAY, ()), names=ready.names, today=TODAY)

    assert "what an interrupted upgrade left goes first" in over.text()
    assert "start environment" in [step.kind for step in over.steps]
    assert [step.kind for step in on.steps] == ["replace environment"]
    assert [step.kind for step in off.steps] == ["remove environment", "start environment"]
    assert off.steps[1].needs == (off.steps[0].id,)
    assert [step.kind for step in left.steps] == ["remove environment"]


def test_another_family_has_another_home(ready: World, work: Environment) -> None:
    """It is made, and said to be new; the workspace is the same."""
    plan = moving(ready, replace(work, release="other:1"))

    assert "its settings for lab are new: a home belongs to one family" in plan.notes


def test_a_launch_that_did_not_end_is_no_environment_to_upgrade(ready: World, work: Environment) -> None:
    """The launch is given again."""
    with pytest.raises(Refused, match="the launch of work did not end") as caught:
        moving(ready, replace(work, state="created", wanted=""))
    assert "solvent env launch lab:3 --name work --workspace files" in caught.value.hint


def test_a_plan_does_not_read_what_others_do(ready: World, work: Environment) -> None:
    """Another person's launch leaves it fresh; a new build of the target does not."""
    before = moving(ready, work).fingerprint
    ready.apply(ready.launch("lab:4", "bea", name="theirs"))
    assert moving(ready, work).fingerprint == before

    ready.build("lab:4", "20261120.1")
    assert moving(ready, work).fingerprint != before
