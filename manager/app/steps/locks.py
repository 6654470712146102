"""Resolves a release's lock and writes it into the catalog."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from manager import whole_files
from manager.app import lock_facts, locking
from manager.app.locking import Resolved
from manager.app.steps import npm
from manager.core.lock_facts import NAME, render
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.build_actions import PutLock, WriteLock
    from manager.core.catalog import LockKind
    from manager.core.lock_changes import Move


@dataclass(frozen=True, slots=True)
class Locked:
    """A lock that was written or stays: its path, what moved, and what was not taken."""

    path: str
    moves: tuple[Move, ...] = ()
    notes: tuple[str, ...] = ()


def write(world: World, action: WriteLock, progress: Progress) -> Locked:
    """Resolve, keeping the pins that are there unless they are to be upgraded; gives what moved.

    The first lock of a family that extends another begins with the pins of that one's. Raises Unsolved with the
    resolver's reason when the set cannot be resolved, Refused when somebody else wrote the lock since it was planned;
    the lock stays then.
    """
    release = world.catalog.release(action.release, world.today)
    path = Path(action.path)
    kind = cast("LockKind", action.lock)
    if kind == "npm":
        ide = path.with_name("ide.lock").read_text(encoding="utf-8")
        previous = locking.previous(release, "npm", path)
        found = Resolved(npm.lock(world, release, ide, previous, action.upgrade, progress), previous, ())
    else:
        found = locking.resolved(world, release, kind, path, action.upgrade, progress.say)
    # Another family's lock with the same pins serves only where the same was asked for.
    if found.text == found.previous and any(one.kind == action.lock for one in release.locks):
        progress.say("nothing changed")
        return Locked(str(path), found.moves, found.notes)
    # What is known of a lock may not be of another one; where nothing is, nothing is asked.
    before = lock_facts.beside(path) if kind == "kernel" else None
    facts, notes = "", found.notes
    if before is not None:
        learnt, more = lock_facts.learnt(world, release, found.text, before, progress.say)
        facts, notes = render(learnt), (*notes, *more)
    _put(path, found.text, action.expected, f"the {action.lock} lock of {release.name}", facts)
    return Locked(str(path), found.moves, notes)


def put(world: World, action: PutLock) -> str:
    """Write a lock that was resolved and shown before; gives its path, or its branch. Raises as :func:`write`."""
    if action.branch:
        return _branched(world, action)
    _put(Path(action.path), action.text, action.expected, f"the kernel lock of {action.release}", action.facts)
    return action.path


def _branched(world: World, action: PutLock) -> str:
    from manager.world.files import branching

    path = Path(action.path)
    _unmoved(path, action.expected, f"the kernel lock of {action.release}")
    texts = {path: action.text} | ({path.with_name(NAME): action.facts} if action.facts else {})
    branching.put(Path(world.catalog.root), action.branch, texts, action.message)
    return action.branch


def _put(path: Path, text: str, expected: str, what: str, facts: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_files.alone(path.parent):
        _unmoved(path, expected, what)
        whole_files.write(path, text)
        if facts:
            whole_files.write(path.with_name(NAME), facts)


def _unmoved(path: Path, expected: str, what: str) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
    if found != expected:
        raise Refused(
            f"{what} was written by somebody else",
            why=f"expected {expected[:12] or 'none'}, found {found[:12] or 'none'}",
            hint="nothing was written; run the command again",
            where=str(path),
        )
