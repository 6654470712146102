"""A clean build of one release: no tree and no image of it is there, only what is fetched from elsewhere is.

The archives of the bases (mmdebstrap made them once, they are shared by all releases) and uv's cache of wheels are
warm; the engine has neither base nor image of this realm.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import launching
from tests.system.world import World, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator


def seconds(world: World, runs: int) -> Iterator[float]:
    """Give the seconds of each clean build, checks and promotion included, in a world of its own each."""
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="solvent-bench-") as name:
            clean = World(Path(name), f"t-{secrets.token_hex(3)}")
            # Links, so that nothing of a gigabyte is copied in the time that is taken.
            shutil.copytree(world.home / "cache" / "bases", clean.home / "cache" / "bases", copy_function=_link)
            began = time.monotonic()
            try:
                clean("image", "build", launching.FAMILY)
                yield time.monotonic() - began
            finally:
                sweep(clean.realm)


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
