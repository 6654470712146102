"""The table of faults with real processes on the real engine: killed by SIGKILL, and what the next command made of it.

``python -m tests.system.faults [FILE]`` tries all that change something and writes the table; it takes an hour.
``SOLVENT_TEST_HOME`` and ``SOLVENT_REALM`` name a world that is kept, as for ``python -m tests.bench``.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.system.world import World, docker, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
NAME = "faulty"
# What only reads changes nothing: a kill there is one before the next change.
READING = frozenset(
    {
        *(f"engine.{name}" for name in ("info", "containers", "container", "images", "image", "volumes", "volume")),
        *(f"engine.{name}" for name in ("networks", "network", "logs", "settings", "wait", "exec", "manifest")),
        *(f"store.{name}" for name in ("environments", "channels", "builds", "usages", "copies", "writable")),
        *(f"store.{name}" for name in ("history", "evidence", "specification", "verify")),
    }
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its words, what goes before it, what a person does after the kill, and what state must be then."""

    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...]
    again: tuple[tuple[str, ...], ...]
    state: str


LAUNCH = ("env", "launch", "jupyterlab", "--name", NAME)
REMOVE = ("env", "remove", NAME, "--delete-workspace", "--approve-destructive")
BUILD = ("image", "build", "--force", "jupyterlab")
FORGET = ("workspace", "remove", NAME, "--approve-destructive")
COMMANDS = {
    "launch": Command(LAUNCH, (), (LAUNCH,), "running"),
    "start": Command(
        ("env", "start", NAME), (LAUNCH, ("env", "stop", NAME)), (("env", "start", NAME),), "running"
    ),
    "stop": Command(("env", "stop", NAME), (LAUNCH,), (("env", "stop", NAME),), "stopped"),
    "remove": Command(REMOVE, (LAUNCH,), (REMOVE, FORGET), ""),
    # The same once more: without --force there would be nothing to build, and what is left over goes with a build.
    "build": Command(BUILD, (), (BUILD,), ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One kill of a real process; ``wrong`` is empty where the next command ended as it should."""

    command: str
    kill: str
    wrong: str


def kills(world: World, command: str) -> list[str]:
    """Run a command undisturbed; give every kill that it could have met where it changes something."""
    one = COMMANDS[command]
    with tempfile.NamedTemporaryFile("r") as file:
        _ready(world, one)
        done = _run(world, file.name, one.words)
        assert done.returncode == 0, done.stderr
        found = file.read().splitlines()
    return [one for one in found if one.split(" ")[1] not in READING]


def fault(world: World, command: str, kill: str) -> Fault:
    """Kill a command at one boundary, give the next one as a person would, and look at everything."""
    one = COMMANDS[command]
    _ready(world, one)
    before = listing(world.realm)
    died = _run(world, kill, one.words)
    if died.returncode != -signal.SIGKILL:
        return Fault(command, kill, f"it was not killed: {died.returncode} {died.stderr[-300:]}")
    told = ""
    for words in one.again:
        # A launch that ran already says so, a removal finds nothing any more: what counts is what is there.
        told += world(*words, code=None).stderr
    wrong = [*_unlike(world, one, before), *unlabelled(world.realm)]
    return Fault(command, kill, f"{'; '.join(wrong)}; it said: {told.strip()[-300:]}" if wrong else "")


def _unlike(world: World, command: Command, before: dict[str, set[str]]) -> Iterator[str]:
    """Say what differs from what an undisturbed run would have left."""
    state = next((one["state"] for one in world.json("env", "list")["environments"] if one["name"] == NAME), "")
    if state != command.state:
        yield f"it is {state or 'not there'}, not {command.state or 'gone'}"
    if state == "running" and not world.environment(NAME)["url"]:
        yield "it has no address"
    world("env", "remove", NAME, "--delete-workspace", "--approve-destructive", code=None)
    world(*FORGET, code=None)
    after = listing(world.realm)
    mine = {"containers": NAME, "volumes": f"-{NAME}"}
    for kind, there in after.items():
        known = {one for one in before[kind] if kind not in mine or not one.endswith(mine[kind])}
        if left := {one for one in there - known if kind != "images" or "-frame" in one or "/frame:" in one}:
            yield f"{kind} left over: {', '.join(sorted(left))}"
        if lost := known - there:
            yield f"{kind} lost: {', '.join(sorted(lost))}"


def listing(realm: str) -> dict[str, set[str]]:
    """Name everything of a realm, by its label."""
    mine = f"label=io.solvent.realm={realm}"
    asked = {
        "containers": ("ps", "-a", "--format", "{{.Names}}"),
        "volumes": ("volume", "ls", "-q"),
        "networks": ("network", "ls", "--format", "{{.Name}}"),
        "images": ("images", "--format", "{{.Repository}}:{{.Tag}}"),
    }
    return {kind: set(docker(*words, "--filter", mine).split()) for kind, words in asked.items()}


def unlabelled(realm: str) -> Iterator[str]:
    """Name what has the realm's name and not its label."""
    asked = (("ps", "-a", "--format", "{{.Names}}"), ("volume", "ls", "-q"), ("network", "ls", "--format", "{{.Name}}"))
    mine = f"label=io.solvent.realm={realm}"
    for words in asked:
        named = {one for one in docker(*words).split() if one.startswith(f"{realm}-")}
        if bare := named - set(docker(*words, "--filter", mine).split()):
            yield f"unlabelled: {', '.join(sorted(bare))}"


def _ready(world: World, command: Command) -> None:
    world("env", "remove", NAME, "--delete-workspace", "--approve-destructive", code=None)
    world(*FORGET, code=None)
    for words in command.before:
        world(*words)


def _run(world: World, where: str, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    line = (sys.executable, "-m", "tests.system.killing", where, *words)
    return subprocess.run(
        line, env=world.environ | {"PYTHONPATH": str(REPOSITORY)}, text=True, capture_output=True, timeout=600,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def main(file: Path | None) -> int:
    """Try everything, line by line; gives the exit code."""
    kept = os.environ.get("SOLVENT_TEST_HOME")
    home = Path(kept) if kept else Path(tempfile.mkdtemp(prefix="solvent-faults-"))
    world = World(home, os.environ.get("SOLVENT_REALM", "kept") if kept else f"t-{secrets.token_hex(3)}")
    lines = ["command | boundary | result", "--- | --- | ---"]
    wrong = 0
    try:
        world("image", "build", "jupyterlab", timeout=1800)
        for command in COMMANDS:
            for kill in kills(world, command):
                found = fault(world, command, kill)
                wrong += bool(found.wrong)
                lines.append(f"{found.command} | {found.kill} | {found.wrong or 'converged'}")
                print(lines[-1], flush=True)
                if file:
                    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    finally:
        world("env", "remove", NAME, "--delete-workspace", "--approve-destructive", code=None)
        if not kept:
            sweep(world.realm)
            shutil.rmtree(home, ignore_errors=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else None))
