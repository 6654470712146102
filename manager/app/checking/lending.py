"""The servers that a run has started for itself: noted, so that the next run takes away what a killed one left."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager.app.world import World


def _notes(world: World) -> Path:
    # Where the claims are, too: of another person's run nobody can tell whether it goes on.
    return world.settings.personal_dir / "started-for-checks"


@contextmanager
def noted(world: World, run: str, services: tuple[str, ...]) -> Iterator[None]:
    """Note that servers run for a run of checks only, until it has ended and they were stopped."""
    claim = f"checks-{run}"
    world.claims.take(claim)
    for name in services:
        _notes(world).mkdir(parents=True, exist_ok=True)
        (_notes(world) / name).write_text(claim, encoding="ascii")
    try:
        yield
    finally:
        for name in services:
            (_notes(world) / name).unlink(missing_ok=True)
        world.claims.release(claim)


def left(world: World) -> tuple[str, ...]:
    """Name the servers that were started for runs that nobody carries out any more."""
    if not _notes(world).is_dir():
        return ()
    notes = sorted(_notes(world).iterdir())
    return tuple(note.name for note in notes if world.claims.free(note.read_text(encoding="ascii")))
