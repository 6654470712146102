"""The commands whose every boundary is tried: what is there before, what is planned, and how a person goes on."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app.upgrades import Asked
from manager.core.components import Component
from manager.core.environments import LaunchRequest
from manager.core.evidence import Result
from manager.core.locks import Pin
from manager.errors import Refused, UsageError
from manager.world.bases import Base
from tests.app.conftest import RELEASE, World, run
from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from manager.app.manager import Manager
    from manager.core.plan import Plan

PASS = b'{"id": "probe", "outcome": "pass"}\n'
KERNEL = "/opt/solvent/kernel/bin/python"
# The kernel's cells, and one for each of the family's own tests, which have kernels of their own.
CELLS = b"".join(
    json.dumps({"number": number, "seconds": 0, "printed": printed, "shown": shown, "error": ""}).encode() + b"\n"
    for number, printed, shown in (
        (0, "", ["2"]), (0, "3.13", []), (0, PASS.decode(), []), *((number, "", []) for number in range(1, 9)),
    )
)  # fmt: skip
HEALTHY = ("/opt/solvent/bin/healthy",)
ISOLATED, PLAIN = ("/usr/bin/python3", "-I", "-c"), ("/usr/bin/python3", "-c")
OLD, NEW = "old-p4ssword", "new-p4ssword"


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its words; ``again`` is what a person does after it was killed, the same command by default."""

    words: str
    plan: Callable[[Manager], Plan]
    before: Callable[[World, pytest.MonkeyPatch], None] = lambda _world, _patch: None
    again: Callable[[Manager], None] | None = None

    def go_on(self, manager: Manager) -> None:
        """Do what a person does next."""
        if self.again:
            self.again(manager)
        else:
            run(manager, self.plan(manager))


# -- launch --------------------------------------------------------------------------------------------------------


def launched(**more: Any) -> Callable[[Manager], Plan]:
    """Plan a launch."""
    return lambda manager: manager.plan_launch(LaunchRequest(RELEASE, name="work", **more))


def launch_again(**more: Any) -> Callable[[Manager], None]:
    """Launch; one that runs already says so and names the way to it."""

    def again(manager: Manager) -> None:
        try:
            run(manager, launched(**more)(manager))
        except Refused as error:
            if "exists already" not in error.message or "solvent env open work" not in error.hint:
                raise

    return again


def clones(world: World, _: pytest.MonkeyPatch) -> None:
    """Teach the engine a clone; a second one finds the first."""
    done: list[str] = []

    def behave(_: str, stdin: bytes) -> Outcome:
        outcome = "same" if done else "cloned"
        done.append(json.loads(stdin)["url"])
        answer = {"branch": "main", "commit": "0" * 40, "reason": "", "outcome": outcome}
        return Outcome(stdout=json.dumps(answer).encode() + b"\n")

    world.engine.teach(ISOLATED, behave)


def connected(world: World, _: pytest.MonkeyPatch) -> None:
    """Give the person a connection whose password lies in a file."""
    (world.home / "password").write_text(OLD)
    secret = {"password": f"file:{world.home / 'password'}"}
    world.manager().add_connection("warehouse", "postgresql", url="postgresql://ana@db/dwh", secrets=secret)


# -- what is there already -----------------------------------------------------------------------------------------


def running(world: World, _: pytest.MonkeyPatch) -> None:
    """Let the environment run."""
    world.launch()


def stopped(world: World, _: pytest.MonkeyPatch) -> None:
    """Let the environment be stopped."""
    manager = world.launch()
    run(manager, manager.plan_stop("work"))


def gone(world: World, _: pytest.MonkeyPatch) -> None:
    """Let somebody have removed the container behind our back."""
    manager = world.launch()
    world.engine.remove(manager.environment("work").environment.container)


def rotated(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let the environment run with a password that is another one by now."""
    connected(world, patch)
    world.launch(connections=("warehouse",))
    (world.home / "password").write_text(NEW)


def remove_again(manager: Manager) -> None:
    """Remove; where the environment went and its workspace did not, the workspace by itself."""
    try:
        run(manager, manager.plan_remove("work", delete_workspace=True))
    except UsageError:
        for view in manager.workspaces():
            run(manager, manager.plan_remove_workspace(view.name))


def forget_again(manager: Manager) -> None:
    """Remove; what is forgotten already is fine."""
    with suppress(UsageError):
        run(manager, manager.plan_remove("work"))


# -- build ---------------------------------------------------------------------------------------------------------


def unbuilt(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let there be nothing: no base, no tree, no build; bootstrap and uv are stand-ins, every check passes."""
    world.store.kept.clear()
    world.store.pointers.clear()
    for image in world.engine.images({}):
        world.engine.remove_image(image.digest)

    def bootstrap(suite: str, _packages: object, folder: Path, *_words: object, **_more: object) -> Base:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "base.tar").write_text(suite)
        return Base(folder / "base.tar", (), "b" * 64, suite)

    def install(text: str, _python: str, target: Path, **_more: object) -> None:
        info = target / "lab-1.dist-info"
        info.mkdir(parents=True)
        (target / "lab.py").write_text(f"LOCK = {hash(text)}\n")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1\n")
        (info / "RECORD").write_text("lab.py,,\nlab-1.dist-info/METADATA,,\nlab-1.dist-info/RECORD,,\n")

    patch.setattr("manager.world.bases.bootstrap", bootstrap)
    patch.setattr("manager.world.resolver.install", install)
    patch.setattr("manager.world.resolver.offers", lambda *_words, **_more: ())
    patch.setattr("manager.app.proving.health.command", lambda *_words: HEALTHY)
    world.engine.teach(HEALTHY, Outcome(code=1))
    patch.setattr("manager.app.contents.prove", lambda *_words: (Result("contents.read", "pass"),))
    for command in (ISOLATED, PLAIN, ("/usr/bin/python3.13", "-c")):
        world.engine.teach(command, Outcome(stdout=PASS))
    world.engine.teach(("/opt/solvent/ide/bin/python", "-I", "-c"), Outcome(stdout=CELLS))


def built(manager: Manager) -> Plan:
    """Plan the build."""
    return manager.plan_build((RELEASE,))


# -- upgrade -------------------------------------------------------------------------------------------------------


POLARS = {"name": "polars", "version": "1", "asked": True, "direct": False}
SEEN = {
    "outcome": "seen",
    "uses": [],
    "there": [],
    "r": [],
    "read": 0,
    "skipped": [],
    "left": 0,
    "others": 0,
    "cut": "",
}


def outdated(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let the environment run, with a connection and a package of its own, on a build that is not the newest."""
    connected(world, patch)
    world.launch(connections=("warehouse",))
    newer = world.build()
    for build in world.store.kept:
        world.store.keep_components(build.digest, (Component("python", "six", build.version, "kernel"),))

    def look(name: str, _: bytes) -> Outcome:
        overlay = "new" if world.engine.specs[name].image == newer.digest else "old"
        own = {"overlay": f"/workspace/.solvent/{overlay}", "packages": [POLARS]}
        return Outcome(stdout=json.dumps(SEEN | own).encode())

    world.engine.teach((KERNEL, "-I", "-c"), look)
    world.engine.teach((KERNEL, "-m", "pip"), Outcome())
    patch.setattr("manager.world.resolver.beside", lambda *_words: (Pin("polars", "1"),))


def outdated_and_stopped(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let it be stopped, and without a package of its own."""
    outdated(world, patch)
    world.engine.teach(
        (KERNEL, "-I", "-c"), Outcome(stdout=json.dumps(SEEN | {"overlay": "", "packages": []}).encode())
    )
    manager = world.manager()
    run(manager, manager.plan_stop("work"))


def upgraded(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let the environment be on the newest build, and on another one before."""
    outdated(world, patch)
    manager = world.manager()
    run(manager, upgrade(manager))


def upgrade(manager: Manager) -> Plan:
    """Plan an upgrade."""
    return manager.plan_upgrade(Asked(("work",))).plan


def go_back(manager: Manager) -> Plan:
    """Plan the way back."""
    return manager.plan_back(("work",)).plan


def back_again(manager: Manager) -> None:
    """Go back; one that is back already says so."""
    try:
        run(manager, go_back(manager))
    except Refused as error:
        if "has nothing to go back to" not in error.message:
            raise


CLONE, CONNECTED = {"git": "https://git.example/team/work.git"}, {"connections": ("warehouse",)}
COMMANDS = (
    Command("env launch", launched(), again=launch_again()),
    Command("env launch --git URL", launched(**CLONE), clones, launch_again(**CLONE)),
    Command("env launch --connect NAME", launched(**CONNECTED), connected, launch_again(**CONNECTED)),
    Command("env launch, of what has no build", launched(), unbuilt, launch_again()),
    Command("image build", built, unbuilt),
    Command("env start", lambda manager: manager.plan_start("work"), stopped),
    Command("env start, of what is gone", lambda manager: manager.plan_start("work"), gone),
    Command("env start, after a rotation", lambda manager: manager.plan_start("work"), rotated),
    Command("env stop", lambda manager: manager.plan_stop("work"), running),
    Command("env remove", lambda manager: manager.plan_remove("work", delete_workspace=True), running, remove_again),
    Command("env upgrade", upgrade, outdated),
    Command("env upgrade, of what is stopped", upgrade, outdated_and_stopped),
    Command("env upgrade --back", go_back, upgraded, back_again),
    Command("env remove, of what is gone", lambda manager: manager.plan_remove("work"), gone, forget_again),
)
