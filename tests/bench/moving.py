"""A driver's move: ``solvent image build`` after a bump of psycopg, beside a ``docker build`` of the same change."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app.mirrors import reach
from manager.core.containers import LABEL
from manager.core.ingredients import base_key, kernel_requirements
from manager.core.locks import parse
from manager.core.stack import shared
from manager.world.resolver import install, lock
from manager.world.trees.content import claims
from manager.world.trees.form import normalise
from tests.bench import launching
from tests.system.support_running import managed
from tests.system.world import docker

if TYPE_CHECKING:
    from manager.app.manager import Manager
    from tests.system.world import World

LINE, OWN = "4.6-py3.13", "9.0-py3.13"
DRIVER = ("psycopg", "psycopg-binary")
# What people write: the packages as one layer on the base, compiled when they are installed.
_CLASSIC = """\
FROM {base}
COPY kernel /opt/classic
RUN /opt/classic/bin/python -m compileall -q /opt/classic/lib || true
"""
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """One move on one side: seconds, and megabytes that the engine has to keep besides the driver's own."""

    seconds: float
    beyond: float


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves by turns: ``proven`` with checks and promotion, ``made`` until the candidate is there, ``classic``."""

    proven: list[Move]
    made: list[Move]
    classic: list[Move]


def by_turns(world: World, turns: int) -> Moves:
    """Move psycopg from version to version, in all three ways by turns.

    The first version is there before: only what moves after it counts.
    """
    moves = Moves([], [], [])
    with tempfile.TemporaryDirectory() as name:
        root = Path(name, "catalog")
        world("init", str(root))
        family = root / "images" / launching.FAMILY
        (family / "family.toml").write_text((family / "family.toml").read_text().replace(LINE, OWN))
        (family / "locks" / LINE).rename(family / "locks" / OWN)
        place = family / "locks" / OWN / "kernel.lock"
        with managed(world, root) as manager:
            try:
                first, *others = _locks(manager, place.read_text(encoding="utf-8"), 2 * turns)
                place.write_text(first, encoding="utf-8")
                _built(world, manager, root)
                _classic(world, manager, first, Path(name))
                for text, next_text in zip(others[::2], others[1::2], strict=True):
                    place.write_text(text, encoding="utf-8")
                    moves.made.append(_built(world, manager, root, "--candidate"))
                    place.write_text(next_text, encoding="utf-8")
                    moves.proven.append(_built(world, manager, root))
                    moves.classic.append(_classic(world, manager, next_text, Path(name)))
            finally:
                for build in manager.store.builds(f"{launching.FAMILY}:{OWN}"):
                    manager.engine.remove_image(build.digest)
                docker("rmi", _reference(world), check=False)
    return moves


def _locks(manager: Manager, text: str, turns: int) -> list[str]:
    """Lock the release with older and older psycopg, and nothing else moved; the oldest comes first."""
    release = manager.catalog.release(f"{launching.FAMILY}:{OWN}", manager.today)
    wanted = kernel_requirements(manager.catalog, release)
    found = [text]
    for _ in range(turns):
        newest = next(pin.version for pin in parse(found[0]) if pin.name == DRIVER[0])
        older = (f"psycopg[binary]<{newest}", *wanted)
        found.insert(0, lock(older, release.python, found[0], DRIVER, reach=reach(manager, "python")))
    return found


def _built(world: World, manager: Manager, root: Path, *words: str) -> Move:
    release = f"{launching.FAMILY}:{OWN}"
    before = [manager.engine.image(build.digest) for build in manager.store.builds(release)]
    began = time.monotonic()
    done = world("image", "build", release, *words, "--catalog", str(root), "-o", "json")
    took = time.monotonic() - began
    (built,) = json.loads(done.stdout)["builds"]
    image = manager.engine.image(built["digest"])
    assert image is not None
    # A layer each, the newest first.
    sizes = docker("history", "--human=false", "--format", "{{.Size}}", image.digest).split()[::-1]
    kept = max((shared(image.layers, one.layers) for one in before if one), default=0)
    tree = world.home / "cache" / "trees" / image.labels[LABEL + "tree-kernel"] / "tree"
    return Move(took, (sum(map(int, sizes[kept:])) - _own(tree)) / _MB)


def _own(tree: Path) -> int:
    """Give the bytes of the driver's own files, bytecode included."""
    paths = [one.relative_to(tree).as_posix() for one in tree.rglob("*") if one.is_file()]
    return sum((tree / path).stat().st_size for path, names in claims(tree, paths).items() if {*names} & {*DRIVER})


def _classic(world: World, manager: Manager, text: str, folder: Path) -> Move:
    release = manager.catalog.release(f"{launching.FAMILY}:{OWN}", manager.today)
    base = manager.names.base(release.system, base_key(manager.catalog.system(release.system)))
    context = folder / "classic"
    shutil.rmtree(context, ignore_errors=True)
    context.mkdir()
    (context / "Dockerfile").write_text(_CLASSIC.format(base=base))
    words = ("docker", "build", "--quiet", "--network", "none", "--label", f"{LABEL}kind=bench")
    words += ("--tag", _reference(world), str(context))
    began = time.monotonic()
    install(text, release.python, context / "kernel", reach=reach(manager, "python"))
    normalise(context / "kernel", release.python, "/opt/classic")
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    took = time.monotonic() - began
    sizes = [int(docker("image", "inspect", "--format", "{{.Size}}", one)) for one in (_reference(world), base)]
    own = sum(one.stat().st_size for one in (context / "kernel").rglob("psycopg*/**/*") if one.is_file())
    return Move(took, (sizes[0] - sizes[1] - own) / _MB)


def _reference(world: World) -> str:
    return f"{world.realm}/bench-classic:1"
