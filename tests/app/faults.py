"""The table of faults: every boundary of every command, a kill before and after it, and what the next run made of it.

``python -m tests.app.faults`` prints it.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.containers import LABEL
from manager.errors import ManagerError
from manager.world import files
from tests.app.conftest import REPOSITORY, World, run, small_world
from tests.app.fault_commands import COMMANDS, Command
from tests.fakes.boundaries import Kill, Killed, Process
from tests.fakes.runtime import RuntimeEngine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.core.catalog import Catalog

State = dict[str, object]


@dataclass(frozen=True, slots=True)
class Fault:
    """What became of one kill; ``wrong`` is empty where the next run ended as if there had been none."""

    command: str
    kill: Kill
    wrong: str


def faults(command: Command, kills: Iterable[Kill] = ()) -> list[Fault]:
    """Run a command undisturbed, then once for each kill, each in a world of its own; every one that it could meet."""
    with _world(command) as world:
        process = Process()
        _attempt(world, command, process)
        expected = state(world)
    return [_killed(command, kill, expected) for kill in kills or process.kills]


def _killed(command: Command, kill: Kill, expected: State) -> Fault:
    with _world(command) as world:
        process = Process(kill)
        _attempt(world, command, process)
        if not process.dead:
            return Fault(command.words, kill, "the boundary was not reached")
        manager = world.manager()
        try:
            command.go_on(manager)
        except ManagerError as error:
            return Fault(command.words, kill, f"the next run: {error.message}: {error.why}")
        finally:
            manager.close()
        found = state(world)
    wrong = (f"{key} {found[key]!r} instead of {expected[key]!r}" for key in expected if found[key] != expected[key])
    return Fault(command.words, kill, "; ".join(wrong))


@cache
def _catalog() -> Catalog:
    return files.load(REPOSITORY, shipped=True)


@contextmanager
def _world(command: Command) -> Iterator[World]:
    """Give a world of its own, as the command finds it."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        world = small_world(Path(name), patch, RuntimeEngine(Path(name, "run")))
        world.home.mkdir()
        # What nothing here changes is read once.
        patch.setattr("manager.app.catalogs.load", lambda *_words: _catalog())
        command.before(world, patch)
        yield world


def _attempt(world: World, command: Command, process: Process) -> None:
    """Make and apply the plan in a process that may be killed."""
    manager = world.manager()
    manager.engine = process.port("engine", manager.engine)
    manager.store = process.port("store", manager.store)
    with process.files(), suppress(Killed):
        try:
            run(manager, command.plan(manager))
        except ManagerError:
            # The dead say nothing; an error of the living is no boundary.
            if not process.dead:
                raise
    # What the kernel does when a process ends: its locks are gone with its open files, and their folders stay.
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if str(one.readlink()).startswith(str(world.home)):
                os.close(int(one.name))


def state(world: World) -> State:
    """Give what engine, database and folders hold, without what differs from run to run.

    A launch that was killed at its very end is remembered without what its person asked of it last, and when its
    workspace was last used: neither is worth more than a note. Claims are locks; their files are empty, and those of
    environments have few names.
    """
    engine, store, kept = world.engine, world.store, world.home / "cache"
    everything = (*engine.containers({}), *engine.volumes({}), *engine.networks({}))
    launched = ((name, one.environment.wanted == "stopped") for (_, name), one in store.launched.items())
    delivered = world.home.parent.glob("run/*/connections/*/secrets/*")
    return {
        "containers": sorted((one.name, one.state) for one in engine.containers({})),
        "ports": sorted(one.labels.get(LABEL + "port", "") for one in engine.containers({})),
        "volumes": sorted(one.name for one in engine.volumes({})),
        "networks": sorted(one.name for one in engine.networks({})),
        "images": sorted(one.references for one in engine.images({})),
        "unlabelled": [one.name for one in everything if _foreign(one.name, one.labels)],
        "remembered, and whether stopped": sorted(launched),
        "snapshots": [(one.number, one.version) for one in store.snapshots()],
        "origins": sorted((one.volume, one.origin) for one in store.used.values() if one.origin),
        "builds": [(one.release, one.version, one.status.value) for one in store.kept],
        "channels": sorted(store.pointers),
        "evidence": sorted(len(one) for one in store.results.values()),
        "decisions": len(list(world.home.glob("decisions/*"))),
        "claims": sorted(one.name for one in world.home.glob("*/claims/passing-*")),
        "staged": sorted(one.name for one in kept.glob("trees/staging/*")),
        "cached": sorted(one.name for one in kept.glob("*") if one.name != "judged"),
        "history": store.verify(),
        "delivered": sorted((one.name, one.read_text()) for one in delivered),
    }


def _foreign(name: str, labels: dict[str, str]) -> bool:
    return labels.get(LABEL + "realm") != "solvent" and name not in ("bridge", "host", "none")


def table(found: Iterable[Fault]) -> str:
    """Give a line for each command and boundary: how often it was a process's last, and how that ended."""
    times: Counter[tuple[str, str, str]] = Counter()
    for one in found:
        times[one.command, f"{one.kill.when} {one.kill.name}", one.wrong or "converged"] += 1
    lines = ["command | boundary | times | result", "--- | --- | --- | ---"]
    lines += [f"{command} | {boundary} | {count} | {result}" for (command, boundary, result), count in times.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    from tests.app import fault_fates

    print(table(one for command in (*COMMANDS, *fault_fates.COMMANDS) for one in faults(command)))
