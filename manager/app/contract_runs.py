"""Asks one version of a driver for its parameters: in a tree of its own, in a container without a network."""

from __future__ import annotations

import json
import os
import queue
import re
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from packaging.utils import canonicalize_name
from packaging.version import Version

from manager.app import leftovers, watch
from manager.app.mirrors import reach
from manager.app.sandbox import ended, objects, plain
from manager.core import versions
from manager.core.bases import base_step
from manager.core.containers import ContainerSpec, Mount, Tmpfs
from manager.core.ingredients import BROWSER, base_key
from manager.core.lifecycle import Stage
from manager.core.locks import render
from manager.core.observed import readable
from manager.core.plan import Plan, fingerprint
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from concurrent.futures import Future
    from datetime import date

    from manager.app.manager import Manager
    from manager.app.world import World
    from manager.core.connectors import Driver
    from manager.core.systems import System

# The probe is several files, which lie beside each other where it runs.
SCRIPTS = ("contract", "contract_apart", "contract_effective", "contract_reading", "contract_tries")
_TREE, _PROBE = "/opt/solvent/driver", "/opt/solvent/probe"
# A driver that takes longer to load hangs; and so does one that takes longer to be asked everything.
_LOAD_SECONDS, _ALL_SECONDS = 60.0, 300.0
_SAID = 600
# Drivers of some years ago import pkg_resources and say only that any setuptools will do; newer ones lack it. Up to
# Python 3.11 every virtual environment had one, and some do not even say so.
_BESIDE = "setuptools<80\n"
_BUNDLED_UNTIL = (3, 11)
# A version is asked with what there was when it came out, and what mended that in the days after.
_SETTLED = timedelta(days=14)
# How uv words that what a driver needs is to be had as sources only.
_WHEELLESS = re.compile(r"\b([A-Za-z0-9][\w.-]*?)(?:[<>=!~]\S*)? has no usable wheels")
# What else than the probe and the driver decides about an answer; another text asks anew.
RULES = f"{_BESIDE}{_BUNDLED_UNTIL}{_SETTLED}"


@dataclass(frozen=True, slots=True)
class Question:
    """What one version of a driver is asked; see the probe ``contract`` for ``names`` and ``former``."""

    driver: Driver
    version: str
    names: Mapping[str, str]
    former: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a version is installed with: what there was until a day, and of some distributions any version."""

    until: date | None = None
    any_version: tuple[str, ...] = ()


def pythons(world: World) -> tuple[System, ...]:
    """Give the systems whose Python may load a driver: what active releases stand on first, the newest first."""
    active = {one.python for one in world.catalog.releases if one.stage(world.today) is Stage.ACTIVE}
    plain_ones = [one for one in world.catalog.systems if one.python and "+" not in one.id and one.id != BROWSER]

    def order(one: System) -> tuple[bool, tuple[int, ...]]:
        return one.python in active, tuple(int(part) for part in one.python.split(".") if part.isdecimal())

    return tuple(sorted(plain_ones, key=order, reverse=True))


@dataclass(frozen=True, slots=True)
class _Ready:
    """A version that is installed for the Python of a system; ``folder`` has its tree, and the probe.

    ``stood_in`` are distributions whose version is another one than was required, with that version.
    """

    system: System
    folder: Path
    stood_in: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ahead:
    """A version that is being installed beside what else is done; ``said`` are lines of progress, None at the end."""

    ready: Future[_Ready]
    said: queue.Queue[str | None]

    def lines(self) -> Iterator[str]:
        """Give the lines that there are, without waiting."""
        while not self.said.empty():
            if (line := self.said.get()) is None:
                self.said.put(None)
                return
            yield line

    def rest(self) -> Iterator[str]:
        """Give all other lines as they come, until it is installed or cannot be."""
        while (line := self.said.get()) is not None:
            yield line


@contextmanager
def ahead(manager: Manager, question: Question) -> Iterator[Ahead]:
    """Install a version beside what else is done, in a thread; what was installed is gone afterwards.

    The thread needs index and cache only: engine and store stay with whoever asks.
    """
    said: queue.Queue[str | None] = queue.Queue()
    systems = _systems(manager)
    with ExitStack() as kept, ThreadPoolExecutor(1) as pool:

        def work() -> _Ready:
            lines = _prepared(manager, question, systems, kept)
            while True:
                try:
                    said.put(next(lines))
                except StopIteration as end:
                    return cast("_Ready", end.value)

        job = pool.submit(work)
        job.add_done_callback(lambda _: said.put(None))
        yield Ahead(job, said)


def asked(manager: Manager, question: Question, before: Ahead | None = None) -> Generator[object, None, dict[str, Any]]:
    """Resolve a version, if that was not done before, and ask it: yields progress, and returns what the probe printed.

    It gets what the index had when it came out, else the newest that it takes; and of what it needs and is to be had as
    sources only, the newest that has a wheel, which is said. A base that is in the engine is taken before one that has
    to be made. Raises Failed with uv's reason where no Python has a way, Failed where the driver cannot be asked,
    Unreachable where index or engine does not answer.
    """
    with ExitStack() as kept:
        if before is None:
            ready = yield from _prepared(manager, question, _systems(manager), kept)
        else:
            yield from before.rest()
            ready = before.ready.result()
        if not _there(manager, ready.system):
            yield from _made(manager, ready.system, question)
        yield f"asking {question.driver.name} {question.version} for its parameters"
        return _run(manager, question, ready.system, ready.folder) | {"stood_in": ready.stood_in}


def _there(world: World, system: System) -> bool:
    return world.engine.image(world.names.base(system.id, base_key(system))) is not None


def _systems(world: World) -> tuple[System, ...]:
    """Give one system for each Python, in the order in which they are tried: those first whose base is there."""
    systems = pythons(world)
    there = [one for one in systems if _there(world, one)]
    ordered = {one.python: one for one in reversed([*there, *(one for one in systems if one not in there)])}
    return tuple(reversed(ordered.values()))


def _prepared(
    world: World, question: Question, systems: tuple[System, ...], kept: ExitStack
) -> Generator[str, None, _Ready]:
    """Install a version for the first Python that it fits; ``kept`` takes its folder away."""
    what = f"{question.driver.name} {question.version}"
    reasons: list[Failed] = []
    day = _day(world, question)
    choices = [_Choice(day), _Choice()] if day else [_Choice()]
    while choices:
        choice = choices.pop(0)
        for system in systems:
            with ExitStack() as trying:
                folder = trying.enter_context(_scratch(world))
                yield f"resolving {what} for Python {system.python}"
                try:
                    stood_in = _installed(world, question, system.python, folder / "tree", choice)
                except Failed as error:
                    reasons.append(error)
                    continue
                kept.push(trying.pop_all())
                return _Ready(system, folder, stood_in)
        # What the first Python lacks; what only others lack would be given up for nothing.
        lacking = _wheelless(reasons[-len(systems)], question) if systems else set()
        if not choices and (free := lacking - set(choice.any_version)):
            yield f"{', '.join(sorted(free))}: no wheel of what {what} needs, so that another version stands in for it"
            # Of everything else the versions of its day do best with it.
            choices = [_Choice(day, (*choice.any_version, *sorted(free)))]
    raise next(iter(reasons), Failed("no system of this catalog has a Python to load a driver with"))


def _day(world: World, question: Question) -> date | None:
    """Give the day until which there was what a version is asked with; None where that is today, or not known."""
    try:
        found = watch.opened(world).python(canonicalize_name(question.driver.name))
    except (Failed, Unreachable):
        return None
    day = next((one.day for one in found if versions.read(one.version) == Version(question.version)), None)
    return day + _SETTLED if day and day + _SETTLED < world.today else None


def _wheelless(reason: Failed, question: Question) -> set[str]:
    found = {str(canonicalize_name(name)) for name in _WHEELLESS.findall(reason.why)}
    return found - {canonicalize_name(question.driver.name)}


@contextmanager
def _scratch(world: World) -> Iterator[Path]:
    """Give a folder beside the caches, which is gone afterwards: an engine mounts from there."""
    place = world.settings.cache_dir / "contracts"
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place, prefix=".asking-", ignore_cleanup_errors=True) as name:
        probe = Path(name, "probe")
        probe.mkdir()
        for one in SCRIPTS:
            (probe / f"{one}.py").write_text(files("manager.probes").joinpath(f"{one}.py").read_text("utf-8"), "utf-8")
        yield Path(name)


def _installed(
    world: World, question: Question, python: str, tree: Path, choice: _Choice
) -> tuple[tuple[str, str], ...]:
    """Install a version with what it needs: wheels only, each with its hash; nothing of them runs here.

    Gives what stands in for a version without a wheel.
    """
    from manager.world.resolver import beside, install

    way = reach(world, "python")
    wanted = [f"{question.driver.dist}=={question.version}"]
    if tuple(map(int, python.split("."))) <= _BUNDLED_UNTIL:
        wanted.append("setuptools")
    # What stands in may not bring along what the driver imports by way of it: Thrift brought six until 0.20.
    wanted += ["six"] if choice.any_version else []
    pins = beside(tuple(wanted), python, _BESIDE, way, until=choice.until, any_version=choice.any_version)
    install(render(pins), python, tree, reach=way)
    # Programs of packages are of no use here, and nothing shall find them.
    shutil.rmtree(tree / "bin", ignore_errors=True)
    return tuple(sorted((one.name, one.version) for one in pins if one.name in choice.any_version))


def _made(manager: Manager, system: System, question: Question) -> Iterator[object]:
    observed = manager.observe()
    readable(observed)
    steps = base_step(manager.catalog, observed, system.id, f"{question.driver.name} is loaded by its Python")
    yield from manager.apply(Plan(f"make base {system.id}", manager.today, tuple(steps), (), fingerprint(system.id)))


def _run(world: World, question: Question, system: System, folder: Path) -> dict[str, Any]:
    nonce, driver = secrets.token_hex(16), question.driver
    assert driver.contract is not None
    request = {
        "tree": _TREE,
        "distribution": driver.name,
        "import_name": driver.import_name,
        "method": driver.contract.method,
        "of": list(driver.contract.of),
        "names": dict(question.names),
        "former": dict(question.former),
        "limit": _LOAD_SECONDS,
        "nonce": nonce,
    }
    with leftovers.passing(world) as labels:
        spec = ContainerSpec(
            name=f"{world.names.realm}-contract-{secrets.token_hex(4)}",
            image=world.names.base(system.id, base_key(system)),
            labels=labels,
            entrypoint=(f"/usr/bin/python{system.python}",),
            command=("-I", "-B", f"{_PROBE}/contract.py", json.dumps(request)),
            environment=(("HOME", "/tmp/home"), ("LANG", "C.UTF-8"), ("USER", "somebody")),  # noqa: S108
            # The files are this person's, whatever their umask says.
            user=f"{os.getuid()}:{os.getgid()}",
            hostname="solvent-contract",
            mounts=(
                Mount(str(folder / "tree"), _TREE, read_only=True, kind="bind"),
                Mount(str(folder / "probe"), _PROBE, read_only=True, kind="bind"),
            ),
            tmpfs=(Tmpfs("/tmp", "rw,nosuid,nodev,size=256m,mode=1777"),),  # noqa: S108 - the container's own
            memory=2 * 1024**3,
            pids=512,
        )
        code, text = ended(world, spec, None, _ALL_SECONDS)
    return answer(text, nonce, code, f"{driver.name} {question.version}")


def answer(text: str, nonce: str, code: int, what: str) -> dict[str, Any]:
    """Find the probe's answer in what a container printed; raises Failed with the last words where there is none."""
    found = next((one for one in objects(text) if one.get("nonce") == nonce), None)
    if found is None:
        words = plain(text.strip()[-_SAID:]) or "nothing"
        raise Failed(f"{what} gave no contract", why=f"the probe ended with {code}; it printed: {words}")
    if found.get("error"):
        raise Failed(f"{what} cannot be asked for its parameters", why=plain(found["error"])[-_SAID:])
    return found
