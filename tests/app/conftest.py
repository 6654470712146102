"""A Manager on the shipped catalog and a world in memory, with a promoted build of each release that is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.app.manager import Manager
from manager.app.settings import load
from manager.core.environments import LaunchRequest
from manager.core.observed import Build, BuildStatus
from manager.errors import ManagerError
from tests.fakes.clock import TODAY, FixedClock
from tests.fakes.compose import FakeCompose
from tests.fakes.engine import FakeEngine, Outcome
from tests.fakes.store import FakeStore

if TYPE_CHECKING:
    from manager.app.events import Event
    from manager.core.plan import Plan

REPOSITORY = Path(__file__).parents[2]
RELEASE = "jupyterlab:4.6-py3.13"
TOKEN = "T" * 43


@dataclass
class World:
    """What outlives each Manager."""

    home: Path
    engine: FakeEngine = field(default_factory=lambda: FakeEngine(datetime(2026, 11, 21, 11, tzinfo=UTC)))
    store: FakeStore = field(default_factory=FakeStore)
    compose: FakeCompose = field(default_factory=FakeCompose)

    def manager(self, day: date = TODAY, catalog: Path = REPOSITORY) -> Manager:
        """Open a Manager, as each command does."""
        made = Manager(
            load({"SOLVENT_HOME": str(self.home)}), catalog=catalog, engine=self.engine, store=self.store,
            clock=FixedClock(day),
        )  # fmt: skip
        made.__dict__["compose"] = self.compose
        return made

    def build(self, release: str = RELEASE, status: BuildStatus = BuildStatus.PROMOTED) -> Build:
        """Put a build there."""
        version = f"20261120.{len(self.store.kept) + 1}"
        labels = {"io.solvent.realm": "solvent", "io.solvent.kind": "image", "io.solvent.release": release}
        digest = self.engine.add_image(f"solvent/{release}-{version}", labels)
        made = datetime(2026, 11, 20, 12, len(self.store.kept), tzinfo=UTC)
        build = Build(release, version, digest, "f" * 64, (), status, made, 900_000_000)
        self.store.add_build(build)
        if status is BuildStatus.PROMOTED:
            self.store.move_channel(release, "stable", self.store.pointers.get((release, "stable"), ""), digest)
        return build

    def launch(self, name: str = "work", **more: object) -> Manager:
        """Launch an environment; give the Manager that did."""
        manager = self.manager()
        run(manager, manager.plan_launch(LaunchRequest(RELEASE, name=name, **more)))  # type: ignore[arg-type]
        return manager


def run(manager: Manager, plan: Plan, *, recheck: bool = False) -> list[Event]:
    """Apply a plan to its end; give its events."""
    return list(manager.apply(plan, recheck=recheck))


def ended(manager: Manager, plan: Plan) -> ManagerError:
    """Apply a plan that must fail; give its error."""
    with pytest.raises(ManagerError) as caught:
        run(manager, plan)
    return caught.value


def small_world(place: Path, monkeypatch: pytest.MonkeyPatch, engine: FakeEngine | None = None) -> World:
    """Give a world in a folder, with a promoted build of the newest release; IDEs are ready at once."""
    for name in ("SOLVENT_CATALOG", "DOCKER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(place)
    monkeypatch.setattr("manager.world.web.ready", lambda *_words, **_more: None)
    monkeypatch.setattr("manager.app.steps.containers.free_port", lambda _manager, wanted: wanted)
    made = World(place / "home", **({"engine": engine} if engine else {}))
    made.engine.teach(("cat", "/run/solvent/token"), Outcome(stdout=TOKEN.encode()))
    for python in ("3.11", "3.13"):
        # What is compiled once has its bytecode.
        made.engine.teach((f"/usr/bin/python{python}", "-c"), Outcome())
    made.build()
    return made


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give a world of one's own with a promoted build of the newest release; IDEs are ready at once."""
    return small_world(tmp_path, monkeypatch)


@pytest.fixture
def lab(world: World) -> World:
    """Give a world with builds of two releases, and ``work`` running on the older one, with a connection."""
    from tests.app import upgrading

    upgrading.prepare(world)
    return world
