"""A command line in this process: real Manager, shipped catalog, and a world in memory that outlives each command."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from manager.app.manager import Manager
from manager.app.settings import load
from manager.cli.main import run
from manager.core.evidence import Result
from manager.core.observed import Build, BuildStatus
from manager.world import files
from tests.fakes.clock import TODAY, FixedClock
from tests.fakes.compose import FakeCompose
from tests.fakes.engine import FakeEngine, Outcome
from tests.fakes.store import FakeStore

REPOSITORY = Path(__file__).parents[2]
TOKEN = "T" * 43
RELEASE = "jupyterlab:4.6-py3.13"


@dataclass(frozen=True)
class Ran:
    """What a command line gave."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """Give stdout as text."""
        return self.raw.decode()

    @property
    def json(self) -> Any:
        """Read stdout as one document of schema 1."""
        found = json.loads(self.out)
        assert found.pop("schema") == 1
        return found

    @property
    def error(self) -> Any:
        """Read the last line of stderr as an error."""
        return json.loads(self.err.splitlines()[-1])["error"]


@dataclass
class World:
    """Engine, store and sources, and a way to call ``solvent`` on them."""

    capture: pytest.CaptureFixture[bytes]
    # The engine's clock goes on by itself, so it begins an hour before the one that stands still.
    engine: FakeEngine = field(default_factory=lambda: FakeEngine(datetime(2026, 11, 21, 11, tzinfo=UTC)))
    store: FakeStore = field(default_factory=FakeStore)
    compose: FakeCompose = field(default_factory=FakeCompose)

    def open(self, catalog: Path | None, as_of: date | None) -> Manager:
        """Make the Manager of one command."""
        manager = Manager(
            load(), catalog=catalog or REPOSITORY, as_of=as_of, engine=self.engine, store=self.store,
            clock=FixedClock(as_of or TODAY),
        )  # fmt: skip
        manager.__dict__["compose"] = self.compose
        return manager

    def __call__(self, *words: str) -> Ran:
        """Run ``solvent WORDS``."""
        code = run(words, self.open)
        caught = self.capture.readouterr()
        return Ran(code, caught.out, caught.err.decode())

    def build(self, release: str = RELEASE, status: BuildStatus = BuildStatus.PROMOTED) -> Build:
        """Put a build of a release there, as if it had been made and promoted."""
        labels = {"io.solvent.realm": "solvent", "io.solvent.kind": "image", "io.solvent.release": release}
        digest = self.engine.add_image(f"solvent/{release}-20261120.1", labels)
        made = datetime(2026, 11, 20, 12, tzinfo=UTC)
        build = Build(release, "20261120.1", digest, "f" * 64, (), status, made, 900_000_000)
        self.store.add_build(build)
        self.store.record(digest, (Result("page", "pass", "", 1.25),), made)
        if status is BuildStatus.PROMOTED:
            self.store.move_channel(release, "stable", "", digest)
        return build


@pytest.fixture
def solvent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> World:
    """Give an empty world of one's own: no settings, no engine but the one in memory, no SSH, no colour."""
    for name in ("SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY", "SOLVENT_CATALOG", "_SOLVENT_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOLVENT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("manager.world.web.ready", lambda *_words, **_more: None)
    monkeypatch.setattr("manager.app.steps.containers.free_port", lambda _manager, wanted: wanted)
    world = World(capsysbinary)
    world.engine.teach(("cat", "/run/solvent/token"), Outcome(stdout=TOKEN.encode()))
    return world


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the shipped catalog, made once."""
    root = tmp_path_factory.mktemp("copied") / "own"
    files.copy_shipped(files.shipped_root(), root, git=False)
    return root


@pytest.fixture
def trusted(solvent: World, copied: Path, tmp_path: Path) -> Path:
    """Give a trusted catalog of one's own, with none of the decisions that the shipped one was shipped with."""
    root = tmp_path / "own"
    shutil.copytree(copied, root, ignore=shutil.ignore_patterns("decisions"))
    files.trust(root, load().config_dir / "trusted")
    return root


@pytest.fixture
def launched(solvent: World) -> World:
    """Give a world with one running environment named ``work``."""
    solvent.build()
    assert solvent("env", "launch", "jupyterlab", "--name", "work").code == 0
    return solvent
