"""The harness: what probes need that is in no set (pytest, for SQLAlchemy's dialect suite), in a tree of its own."""

from __future__ import annotations

import hashlib
import shutil
from importlib.resources import files
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from manager.app.mirrors import reach

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.world import World

# Whatever the person's umask says: the sandbox's user reads it.
_FOLDER, _FILE = 0o755, 0o644


def pins() -> str:
    """Give the pinned requirements with their hashes."""
    return files("manager.probes").joinpath("check", "harness.txt").read_text("utf-8")


def tree(world: World, python: str) -> Path:
    """Give a folder with the harness for a release's Python (``3.13``), installed once and never written again.

    A folder is there whole or not at all. Raises Failed and Unreachable as installing does.
    """
    from manager.world.resolver import install

    text = pins()
    name = f"harness-{python}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    place = world.settings.cache_dir / "checks" / name
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place.parent, prefix=".harness-", ignore_cleanup_errors=True) as made:
        folder = place.parent / made / "tree"
        install(text, python, folder, reach=reach(world, "python"))
        # Programs of packages are of no use here, and nothing shall find them.
        shutil.rmtree(folder / "bin", ignore_errors=True)
        for one in (folder, *folder.rglob("*")):
            one.chmod(_FOLDER if one.is_dir() else _FILE)
        try:
            folder.rename(place)
        except OSError:
            # Another process was faster.
            if not place.exists():
                raise
    return place
