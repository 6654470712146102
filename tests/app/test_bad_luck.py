"""What happens behind Solvent's back: it says what is, brings back what can be brought back, and invents nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.containers import Mount
from manager.core.environments import LaunchRequest
from manager.core.observed import EngineInfo
from manager.errors import Refused, Unreachable, UsageError
from tests.app.conftest import RELEASE, World, ended, run
from tests.fakes.store import FakeStore

if TYPE_CHECKING:
    from manager.app.manager import Manager

WORKSPACE, HOME = "solvent-ws-{}-work", "solvent-home-{}-jupyterlab"


def matters(world: World) -> list[tuple[str, str, str]]:
    """Give what status says of environments, without the releases that have no build here."""
    return [(one.kind, one.subject, one.pay) for one in world.manager().status() if one.kind != "build"]


def states(world: World) -> dict[str, str]:
    """Give what the list says."""
    return {one.environment.name: one.environment.state for one in world.manager().environments()}


def container(world: World, name: str = "work") -> str:
    """Give the name of an environment's container."""
    manager = world.manager()
    return manager.names.environment(manager.settings.owner, name)


def volume(world: World, pattern: str) -> str:
    """Give the name of a volume of this person."""
    return pattern.format(world.manager().settings.owner)


def lose(world: World, *kinds: str) -> None:
    """Do what somebody does with the engine's own commands."""
    world.engine.remove(container(world))
    if "image" in kinds:
        world.engine.remove_image(world.store.kept[0].digest)
    if "workspace" in kinds:
        world.engine.remove_volume(volume(world, WORKSPACE))
    if "home" in kinds:
        world.engine.remove_volume(volume(world, HOME))
    if "network" in kinds:
        world.engine.remove_network("solvent-environments")


def start(world: World, **more: bool) -> Manager:
    """Start it as a command does."""
    manager = world.manager()
    run(manager, manager.plan_start("work", **more))
    return manager


# -- the container is gone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("besides", [(), ("network",), ("home",), ("network", "home")])
def test_a_removed_container_comes_back_as_it_was_launched(world: World, besides: tuple[str, ...]) -> None:
    """On the same digest, port, workspace and limits, whatever has been promoted and set meanwhile."""
    world.launch(memory=2**30, cpus=1.5)
    before, was = world.engine.specs[container(world)], world.manager().environment("work").environment
    lose(world, *besides)
    world.build()

    assert states(world) == {"work": "gone"}
    assert matters(world) == [("gone", "work", "solvent env start work")]
    start(world)

    assert world.engine.specs[container(world)] == before
    now = world.manager().environment("work").environment
    assert (now.state, now.digest, now.port, now.workspace) == ("running", was.digest, was.port, was.workspace)
    assert matters(world) == [("upgrade", "work", "solvent env upgrade work")]
    assert not world.manager().plan_start("work"), "planning again gives nothing"


@pytest.mark.parametrize(
    "edited",
    [
        {"mounts": (Mount("/", "/host", kind="bind"),)},
        {"mounts": (Mount("solvent-ws-somebody-work", "/workspace"),)},
        {"image": "sha256:" + "0" * 64},
        {"name": "another"},
    ],
    ids=lambda edited: next(iter(edited)),
)
def test_what_somebody_edited_in_the_database_is_not_brought_back(world: World, edited: dict[str, Any]) -> None:
    """A folder of the host, another's files or other bytes come from no row of a database that many may write."""
    world.launch()
    lose(world)
    [(key, kept)] = world.store.launched.items()
    mounts = kept.spec.mounts + edited.get("mounts", ())
    world.store.launched[key] = replace(kept, spec=replace(kept.spec, **edited | {"mounts": mounts}))

    with pytest.raises(Refused, match="does not fit together"):
        world.manager().plan_start("work")

    world.store.launched[key] = kept
    assert world.manager().plan_start("work"), "the negative control"


def test_a_connection_of_what_is_gone_stays(world: World) -> None:
    """A start brings the environment back and asks for it; once that is removed, nobody does."""
    manager = world.manager()
    manager.add_connection("warehouse", "postgresql", url="postgresql://u@db.example/sales")
    world.launch(connections=("warehouse",))
    lose(world)

    with pytest.raises(Refused, match="connection warehouse is used by work"):
        world.manager().remove_connection("warehouse")

    manager = world.manager()
    run(manager, manager.plan_remove("work"))
    world.manager().remove_connection("warehouse")


def test_a_home_that_is_gone_is_said(world: World) -> None:
    """Settings are lost, files are not: an empty home is made with a word."""
    world.launch()
    lose(world, "home")

    plan = world.manager().plan_start("work")

    assert "your home for jupyterlab is gone, and its settings with it: an empty one is made" in plan.notes


def test_a_lost_workspace_is_never_replaced_silently(world: World) -> None:
    """The files are lost: said, refused, and an empty workspace only on demand."""
    world.launch()
    lose(world, "workspace")

    assert matters(world) == [("lost", "work", "solvent env start work --new-workspace")]
    with pytest.raises(Refused, match="workspace work of work is gone, and its files with it") as caught:
        world.manager().plan_start("work")
    assert "--new-workspace" in caught.value.hint
    assert world.engine.volume(volume(world, WORKSPACE)) is None
    start(world, new_workspace=True)

    assert states(world) == {"work": "running"}
    for given in ("running", "stopped"):
        if given == "stopped":
            world.engine.stop(container(world))
        with pytest.raises(UsageError, match="work has its workspace"):
            world.manager().plan_start("work", new_workspace=True)


def test_an_empty_workspace_is_not_made_beside_files(world: World) -> None:
    """The option is for lost files alone."""
    world.launch()
    lose(world)

    with pytest.raises(UsageError, match="workspace work of work is there"):
        world.manager().plan_start("work", new_workspace=True)


def test_without_its_image_it_waits_for_the_bytes(world: World) -> None:
    """Other bytes would be another environment: the way there is given."""
    world.launch()
    lose(world, "image")

    assert matters(world) == [("gone", "work", f"solvent image build {RELEASE}")]
    with pytest.raises(Refused, match=r"the image of work is gone: build 20261120\.1") as caught:
        world.manager().plan_start("work")
    assert f"solvent image build {RELEASE}" in caught.value.hint
    assert f"solvent env launch {RELEASE} --name work --workspace work" in caught.value.hint


def test_a_gone_environment_keeps_its_name_and_its_workspace(world: World) -> None:
    """Neither is taken by a launch, nor deleted, before it is removed; then both are free."""
    manager = world.launch()
    lose(world)

    with pytest.raises(Refused, match=f"an environment named work exists already: {RELEASE}, gone"):
        manager.plan_launch(LaunchRequest(RELEASE, name="work"))
    with pytest.raises(Refused, match="workspace work is in use by work"):
        manager.plan_remove_workspace("work")
    with pytest.raises(Refused, match="the container of work is gone"):
        manager.logs("work")
    assert not manager.plan_stop("work")
    run(manager, manager.plan_remove("work"))

    assert states(world) == {}
    run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work")))


def test_forgetting_touches_nothing_on_the_engine(world: World) -> None:
    """A foreign container may have the name by now: it is not ours, and stays; bringing back is refused."""
    world.launch()
    spec = world.engine.specs[container(world)]
    lose(world)
    world.engine.create(replace(spec, labels=(), image=world.store.kept[0].digest))
    manager = world.manager()

    assert states(world) == {"work": "gone"}
    assert "the name is taken" in ended(manager, manager.plan_start("work")).message
    run(manager, manager.plan_remove("work"))

    assert [one.name for one in world.engine.containers({})] == [spec.name]
    assert states(world) == {}


def test_what_was_launched_on_another_engine_is_not_gone_here(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several machines may share one database; each speaks of its own."""
    world.launch()
    lose(world)
    other = replace(world.engine.info(), id="FAKE:2")
    monkeypatch.setattr(world.engine, "info", lambda: other)

    assert isinstance(other, EngineInfo)
    assert states(world) == {}
    assert matters(world) == []


def test_a_removed_environment_is_not_remembered(world: World) -> None:
    """What its owner removed is no loss."""
    manager = world.launch()

    run(manager, manager.plan_remove("work"))

    assert (states(world), matters(world), world.store.launched) == ({}, [], {})


# -- it ended ----------------------------------------------------------------------------------------------------


def test_after_a_reboot_one_command_starts_what_ran(world: World) -> None:
    """What its owner had stopped stays so; what is gone comes back as well; planning again gives nothing."""
    for name in ("work", "play", "rest"):
        manager = world.launch(name)
    run(manager, manager.plan_stop("rest"))
    for name in ("work", "play"):
        world.engine.stop(container(world, name))
    world.engine.remove(container(world, "play"))

    assert matters(world) == [("gone", "play", "solvent env start play"), ("ended", "work", "solvent env start work")]
    manager = world.manager()
    plan, left = manager.plan_start_all()
    assert left == ()
    run(manager, plan)

    assert states(world) == {"play": "running", "rest": "stopped", "work": "running"}
    assert world.manager().plan_start_all()[0].steps == ()


def test_what_cannot_start_keeps_nothing_else_from_starting(world: World) -> None:
    """Each that is left comes with its reason."""
    for name in ("work", "play"):
        world.launch(name)
        world.engine.stop(container(world, name))
    lose(world, "workspace")
    manager = world.manager()

    plan, left = manager.plan_start_all()
    run(manager, plan)

    assert left == ("work: workspace work of work is gone, and its files with it",)
    assert states(world) == {"play": "running", "work": "gone"}


def test_a_paused_environment_goes_on(world: World) -> None:
    """It keeps its token: nothing is delivered anew."""
    world.launch()
    world.engine.pause(container(world))
    handed = world.engine.inputs[container(world)]

    assert matters(world) == [("paused", "work", "solvent env start work")]
    start(world)

    assert states(world) == {"work": "running"}
    assert world.engine.inputs[container(world)] == handed
    world.engine.pause(container(world))
    manager = world.manager()
    run(manager, manager.plan_stop("work"))
    assert states(world) == {"work": "stopped"}


# -- the database ------------------------------------------------------------------------------------------------


def test_with_a_new_database_what_runs_is_still_shown(world: World) -> None:
    """Copied away or another machine's: containers say what they are, and that their builds are unknown is said."""
    world.launch()
    world.store = FakeStore()

    assert states(world) == {"work": "running"}
    assert matters(world) == [("database", "work", "solvent config path")]
    manager = world.manager()
    run(manager, manager.plan_stop("work"))
    assert any("not known to this database" in note for note in manager.plan_start("work").notes)


def test_without_the_database_the_engines_environments_are_listed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a note that those that are gone are missing; nothing is planned."""
    world.launch()

    def silent(*_: object) -> None:
        raise Unreachable("the state database cannot be used", why="database is locked", hint="wait")

    for name in ("environments", "channels", "history"):
        monkeypatch.setattr(world.store, name, silent)
    views, notes = world.manager().listing()

    assert [one.environment.state for one in views] == ["running"]
    assert notes == ("only what the engine has is shown: the state database cannot be used: database is locked",)
    with pytest.raises(Unreachable, match="the state database cannot be reached"):
        world.manager().plan_stop("work")


def test_a_locked_database_begins_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked before the first step; nothing is launched half."""
    manager = world.manager()
    plan = manager.plan_launch(LaunchRequest(RELEASE, name="work"))

    def locked() -> None:
        raise Unreachable("the state database cannot be used", why="database is locked", hint="process 17 (backup) ...")

    monkeypatch.setattr(world.store, "writable", locked)

    with pytest.raises(Unreachable):
        manager.apply(plan)
    assert world.engine.containers({}) == world.engine.volumes({}) == ()


@pytest.mark.parametrize("step", ["create network", "create environment", "start environment"])
def test_what_could_not_be_written_down_is_said_and_the_next_run_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The disk fills up in the middle: what was done is named, and remembered by the next run."""
    append = world.store.append

    def full(entry, memory=None):  # type: ignore[no-untyped-def]
        if entry.kind == step:
            raise Unreachable("the state database cannot be used", why="database or disk is full", hint="df -h /var")
        return append(entry, memory)

    manager = world.manager()
    monkeypatch.setattr(world.store, "append", full)
    error = ended(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work")))
    manager.close()
    monkeypatch.setattr(world.store, "append", append)

    assert error.message.startswith(f"{step} ")
    assert error.message.endswith("it is done, but could not be written down")
    assert (error.code, "df -h /var" in error.hint, "solvent env list" in error.hint) == (6, True, True)
    manager = world.manager()
    if step == "start environment":
        assert states(world) == {"work": "running"}
    else:
        run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work")))
    lose(world)
    if step == "start environment":
        # Its launch never ended as far as anybody knows, so it is no loss; its files are there.
        assert states(world) == {}
    else:
        assert states(world) == {"work": "gone"}


def test_a_step_that_failed_says_so_even_when_that_cannot_be_written_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first thing that went wrong is what the person hears of."""
    manager = world.manager()
    plan = manager.plan_launch(LaunchRequest(RELEASE, name="work"))
    world.engine.fail("create", Refused("no room"))
    append = world.store.append

    def silent(entry, memory=None):  # type: ignore[no-untyped-def]
        if entry.outcome == "failed":
            raise Unreachable("the state database cannot be used")
        return append(entry, memory)

    monkeypatch.setattr(world.store, "append", silent)

    assert ended(manager, plan).message == "no room"


# -- and what is shown -------------------------------------------------------------------------------------------


def test_what_is_remembered_is_never_shown_as_if_it_ran(world: World) -> None:
    """Without the engine the state is unknown, and the way to see it is part of the error."""
    world.launch()
    world.engine.fail("containers", Unreachable("no engine answers", hint="solvent doctor"), times=None)

    with pytest.raises(Unreachable) as caught:
        world.manager().environments()
    assert caught.value.hint.endswith("solvent env list --remembered")
    views, notes = world.manager().listing(remembered=True)

    assert [(one.environment.name, one.environment.state, one.url) for one in views] == [("work", "unknown", "")]
    assert "no engine was asked" in notes[0]


def test_a_container_by_hand_with_our_labels_is_no_environment(world: World) -> None:
    """Its name would have to be the one that its labels lead to; the doctor names it."""
    world.launch()
    spec = world.engine.specs[container(world)]
    world.engine.create(replace(spec, name="mine", image=world.store.kept[0].digest))

    assert states(world) == {"work": "running"}
    (found,) = (one for one in world.manager().doctor() if one.part == "environments")
    assert (found.outcome, "mine" in found.text) == ("warn", True)


def test_a_clock_that_went_back_is_said(world: World) -> None:
    """Stages are read from it; the history goes on in its chain."""
    world.launch()
    world.store.entries[-1] = replace(world.store.entries[-1], at=world.store.entries[-1].at + timedelta(days=1))

    assert ("clock", "this machine", "timedatectl") in matters(world)
