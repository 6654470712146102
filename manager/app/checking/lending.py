"""The servers that were started for runs of checks: shared by all runs that use them, and stopped by the last one.

For each such server there is a folder, and in it a file for each run that uses it, called like the claim of that run. A
claim ends with its process, so a run that was killed uses nothing any more. What has no folder is somebody's own.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from manager import whole_files
from manager.app import sources
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from manager.app.world import World


def _folder(world: World) -> Path:
    # Where the claims are, too: of another person's run nobody can tell whether it goes on.
    return world.settings.personal_dir / "lent-sources"


@contextmanager
def shared(world: World, run: str, starts: Iterable[str], uses: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Use servers for a run of checks, until it has ended; those that nobody else uses then are stopped.

    ``starts`` are those that the run starts, or that killed ones left behind, ``uses`` all that its cells need. Gives
    those that were to be there and are not: the run that had started them has ended since they were planned for, and
    they have to be started again.
    """
    claim, folder = f"checks-{run}", _folder(world)
    starts, uses = tuple(starts), tuple(uses)
    folder.mkdir(parents=True, exist_ok=True)
    world.claims.take(claim)
    mine: list[Path] = []
    try:
        # From here on nobody stops what this run uses.
        with whole_files.alone(folder):
            there = {one.name for one in world.compose.running() if one.state == "running"} if uses else set()
            gone = tuple(name for name in uses if name not in starts and name not in there)
            for name in (*starts, *gone):
                (folder / name).mkdir(exist_ok=True)
            mine += [folder / name for name in dict.fromkeys((*starts, *uses)) if (folder / name).is_dir()]
            for place in mine:
                (place / claim).touch()
        yield gone
    finally:
        with whole_files.alone(folder):
            for place in mine:
                (place / claim).unlink(missing_ok=True)
                if place.is_dir() and not _users(world, place):
                    # Something else may have begun to use it, or stopped it.
                    with suppress(ManagerError):
                        world.compose.stop(place.name, sources.folder(world), _silently)
                    shutil.rmtree(place, ignore_errors=True)
        world.claims.release(claim)


def left(world: World) -> tuple[str, ...]:
    """Name the servers that were started for runs that nobody carries out any more."""
    folder = _folder(world)
    if not folder.is_dir():
        return ()
    # Whoever asks whether a claim is free has it for that moment, so one asks after the other.
    with whole_files.alone(folder):
        return tuple(sorted(place.name for place in folder.iterdir() if place.is_dir() and not _users(world, place)))


def _users(world: World, place: Path) -> tuple[str, ...]:
    """Name the claims of the runs that go on and use a server; those of killed ones are forgotten."""
    found = []
    for one in place.iterdir():
        if world.claims.free(one.name):
            one.unlink(missing_ok=True)
        else:
            found.append(one.name)
    return tuple(found)


def _silently(_line: str) -> None:
    """Hear nothing: what is taken away was spoken of when it was planned."""
