"""``connector params --from --to``: two versions of a driver that nobody knows yet, and again when both are kept."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.world import files

if TYPE_CHECKING:
    from tests.system.world import World

WORDS = ("connector", "params", "snowflake", "--from", "4.0.0", "--to", "5.2.0")
_COLD, _WARM = 3, 5


@dataclass
class Compared:
    """Seconds of each: with nothing of either version on the machine, and with the answers of both kept."""

    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)


def run(world: World) -> Compared:
    """Compare the versions cold and then warm; the base of the container is one that the world has."""
    found = Compared()
    with tempfile.TemporaryDirectory(prefix="solvent-bench-") as name:
        catalog = Path(name, "catalog")
        files.copy_shipped(files.shipped_root(), catalog, git=False)
        shutil.rmtree(catalog / "connectors" / "snowflake" / "contracts")
        for turn in range(_COLD):
            home, cache = Path(name, f"home-{turn}"), Path(name, f"cache-{turn}")
            fresh = replace(world, home=home)
            fresh("catalog", "trust", str(catalog))
            found.cold.append(_seconds(fresh, catalog, cache))
        found.warm += [_seconds(fresh, catalog, cache) for _ in range(_WARM)]
    return found


def _seconds(world: World, catalog: Path, cache: Path) -> float:
    """Time a comparison with a cache of uv's that is its own."""
    usual = os.environ.get("UV_CACHE_DIR")
    os.environ["UV_CACHE_DIR"] = str(cache)
    began = time.monotonic()
    try:
        world(*WORDS, "--catalog", str(catalog))
        return time.monotonic() - began
    finally:
        os.environ.pop("UV_CACHE_DIR")
        os.environ.update({"UV_CACHE_DIR": usual} if usual is not None else {})
