"""``refresh`` of everything: when nothing was ever asked, and when nothing has changed; and the list after it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.system.world import World


@dataclass
class Refreshed:
    """Seconds of each: from nothing at all, with nothing new, and of ``connector list`` with every answer kept."""

    cold: list[float] = field(default_factory=list)
    unchanged: list[float] = field(default_factory=list)
    listed: list[float] = field(default_factory=list)


def by_turns(world: World, turns: int) -> Refreshed:
    """Time them by turns, in a home of their own: one whose indexes were asked says less than one that is empty."""
    found = Refreshed()
    for _ in range(turns):
        with tempfile.TemporaryDirectory(prefix="solvent-bench-") as name:
            fresh = replace(world, home=Path(name))
            found.cold.append(_seconds(fresh, "refresh"))
            found.unchanged.append(_seconds(fresh, "refresh"))
            found.listed.append(_seconds(fresh, "connector", "list"))
    return found


def _seconds(world: World, *words: str) -> float:
    began = time.monotonic()
    world(*words)
    return time.monotonic() - began
