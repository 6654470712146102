"""Asks one version of a driver for its parameters: in a tree of its own, in a container without a network."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from manager.app import leftovers
from manager.app.mirrors import reach
from manager.app.sandbox import ended, objects, plain
from manager.core.bases import base_step
from manager.core.containers import ContainerSpec, Mount, Tmpfs
from manager.core.ingredients import BROWSER, base_key
from manager.core.lifecycle import Stage
from manager.core.locks import render
from manager.core.observed import readable
from manager.core.plan import Plan, fingerprint
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from manager.app.manager import Manager
    from manager.app.world import World
    from manager.core.connectors import Driver
    from manager.core.systems import System

# The probe is several files, which lie beside each other where it runs.
SCRIPTS = ("contract", "contract_apart", "contract_effective", "contract_reading", "contract_tries")
_TREE, _PROBE = "/opt/solvent/driver", "/opt/solvent/probe"
# A driver that takes longer to load hangs; and so does one that takes longer to be asked everything.
_LOAD_SECONDS, _ALL_SECONDS = 25.0, 150.0
_SAID = 600
# Drivers of some years ago import pkg_resources and say only that any setuptools will do; newer ones lack it.
_BESIDE = "setuptools<80\n"


@dataclass(frozen=True, slots=True)
class Question:
    """What one version of a driver is asked; see the probe ``contract`` for ``names`` and ``former``."""

    driver: Driver
    version: str
    names: Mapping[str, str]
    former: Mapping[str, str]


def pythons(world: World) -> tuple[System, ...]:
    """Give the systems whose Python may load a driver: what active releases stand on first, the newest first."""
    active = {one.python for one in world.catalog.releases if one.stage(world.today) is Stage.ACTIVE}
    plain_ones = [one for one in world.catalog.systems if one.python and "+" not in one.id and one.id != BROWSER]

    def order(one: System) -> tuple[bool, tuple[int, ...]]:
        return one.python in active, tuple(int(part) for part in one.python.split(".") if part.isdecimal())

    return tuple(sorted(plain_ones, key=order, reverse=True))


def asked(manager: Manager, question: Question) -> Generator[object, None, dict[str, Any]]:
    """Resolve a version and ask it: yields lines and events of progress, and returns what the probe printed.

    A base that is in the engine is taken before one that has to be made. Raises Failed with uv's reason where no Python
    has a way, Failed where the driver cannot be asked, Unreachable where index or engine does not answer.
    """
    systems = pythons(manager)
    there = [one for one in systems if manager.engine.image(manager.names.base(one.id, base_key(one)))]
    reasons: dict[str, Failed] = {}
    for system in [*there, *(one for one in systems if one not in there)]:
        if system.python in reasons:
            continue
        with _scratch(manager) as folder:
            yield f"resolving {question.driver.name} {question.version} for Python {system.python}"
            try:
                _installed(manager, question, system.python, folder / "tree")
            except Failed as error:
                reasons[system.python] = error
                continue
            if system not in there:
                yield from _made(manager, system, question)
            yield f"asking {question.driver.name} {question.version} for its parameters"
            return _run(manager, question, system, folder)
    raise next(iter(reasons.values()), Failed("no system of this catalog has a Python to load a driver with"))


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


def _installed(world: World, question: Question, python: str, tree: Path) -> None:
    """Install a version with what it needs: wheels only, each with its hash; nothing of them runs here."""
    from manager.world.resolver import beside, install

    way = reach(world, "python")
    pins = beside((f"{question.driver.dist}=={question.version}",), python, _BESIDE, way)
    install(render(pins), python, tree, reach=way)
    # Programs of packages are of no use here, and nothing shall find them.
    shutil.rmtree(tree / "bin", ignore_errors=True)


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
