"""The commands about builds that exist, for the table of faults: what is there before, and what is planned."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import catalogs
from manager.core.components import Component
from manager.core.evidence import Result
from manager.core.observed import BuildStatus
from manager.core.quarantining import Judgement
from tests.app.conftest import RELEASE, World
from tests.app.fault_commands import Command

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from manager.core.catalog import Catalog
    from manager.core.overrides import Override

OLD, MIDDLE, NEW = "20261120.1", "20261120.2", "20261120.3"
JUDGEMENT = Judgement("broken", "ana")


def three(world: World, _: pytest.MonkeyPatch) -> None:
    """Let there be three builds that were promoted one after the other, each with its name, and the channel's name."""
    for _ in range(2):
        world.build()
    family, _, line = RELEASE.partition(":")
    for build in world.store.kept:
        # What is inside was read when it was proven.
        world.store.keep_components(build.digest, (Component("python", "jupyterlab", "4.6.0"),))
        world.engine.tag(build.digest, f"solvent/{family}:{line}-{build.version}")
        newest = build == world.store.kept[-1]
        status = BuildStatus.PROMOTED if newest else BuildStatus.SUPERSEDED
        world.store.set_status(build.digest, status, "before")
    world.engine.tag(world.store.kept[-1].digest, f"solvent/{family}:{line}")


def waiting(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let the newest one be a candidate that passed every check, beside the promoted one."""
    three(world, patch)
    world.store.set_status(world.store.kept[2].digest, BuildStatus.CANDIDATE, "")
    world.store.set_status(world.store.kept[1].digest, BuildStatus.PROMOTED, "")
    world.store.move_channel(RELEASE, "stable", world.store.kept[2].digest, world.store.kept[1].digest)
    world.store.record(world.store.kept[2].digest, (Result("page", "pass"),), world.engine.now)


def five(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let there be two builds more than stay."""
    three(world, patch)
    for _ in range(2):
        world.build()
    for build in world.store.kept[:-1]:
        world.store.set_status(build.digest, BuildStatus.SUPERSEDED, "before")


def deciding(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let the catalog be one's own, whose decisions lie in a folder of the world."""
    three(world, patch)
    folder = world.home / "decisions"
    folder.mkdir()
    shipped = catalogs.load(None, None)  # type: ignore[arg-type]

    def load(*_: object) -> Catalog:
        found = tuple(pickle.loads(file.read_bytes()) for file in sorted(folder.iterdir()))
        return replace(shipped, shipped=False, overrides=found)

    def decide(_root: Path, _content: str, one: Override) -> str:
        number = len(list(folder.iterdir())) + 1
        (folder / str(number)).write_bytes(pickle.dumps(one))
        return ""

    patch.setattr("manager.app.catalogs.load", load)
    patch.setattr("manager.world.files.decide", decide)


COMMANDS = (
    Command("image promote", lambda manager: manager.shelf.plan_promote(RELEASE, NEW), waiting),
    Command("image rollback", lambda manager: manager.shelf.plan_rollback(RELEASE, MIDDLE), three),
    Command("image quarantine", lambda manager: manager.shelf.plan_quarantine(f"{RELEASE}@{NEW}", JUDGEMENT), deciding),
    Command("image prune", lambda manager: manager.shelf.plan_prune(), five),
)
