"""Stopped by a person, two at once, an engine that goes away, a plan that is stale; kills are in test_fault_table."""

from __future__ import annotations

import contextlib
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.containers import LABEL
from manager.core.environments import LaunchRequest
from manager.core.observed import BuildStatus
from manager.errors import Interrupted, ManagerError, Refused, Unreachable
from tests.app.conftest import RELEASE, World, ended, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.manager import Manager
    from manager.core.plan import Plan

REQUEST = LaunchRequest(RELEASE, name="work")


class Killed(BaseException):
    """The process is gone: nothing of ours runs any more, not even a clean-up."""


def launch(manager: Manager) -> Plan:
    """Plan the launch."""
    return manager.plan_launch(REQUEST)


def kill_at(world: World, number: int, when: str) -> None:
    """Raise at the given call of the engine, counted from 0, and at each one after it."""
    count = [-1]
    dead = [False]

    def fault(method: str, words: tuple[Any, ...]) -> None:
        if dead[0]:
            raise Killed
        count[0] += 1
        if count[0] == number:
            dead[0] = True
            if when == "before":
                raise Killed
            # The effect takes place, the answer does not arrive.
            world.engine.fail(method, Killed(), when="after")  # type: ignore[arg-type]

    world.engine.before.append(fault)


def heal(world: World) -> None:
    """Start the next process."""
    world.engine.before.clear()
    world.engine.heal()


def whole(world: World) -> None:
    """Assert that nothing without a label, nothing twice, and no temporary thing is there."""
    realm = LABEL + "realm"
    assert all(one.labels.get(realm) == "solvent" for one in world.engine.containers({}))
    assert all(one.labels.get(realm) == "solvent" for one in world.engine.volumes({}))
    built_in = {"bridge", "host", "none"}
    assert {one.name for one in world.engine.networks({})} - built_in <= {"solvent-environments"}
    volumes = {one.name for one in world.engine.volumes({})}
    assert volumes <= {f"solvent-ws-{owner(world)}-work", f"solvent-home-{owner(world)}-jupyterlab"}
    assert world.store.verify() == ""


def owner(world: World) -> str:
    """Give the person's name."""
    return world.manager().settings.owner


def attempts(world: World, plan: Callable[[Manager], Plan], prepare: Callable[[], None] = lambda: None) -> int:
    """Give how many calls the engine gets while a plan is made and applied."""
    prepare()
    before = len(world.engine.calls)
    manager = world.manager()
    run(manager, plan(manager))
    return len(world.engine.calls) - before


def attempt(world: World, plan: Callable[[Manager], Plan]) -> None:
    """Make and apply a plan in a process that may be killed."""
    manager = world.manager()
    with contextlib.suppress(Killed, ManagerError):
        run(manager, plan(manager))
    manager.close()


def test_a_launch_that_a_person_stops_leaves_the_way_free(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the IDE is waited for: the container is taken away, the files stay, the same command works."""
    waiting = threading.Event()

    def never(port: int, path: str, seconds: float, between: Callable[[], None]) -> None:
        waiting.set()
        while True:
            between()

    monkeypatch.setattr("manager.world.web.ready", never)
    manager = world.manager()
    stream = manager.apply(launch(manager))
    for _ in stream:
        if waiting.is_set():
            break
    stream.close()  # type: ignore[attr-defined]

    assert world.engine.containers({}) == ()
    assert world.store.entries[-1].kind == "start environment"
    assert (world.store.entries[-1].outcome, len(world.engine.volumes({}))) == ("failed", 2)
    monkeypatch.setattr("manager.world.web.ready", lambda *_words: None)
    run(manager, launch(manager))
    assert manager.environment("work").environment.state == "running"


def test_a_start_that_a_person_stops_leaves_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was there before, so it stays."""
    manager = world.launch()
    run(manager, manager.plan_stop("work"))

    def stopped(*_: object) -> None:
        raise Interrupted("stopped")

    monkeypatch.setattr("manager.world.web.ready", stopped)

    assert ended(manager, manager.plan_start("work")).code == 130
    assert manager.environment("work").environment.state == "stopped"


def test_two_launches_of_one_name_at_once(world: World) -> None:
    """Both planned before either applied: one wins, the other hears who, and there is one container."""
    one, two = world.manager(), world.manager()
    plans = launch(one), launch(two)
    errors: list[ManagerError] = []
    begin = threading.Barrier(2)

    def go(manager: Manager, plan: Plan) -> None:
        begin.wait(10)
        try:
            run(manager, plan)
        except ManagerError as error:
            errors.append(error)

    threads = [threading.Thread(target=go, args=pair) for pair in zip((one, two), plans, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [type(error) for error in errors] == [Refused]
    assert re.search("the name is taken|by another command|started meanwhile", errors[0].message)
    assert len(world.engine.containers({})) == 1
    assert one.environment("work").environment.state == "running"
    whole(world)


def test_the_engine_going_away_in_the_middle_is_said_and_the_rest_is_skipped(world: World) -> None:
    """Exit code 6, a row in the history, and the next run goes on."""
    world.engine.fail("create", Unreachable("gone", hint="solvent doctor"))
    manager = world.manager()

    error = ended(manager, launch(manager))

    assert (error.code, error.hint) == (6, "solvent doctor")
    assert [(entry.kind, entry.outcome) for entry in world.store.entries][-1] == ("create environment", "failed")
    run(manager, launch(manager))
    assert manager.environment("work").environment.state == "running"


# -- stale plans ----------------------------------------------------------------------------------------------


def test_a_plan_of_a_world_that_stood_still_is_applied(world: World) -> None:
    """What other people did meanwhile is no change."""
    manager = world.manager()
    plan = launch(manager)
    other = world.manager()
    run(other, other.plan_launch(LaunchRequest(RELEASE, name="other")))
    world.engine.create_volume("solvent-ws-bea-x", {LABEL + "realm": "solvent"})

    run(manager, plan, recheck=True)

    assert manager.environment("work").environment.state == "running"


def test_the_port_of_a_rechecked_plan_is_free(world: World) -> None:
    """The plan that is applied is the new one: a port that somebody took meanwhile is not taken twice."""
    manager = world.manager()
    plan = launch(manager)
    create = next(step.do for step in plan.steps if step.kind == "create environment")
    port = create.spec.publish[0].host_port  # type: ignore[union-attr]
    labels = {
        LABEL + "realm": "solvent",
        LABEL + "kind": "environment",
        LABEL + "owner": "bea",
        LABEL + "environment": "x",
        LABEL + "port": str(port),
    }
    spec = create.spec  # type: ignore[union-attr]
    from dataclasses import replace

    digest = world.store.kept[0].digest
    world.engine.create(replace(spec, name="solvent-bea-x", image=digest, labels=tuple(labels.items()), mounts=(),
                                networks=("none",), publish=()))  # fmt: skip

    run(manager, plan, recheck=True)

    assert manager.environment("work").environment.port != port


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("stopped", "the steps are the same"),
        ("removed", "no environment named 'work'"),
    ],
)
def test_a_stale_plan_is_refused_with_what_changed(world: World, change: str, why: str) -> None:
    """Exit code 5, and nothing was done."""
    manager = world.launch()
    plan = manager.plan_remove("work", delete_workspace=True)
    other = world.manager()
    run(other, other.plan_stop("work") if change == "stopped" else other.plan_remove("work"))
    before = len(world.store.entries)

    with pytest.raises(Refused, match="the plan to remove work is stale") as caught:
        run(manager, plan, recheck=True)

    assert why in caught.value.why
    assert len(world.store.entries) == before
    assert any("-ws-" in one.name for one in world.engine.volumes({}))


def test_a_workspace_that_somebody_began_to_use_is_not_deleted(world: World) -> None:
    """Between the question and the yes."""
    manager = world.launch()
    run(manager, manager.plan_remove("work"))
    plan = manager.plan_remove_workspace("work")
    other = world.manager()
    run(other, other.plan_launch(LaunchRequest(RELEASE, name="second", workspace="work")))

    with pytest.raises(Refused, match="workspace work is in use by second"):
        run(manager, plan, recheck=True)


def test_a_plan_whose_steps_changed_says_which(world: World) -> None:
    """Stopped by somebody else: nothing is left to stop."""
    manager = world.launch()
    plan = manager.plan_stop("work")
    other = world.manager()
    run(other, other.plan_stop("work"))

    with pytest.raises(Refused) as caught:
        run(manager, plan, recheck=True)

    assert caught.value.why == "no longer: stop environment work; now: nothing to do"


def test_a_build_that_was_quarantined_meanwhile(world: World) -> None:
    """The gate is asked again."""
    manager = world.manager()
    world.build()
    plan = launch(manager)
    world.store.set_status(world.store.kept[-1].digest, BuildStatus.QUARANTINED, "broken")

    with pytest.raises(Refused, match="stale"):
        run(manager, plan, recheck=True)


def test_a_plan_that_was_made_elsewhere_is_not_rechecked(world: World) -> None:
    """Nobody knows how to make it again."""
    manager = world.manager()
    plan = launch(manager)

    with pytest.raises(Refused, match="nobody here knows how this plan was made"):
        run(world.manager(), plan, recheck=True)
