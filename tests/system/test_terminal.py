"""The terminal UI in a real terminal, on a real engine: keys are sent, and the screen is read."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from manager.core.observed import BuildStatus
from tests.system.support_proving import derived
from tests.system.support_running import managed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.system.world import World

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux:  apt-get install tmux"),
]

RELEASE = "jupyterlab:4.6-py3.13"
_PATIENCE = 120


class Terminal:
    """A tmux of its own with one window of 160 by 48."""

    def __init__(self, name: str) -> None:
        self._name = name

    def tmux(self, *words: str) -> str:
        """Run a command of tmux."""
        done = subprocess.run(("tmux", "-L", self._name, *words), capture_output=True, text=True, check=False)
        return done.stdout

    def screen(self) -> str:
        """Give what is seen."""
        return self.tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Press keys, by their names."""
        self.tmux("send-keys", *keys)

    def types(self, text: str) -> None:
        """Type a text."""
        self.tmux("send-keys", "-l", text)

    def filters(self, text: str) -> None:
        """Narrow the list down; the field has to be there before it is typed into."""
        self.press("/")
        self.sees("words, !word")
        time.sleep(0.5)
        self.types(text)
        self.press("Enter")
        self.sees(f" /{text}  ")

    def sees(self, *words: str) -> str:
        """Wait until all words are on the screen."""
        end = time.monotonic() + _PATIENCE
        while not all(word in (seen := self.screen()) for word in words):
            assert time.monotonic() < end, f"{words} not on the screen:\n{seen}"
            time.sleep(0.1)
        return seen

    def loses(self, word: str) -> None:
        """Wait until a word is not on the screen any more."""
        end = time.monotonic() + _PATIENCE
        while word in (seen := self.screen()):
            assert time.monotonic() < end, f"{word} stays on the screen:\n{seen}"
            time.sleep(0.1)


@contextmanager
def terminal(world: World) -> Iterator[Terminal]:
    """Open the terminal UI in a world; the terminal is gone afterwards."""
    one = Terminal(f"solvent-{secrets.token_hex(3)}")
    told = {key: value for key, value in world.environ.items() if os.environ.get(key) != value}
    # Readline leaves the size of another terminal in the environment of whatever process has it.
    without = ("-u", "COLUMNS", "-u", "LINES")
    words = ("env", *without, *(f"{key}={value}" for key, value in told.items()), *world.command("tui"))
    # The first tmux of a name is its server, and has this environment.
    one.tmux(
        "-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "48", f"{shlex.join(words)}; echo it ended: $?; cat"
    )
    try:
        yield one
    finally:
        one.tmux("kill-server")


@contextmanager
def older(world: World) -> Iterator[Callable[[], str]]:
    """Have the release give an older build; what is given puts the newer one back, and says its version."""
    with managed(world) as manager:
        digest = manager.store.channels()[RELEASE, "stable"]
        (newer,) = (build for build in manager.store.builds() if build.digest == digest)
        version = f"20200101.{secrets.randbelow(10**6) + 1}"
        with derived(manager, digest, f"LABEL io.solvent.version={version}") as before:
            old = replace(newer, version=version, digest=before, created=datetime(2020, 1, 1, tzinfo=UTC))
            manager.store.add_build(old)
            manager.store.move_channel(RELEASE, "stable", digest, before)

            def back() -> str:
                if manager.store.channels()[RELEASE, "stable"] == before:
                    manager.store.move_channel(RELEASE, "stable", before, digest)
                return newer.version

            try:
                yield back
            finally:
                back()
                manager.store.set_status(before, BuildStatus.FAILED, "a test")


def test_an_environment_is_launched_read_upgraded_and_removed_by_keys(ready_world: World) -> None:
    """Each as a plan that is looked at; at the end it is gone, and the terminal is as it was."""
    name = f"keys-{secrets.token_hex(2)}"
    try:
        with older(ready_world) as newer, terminal(ready_world) as seen:
            seen.sees("1 Overview", "KIND")
            seen.press("2")
            seen.sees("RELEASE", RELEASE)
            seen.filters(RELEASE)
            seen.press("L")
            seen.sees("enter shows the plan")
            seen.types(name)
            seen.press("Enter")
            seen.sees(f"solvent env launch {RELEASE} --name {name}", "start environment", "enter carries it out")
            seen.press("Enter")
            seen.loses("enter carries it out")
            seen.press("4")
            seen.sees(name, "running")
            seen.filters(name)

            seen.press("l")
            seen.sees(f"log of {name}", "Jupyter")
            seen.press("Escape")
            seen.sees("STATE")

            version = newer()
            seen.sees(f"build {version}")
            seen.press("u")
            seen.sees(f"solvent env upgrade {name}", "replace environment", "enter carries it out")
            seen.press("Enter")
            seen.loses("enter carries it out")
            seen.press("o")
            seen.sees(f"upgrade {name}  done")
            seen.press("o")
            # What it is owed no more.
            seen.loses(f"build {version}")
            assert ready_world.json("env", "show", name)["environment"]["build"] == version

            seen.press("D")
            seen.sees(f"solvent env remove {name}", "remove environment")
            if "cannot be undone" in seen.screen():
                seen.types(name)
            seen.press("Enter")
            seen.sees(f" /{name}  0")
            assert name not in ready_world("env", "list", "-q").stdout.split()

            seen.press("q")
            seen.sees("it ended: 0")
    finally:
        ready_world("env", "remove", name, "-y", "--approve-destructive", code=None)
        ready_world("workspace", "remove", name, "-y", "--approve-destructive", code=None)
