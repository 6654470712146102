"""One world for all tests of the whole: a realm and a home of their own, filled once by ``solvent quickstart``.

A plugin of tests/conftest.py, so that system tests and the tests of the documentation share it.

Set ``SOLVENT_TEST_HOME`` to a folder to keep bases, trees and images between runs while you work; without it
everything is made anew and removed at the end. Of several processes each has its own world.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manager import whole_files
from manager.world.claims import Claims

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Watched:
    """What a command printed, with the second at which each line came on stderr.

    ``late`` is by how much this process, which waited 0.1 s at a time, was itself kept waiting at worst.
    """

    stdout: str
    stderr: str
    lines: tuple[tuple[float, str], ...]
    seconds: float
    late: float


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

    def watched(self, *words: str, timeout: float = 600) -> Watched:
        """Run ``solvent`` to a good end and note when each line came on stderr."""
        began = time.monotonic()
        with subprocess.Popen(
            self.command(*words), env=self.environ, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:  # fmt: skip
            assert running.stdout is not None
            assert running.stderr is not None
            lines: list[tuple[float, str]] = []
            reader = threading.Thread(
                target=lambda: lines.extend((time.monotonic() - began, line) for line in running.stderr or ())
            )
            reader.start()
            late = 0.0
            while reader.is_alive() and time.monotonic() - began < timeout:
                before = time.monotonic()
                reader.join(0.1)
                late = max(late, time.monotonic() - before - 0.1)
            running.kill() if reader.is_alive() else reader.join()
            out = running.stdout.read()
        seconds = time.monotonic() - began
        err = "".join(line for _, line in lines)
        assert running.returncode == 0, f"solvent {' '.join(words)}: {running.returncode}\n{out}{err}"
        return Watched(out, err, tuple(lines), seconds, late)

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
    # What was built on an image inherits its labels, so the second look finds what the first one laid bare.
    for which in (f"reference={realm}/*", f"reference={realm}/*/*", mine, mine):
        if found := docker("images", "-q", "--filter", which).split():
            docker("rmi", "-f", *dict.fromkeys(found), check=False)


@contextmanager
def held(realm: str, notes: Path) -> Iterator[None]:
    """Claim a realm for this process; first sweep those whose processes ended without doing so.

    A run that is killed leaves some 20 GB of images, with which the next one finds the disk full.
    """
    notes.mkdir(exist_ok=True)
    claims = Claims(notes)
    # Of two runs that begin at once, none takes the other's claim for one that nobody holds.
    with whole_files.alone(notes):
        for name in [one.name for one in notes.iterdir()]:
            if claims.take_new(name):
                sweep(name)
                claims.release(name)
        claims.take(realm)
    try:
        yield
    finally:
        sweep(realm)
        claims.release(realm)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "last: takes the world away, so it runs after everything that needs it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes the world away behind everything else."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def world(prepared_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give an empty world, and take it away at the end."""
    kept = os.environ.get("SOLVENT_TEST_HOME")
    home = Path(kept, os.environ.get("PYTEST_XDIST_WORKER", "")) if kept else tmp_path_factory.mktemp("solvent")
    # A kept home has its own realm, so that two people who keep theirs do not meet on the engine.
    realm = f"kept-{hashlib.sha256(str(home).encode()).hexdigest()[:6]}" if kept else f"t-{secrets.token_hex(3)}"
    made = World(home, realm)
    if kept:
        yield made
        return
    with held(realm, Path(tempfile.gettempdir(), "solvent-test-realms")):
        yield made


@pytest.fixture(scope="session")
def first_quickstart(world: World) -> Watched:
    """Run ``solvent quickstart`` once, from nothing; give what it printed, and when."""
    return world.watched("quickstart", "--progress", "plain", timeout=1500)


@pytest.fixture(scope="session")
def ready_world(world: World, first_quickstart: Watched) -> World:
    """Give the world after quickstart: a promoted release, PostgreSQL 17, the connection warehouse."""
    return world
