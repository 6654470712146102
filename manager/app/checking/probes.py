"""The probes as files: where they lie for the sandbox, and the digest of what they ask."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from manager import whole_files
from manager.app.checking import suite
from manager.core.cells import asked
from manager.core.plan import digest_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from manager.app.world import World
    from manager.core.connectors import Connector

_PROBE = re.compile(r"^@probe\(\s*\"([^\"]+)\"", re.MULTILINE)
# Whatever the person's umask says: the sandbox's user reads them.
_FOLDER, _FILE = 0o755, 0o644


def _gathered(folder: Traversable, under: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir() and one.name != "__pycache__":
            found |= _gathered(one, f"{under}{one.name}/")
        elif one.is_file() and not one.name.endswith(".pyc"):
            found[under + one.name] = one.read_bytes()
    return found


@cache
def _texts() -> dict[str, bytes]:
    return _gathered(files("manager.probes").joinpath("check"))


@cache
def files_digest() -> str:
    """Give the digest of all files of the probes."""
    return digest_of({name: hashlib.sha256(text).hexdigest() for name, text in _texts().items()})


@cache
def ids() -> tuple[str, ...]:
    """Give the ids of all probes, whatever they are for, as they stand in the files."""
    asks = (text.decode() for name, text in _texts().items() if name.startswith("ask/"))
    return tuple(sorted(one for text in asks for one in _PROBE.findall(text)))


def digest(world: World, connector: Connector) -> str:
    """Give the digest of what a connector's cells are asked, and how that is judged today."""
    demands = {one.probe: one.demand for one in connector.demands}
    return asked(files_digest(), demands, connector.known, world.today, suite.of(world, connector))


def folder(world: World) -> Path:
    """Give a folder with the probes that any user of a container can read, made once for each version of them."""
    place = world.settings.cache_dir / "checks" / f"probes-{files_digest()[:16]}"
    done = place / ".done"
    if not done.exists():
        for name, text in _texts().items():
            file = place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            whole_files.write(file, text.decode(), mode=_FILE)
        for one in (place, *(each for each in place.rglob("*") if each.is_dir())):
            one.chmod(_FOLDER)
        done.touch()
    return place
