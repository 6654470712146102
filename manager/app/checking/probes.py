"""The probes as files: where they lie for the sandbox, and the digest of what they ask."""

from __future__ import annotations

import hashlib
import re
import shutil
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from manager import whole_files
from manager.app import own_sources, sources
from manager.app.steps.trees import compile_in
from manager.core.cells import asked, subject
from manager.core.checks import known_on
from manager.core.plan import digest_of
from manager.core.systems import declared

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from manager.app.world import World
    from manager.core.checks import Cell, Known
    from manager.core.connectors import Connector

_PROBE = re.compile(r"^@probe\(\s*\"([^\"]+)\"", re.MULTILINE)
# Where they lie in a sandbox, and what its Python is told: the parent has the nonce, so nothing of the set runs in it,
# such as what a .pth file says.
PLACE = "/opt/solvent/probes"
COMMAND = ("-I", "-S", "-B", f"{PLACE}/run.py")
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


def known(world: World, connector: Connector, cell: Cell) -> tuple[Known, ...]:
    """Give what a connector knows to fail on the system that a cell's release stands on."""
    return known_on(connector.known, declared(world.catalog.release(cell.release, world.today).system))


def digest(world: World, cell: Cell) -> str:
    """Give the digest of what a cell is asked, as the catalog says it now, and how that is judged today."""
    return digests(world, (cell,))[cell]


def digests(world: World, cells: Iterable[Cell]) -> dict[Cell, str]:
    """Give that of each cell."""
    servers = sources.servers(world)
    found = {}
    for cell in cells:
        connector = world.catalog.connector(cell.connector)
        demands = {one.probe: one.demand for one in connector.demands}
        told = subject(own_sources.joined(world, connector, (cell.source,)), cell, servers)
        found[cell] = asked(files_digest(), demands, known(world, connector, cell), world.today, connector.suite, told)
    return found


def folder(world: World, python: str, image: str) -> Path:
    """Give a folder with the probes that any user of a container can read, with bytecode for a Python such as 3.13.

    It is made once for each version of them, in an image that has this Python: compiling them was a tenth of a second
    of each cell. Raises Failed where they cannot be compiled.
    """
    place = world.settings.cache_dir / "checks" / f"probes-{files_digest()[:16]}-{python}"
    if place.exists():
        return place
    fresh = whole_files.beside(place)
    try:
        for name, text in _texts().items():
            file = fresh / name
            file.parent.mkdir(parents=True, exist_ok=True)
            whole_files.write(file, text.decode(), mode=_FILE)
        compile_in(world, fresh, PLACE, PLACE, python, image)
        for one in (fresh, *fresh.rglob("*")):
            one.chmod(_FOLDER if one.is_dir() else _FILE)
        # It fails where somebody else has made it meanwhile.
        with suppress(OSError):
            fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return place
