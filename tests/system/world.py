"""One world for all tests of the whole: a realm and a home of their own, filled once by ``solvent quickstart``.

A plugin of tests/conftest.py, so that system tests and the tests of the documentation share it.

Set ``SOLVENT_TEST_HOME`` to a folder to keep bases, trees and images between runs while you work; without it
everything is made anew and removed at the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class World:
    """The installed command in a realm and a home of its own."""

    home: Path
    realm: str

    @property
    def environ(self) -> dict[str, str]:
        """Give the variables that put every call into this world."""
        return os.environ | {"SOLVENT_HOME": str(self.home), "SOLVENT_REALM": self.realm, "NO_COLOR": "1"}

    def __call__(self, *words: str, code: int | None = 0, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Run ``solvent`` to its end; the exit code must be ``code`` unless that is None."""
        done = subprocess.run(
            self.command(*words), env=self.environ, text=True, capture_output=True, timeout=timeout, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if code is not None:
            assert done.returncode == code, f"solvent {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def command(self, *words: str) -> list[str]:
        """Give the command line of a call, for tests that start it themselves."""
        return [str(Path(sys.executable).with_name("solvent")), *words]

    def json(self, *words: str) -> Any:
        """Run ``solvent ... -o json`` and read what it printed."""
        return json.loads(self(*words, "-o", "json").stdout)

    def environment(self, name: str) -> Any:
        """Give ``env show`` of an environment as JSON; its URL carries the token."""
        return self.json("env", "show", name)["environment"]


def docker(*words: str, check: bool = True) -> str:
    """Run the engine's own client and give what it printed, on both streams."""
    done = subprocess.run(("docker", *words), capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def sweep(realm: str) -> None:
    """Remove everything of a realm: a test run leaves nothing behind."""
    mine = f"label=io.solvent.realm={realm}"
    for kind, remove in (("ps -aq", "rm -fv"), ("volume ls -q", "volume rm -f"), ("network ls -q", "network rm")):
        if found := docker(*kind.split(), "--filter", mine).split():
            docker(*remove.split(), *found, check=False)
    for reference in (f"{realm}/*", f"{realm}/*/*"):
        if found := docker("images", "-q", "--filter", f"reference={reference}").split():
            docker("rmi", "-f", *dict.fromkeys(found), check=False)


@pytest.fixture(scope="session")
def world(prepared_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give an empty world, and take it away at the end."""
    kept = os.environ.get("SOLVENT_TEST_HOME")
    home = Path(kept) if kept else tmp_path_factory.mktemp("solvent")
    # A kept home has its own realm, so that two people who keep theirs do not meet on the engine.
    realm = f"kept-{hashlib.sha256(str(home).encode()).hexdigest()[:6]}" if kept else f"t-{secrets.token_hex(3)}"
    made = World(home, realm)
    yield made
    if not kept:
        sweep(made.realm)


@pytest.fixture(scope="session")
def first_quickstart(world: World) -> subprocess.CompletedProcess[str]:
    """Run ``solvent quickstart`` once, from nothing; give what it printed."""
    return world("quickstart", "--progress", "plain", timeout=1500)


@pytest.fixture(scope="session")
def ready_world(world: World, first_quickstart: subprocess.CompletedProcess[str]) -> World:
    """Give the world after quickstart: a promoted release, PostgreSQL 17, the connection warehouse."""
    return world
