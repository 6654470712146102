"""Which files of a catalog's folder are the catalog's: what git tracks, or without git what is not hidden."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60


def tracked(root: Path, name: str) -> frozenset[str] | None:
    """Give the files below a folder that git tracks, relative to it; None where git does not track ``name`` there.

    So a catalog that only lies somewhere inside a clone of something else has no git of its own.
    """
    # Nothing of the clone's settings is run, and nothing is written to it.
    words = ("git", "-c", "core.fsmonitor=false", "ls-files", "-z")
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        ended = subprocess.run(
            words, cwd=root, env=surroundings | {"GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True, check=False, timeout=_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = frozenset(os.fsdecode(one) for one in ended.stdout.split(b"\0") if one) if ended.returncode == 0 else ()
    return frozenset(found) if name in found else None
