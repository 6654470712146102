"""The sets that are checked: a release with another kernel lock than its own, and the tree that it is installed as."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING

from manager import whole_files
from manager.app.apply import Progress
from manager.app.steps.trees import base_of, origin, tree_of, trees
from manager.core.catalog import Lock, canonical_name
from manager.core.check_actions import MakeSet
from manager.core.locks import parse
from manager.core.plan import Step
from manager.errors import Failed, Refused

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.connectors import Driver
    from manager.world.trees.store import Tree


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """A kernel lock of a release that may be checked; ``shipped`` is whether it is the one that the catalog has."""

    release: str
    text: str
    shipped: bool = True

    @property
    def set_hash(self) -> str:
        """Give the digest of the lock's text, which is that of the set."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def version(self, driver: Driver) -> str:
        """Give the version of a driver in it; "" where it is not in it."""
        name = canonical_name(driver.name)
        return next((pin.version for pin in parse(self.text) if pin.name == name), "")


def shipped(release: Release) -> CandidateSet:
    """Give the set that the catalog locks for a release; raises Refused where it has none."""
    lock = release.lock("kernel")
    if lock is None:
        raise Refused(f"{release.name} has no kernel lock", hint=f"solvent image lock {release.name}")
    return CandidateSet(release.name, Path(lock.path).read_text(encoding="utf-8"))


def locked(world: World, release: Release, text: str) -> Release:
    """Give a release as it would be with another kernel lock; its text lies in the cache, where trees are made from."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = world.settings.cache_dir / "checks" / "sets" / f"{digest}.txt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write(path, text, mode=whole_files.PRIVATE)
    others = tuple(one for one in release.locks if one.kind != "kernel")
    return replace(release, locks=(*others, Lock("kernel", str(path), digest)))


def installed(world: World, release: Release, text: str) -> Tree:
    """Give the tree of a lock, installed where it is not there yet; nobody hears how far that is."""
    return tree_of(world, locked(world, release, text), "kernel", silent())


def silent() -> Progress:
    """Give what a step speaks with where nobody listens: what is done for a comparison is no step of a plan."""
    step = Step("aside", "make set", "aside", "it is compared", MakeSet("", "", ""))
    return Progress(step, time.monotonic(), {}, Queue(), threading.Event())


def sealed(world: World, release: Release, text: str) -> str:
    """Give the digest of the tree that a lock was installed as; "" where it was not, or its base is not here."""
    try:
        base = base_of(world, release)
    except Failed:
        return ""
    found = trees(world).find(origin(world.catalog, locked(world, release, text), "kernel", base).key)
    return found.digest if found else ""
