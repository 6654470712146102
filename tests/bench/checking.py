"""Checks: what a sandbox adds to its probes, a nightly of two releases, and what it takes to set a cell up.

The releases are JupyterLab's two that are active. What a nightly of them finds there is what one finds every night:
images, servers' images, trees and the harness of SQLAlchemy's suite; servers are started and stopped within its time.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from manager.app import leftovers
from manager.app.checking import cell as cells
from manager.app.checking import probes, sets
from manager.app.checking.planning import CheckPlan, planned
from manager.app.checking.running import tried
from manager.app.checking.wanted import CheckRequest
from manager.app.layers import PREFIXES
from manager.app.sandbox import ended
from manager.app.steps.trees import trees
from manager.core.containers import ContainerSpec, Mount, Tmpfs
from tests.system.support_running import managed

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.manager import Manager
    from manager.core.catalog import Release
    from tests.system.world import World

RELEASE, OTHER = "jupyterlab:4.6-py3.13", "jupyterlab:4.5-py3.11"
# Two majors of PostgreSQL with two drivers each, MariaDB with two, DuckDB, SQLite, and ODBC to three of them.
CONNECTORS = ("postgresql", "mysql", "duckdb", "sqlite", "odbc")
SERVERS = ("postgresql-15", "postgresql-17", "mariadb-11.8")
SOURCES = (*SERVERS, "duckdb", "sqlite", "odbc-postgresql-17", "odbc-mariadb-11.8", "odbc-sqlite")
# What the overhead of a sandbox is measured with, each with a source.
ALONE = (("psycopg", "postgresql-17"), ("duckdb", "duckdb"), ("pysqlite3", "sqlite"))
PACKAGES = ("SQLAlchemy", "psycopg[binary]", "pandas", "pyarrow")
_NOX = """
import nox

@nox.session(venv_backend="uv")
def check(session):
    session.install("--requirement", "lock.txt")
    session.run("python", "-c", "")
"""


@dataclass
class SetUp:
    """Seconds until a set of four packages can be asked something, each time from warm caches."""

    ours: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    pip: list[float] = field(default_factory=list)
    nox: list[float] = field(default_factory=list)


@dataclass
class Nights:
    """Seconds of a nightly whose cells are all due, and of one that finds nothing changed; how many cells there are."""

    whole: list[float] = field(default_factory=list)
    unchanged: list[float] = field(default_factory=list)
    cells: int = 0


def overhead(world: World, turns: int) -> dict[str, list[float]]:
    """Give the seconds of a cell less those of its probes, which are asked one at a time, by driver.

    All but SQLAlchemy's suite, which is one probe of half a minute. The server runs before.
    """
    world("source", "start", "postgresql-17", timeout=900)
    usual = cells._request

    def one_by_one(*words: Any) -> Any:
        asked, *rest = usual(*words)
        return asked | {"lanes": 1}, *rest

    found: dict[str, list[float]] = {driver: [] for driver, _ in ALONE}
    with managed(world) as manager, mock.patch.object(cells, "_request", one_by_one):
        topics = sorted({one.partition(".")[0] + "." for one in probes.ids()} - {"suite."})
        for turn in range(turns + 1):
            for driver, source in ALONE:
                request = CheckRequest(
                    drivers=(driver,), sources=(source,), releases=(RELEASE,), probes=tuple(topics)
                )  # fmt: skip
                (one,) = _asked(manager, request)
                if turn:
                    found[driver].append(one.seconds - sum(answer.seconds for answer in one.answers))
    return found


def _asked(manager: Manager, request: CheckRequest) -> Any:
    plan = next(one for one in planned(manager, request) if isinstance(one, CheckPlan))
    return [event for event in tried(manager, plan) if isinstance(event, tuple)][-1]


def nights(world: World) -> Nights:
    """Check both releases, and again; what has to be there once is made before."""
    found = Nights()
    world("image", "build", RELEASE, OTHER, "-y", timeout=1800)
    both = ("--release", RELEASE, "--release", OTHER)
    chosen = [word for name in SOURCES for word in ("--source", name)]
    chosen += [word for name in CONNECTORS for word in ("--connector", name)]
    night = ("nightly", "--no-refresh", "--no-newer", *both, *chosen, "-o", "json")
    # What a cell needs once is made by the shortest that need it: servers' images, and the suite's harness.
    world("check", "run", *both, *chosen, "--probe", "connect.import", code=None, timeout=3600)
    world("check", "run", *both, "--source", "sqlite", "--probe", "suite.", code=None, timeout=3600)
    world("source", "stop", *SERVERS, code=None)
    for took in (found.whole, found.unchanged):
        began = time.monotonic()
        done = json.loads(world(*night, code=None, timeout=3600).stdout)
        took.append(time.monotonic() - began)
        found.cells = found.cells or done["cells"]
    return found


def set_up(world: World, turns: int) -> SetUp:
    """Set a cell up by turns with a fresh environment by pip, and one by nox with uv: the same versions each.

    The release is the one that has the Python of this process, which pip's and nox's sides run with.
    """
    found = SetUp()
    uv = shutil.which("uv") or "uv"
    world("image", "build", RELEASE, OTHER, "-y", timeout=1800)
    with managed(world) as manager, tempfile.TemporaryDirectory(prefix="solvent-bench-") as name:
        folder = Path(name)
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        both = (manager.catalog.release(name, manager.today) for name in (RELEASE, OTHER))
        release = next(one for one in both if one.python == python)
        words = ("--python-version", python, "--generate-hashes", "--no-header", "--quiet", "-")
        text = _run(uv, "pip", "compile", *words, text="\n".join(PACKAGES))
        (folder / "lock.txt").write_text(text)
        (folder / "noxfile.py").write_text(_NOX)
        # It is there before, as Solvent is.
        _run(sys.executable, "-m", "venv", str(folder / "tools"))
        _run(uv, "pip", "install", "--quiet", "--python", str(folder / "tools/bin/python"), "nox")
        nox = (str(folder / "tools/bin/nox"), "--noxfile", str(folder / "noxfile.py"), "--session", "check")
        for turn in range(turns + 1):
            tree = sets.installed(manager, release, text)
            trees(manager).discard(tree)
            sides: tuple[tuple[list[float], Callable[[], object]], ...] = (
                (found.new, lambda: _cell(manager, release, text)),
                (found.ours, lambda: _cell(manager, release, text)),
                (found.pip, lambda: _pip(folder)),
                (found.nox, lambda: _run(*nox)),
            )
            for took, thing in sides:
                began = time.monotonic()
                thing()
                if turn:
                    took.append(time.monotonic() - began)
    return found


def _cell(manager: Manager, release: Release, text: str) -> None:
    """Do what a cell does until its first probe can begin: the set as a tree, and a sandbox with it."""
    tree = sets.installed(manager, release, text)
    build = next(one for one in manager.observe().builds if one.release == release.name)
    with leftovers.passing(manager) as labels:
        spec = ContainerSpec(
            name=f"{manager.names.realm}-bench-cell",
            image=build.digest,
            labels=labels,
            entrypoint=(f"{PREFIXES['kernel']}/bin/python",),
            command=("-I", "-B", "-c", ""),
            mounts=(Mount(str(tree.path), PREFIXES["kernel"], read_only=True, kind="bind"),),
            tmpfs=(Tmpfs("/tmp", "rw,nosuid,nodev,size=512m,mode=1777"),),
        )
        code, log = ended(manager, spec, None, 60)
    assert code == 0, log


def _pip(folder: Path) -> None:
    """Make a fresh environment as the Python documentation says, from pip's own cache."""
    place = folder / "venv"
    shutil.rmtree(place, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(place))
    _run(str(place / "bin/python"), "-m", "pip", "install", "--quiet", "--requirement", str(folder / "lock.txt"))


def _run(*words: str, text: str = "") -> str:
    return subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout
