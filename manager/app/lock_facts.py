"""Learns what is known of a lock's pins: from the index, out of the drivers' wheels, and from the system's mirror."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app.driver_views import LockedView
from manager.app.mirrors import reach
from manager.core import lock_facts
from manager.core.amounts import many
from manager.core.catalog import canonical_name
from manager.core.editions import editions
from manager.core.lifecycle import Stage
from manager.core.lock_facts import NAME, LockFacts, PinFacts
from manager.core.locks import MACHINES, parse, pins_for
from manager.core.wheels import chosen
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.connectors import Connector
    from manager.core.locks import Machine, Pin

    Say = Callable[[str], None]


def beside(path: Path) -> LockFacts | None:
    """Read what is known of a lock; None where nothing is, or nothing that can be read."""
    try:
        return lock_facts.read(path.with_name(NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def known(release: Release) -> LockFacts:
    """Give what is known of a release's kernel lock."""
    lock = release.lock("kernel")
    return (beside(Path(lock.path)) if lock else None) or LockFacts()


def shown(world: World, connector: Connector) -> tuple[LockedView, ...]:
    """Give the drivers of a connector as the locks of releases in use have them, with what is known of them."""
    found = []
    for release in world.catalog.releases:
        lock = release.lock("kernel")
        if connector.id not in release.connectors or lock is None or release.stage(world.today) is Stage.RETIRED:
            continue
        try:
            pins = parse(Path(lock.path).read_text(encoding="utf-8"), lock.path)
        except (OSError, ManagerError):
            continue
        facts, mine = known(release), _names(connector)
        system = tuple((name, facts.system[name]) for name in connector.system_packages if name in facts.system)
        for pin in pins:
            if pin.name in mine:
                said = facts.pins.get(lock_facts.key(pin))
                found.append(LockedView(release.name, pin.name, pin.version, said, system))
    return tuple(found)


def learnt(world: World, release: Release, text: str, before: LockFacts, say: Say) -> tuple[LockFacts, tuple[str, ...]]:
    """Give what is known of a lock (its text), with what was known before of pins that stay; and notes.

    What could not be asked is left out, and asked for again the next time. Raises CatalogError for what is no lock.
    """
    pins = parse(text)
    facts = lock_facts.kept(before, pins)
    missing = [one for one in pins if lock_facts.key(one) not in facts.pins]
    notes: list[str] = []
    times = _times(world, release, missing, say, notes)
    native = _native(world, release, [one for one in missing if lock_facts.key(one) in times], say, notes)
    new = {
        key: replace(one, native=native.get(key) or {}) for key, one in times.items() if native.get(key, {}) is not None
    }
    system = _system(world, release, before.system, say, notes)
    return LockFacts({**facts.pins, **new}, system), tuple(notes)


def _times(world: World, release: Release, pins: list[Pin], say: Say, notes: list[str]) -> dict[str, PinFacts]:
    from manager.app.watch import opened

    if not pins:
        return {}
    say(f"asking when {many(len(pins), 'package')} came")
    told = opened(world).distributions(dict.fromkeys(one.name for one in pins))
    silent = [name for name, one in told.items() if one.state == "silent"]
    if silent:
        notes.append(f"the index said nothing of {many(len(silent), 'package')}, so their times are not written down")
    found = {name: editions(one.files) for name, one in told.items() if name not in silent}
    return {
        lock_facts.key(one): PinFacts(lock_facts.uploaded(found[one.name], one.version, release.python))
        for one in pins
        if one.name in found
    }


def _native(
    world: World, release: Release, pins: list[Pin], say: Say, notes: list[str]
) -> dict[str, Mapping[str, Mapping[str, str]] | None]:
    """Read the wheels of drivers, for each machine; None for a pin of which one could not be had."""
    drivers = _drivers(world, release)
    mine = [one for one in pins if one.name in drivers]
    found: dict[str, dict[str, dict[str, str]]] = {lock_facts.key(one): {} for one in mine}
    try:
        for machine in MACHINES if mine else ():
            for pin, libraries in _libraries(world, release, mine, machine, say).items():
                if libraries:
                    found[lock_facts.key(pin)][machine] = libraries
    except ManagerError as error:
        notes.append(f"which libraries drivers bring is not written down: {error.sentence}")
        return dict.fromkeys(found)
    return dict(found)


def _libraries(
    world: World, release: Release, pins: list[Pin], machine: Machine, say: Say
) -> dict[Pin, dict[str, str]]:
    from manager.world import native, resolver, wheels

    way = reach(world, "python")
    wanted = pins_for(pins, release.python, machine)
    offered = chosen(resolver.offers(wanted, release.python, machine, say, None, way), wanted, release.python, machine)
    found = {}
    with tempfile.TemporaryDirectory(prefix="solvent-facts-") as folder:
        for pin, offer in offered.items():
            if offer.name.endswith("-none-any.whl"):
                continue
            say(f"reading {offer.name}")
            file = Path(folder, offer.name)
            wheels.fetch(offer, file, way)
            found[pin] = native.libraries(file)
            file.unlink()
    return found


def _drivers(world: World, release: Release) -> set[str]:
    """Name the drivers of a release's connectors, with what their extras bring (``psycopg-binary``)."""
    return {one for name in release.connectors for one in _names(world.catalog.connector(name))}


def _names(connector: Connector) -> set[str]:
    found: set[str] = set()
    for driver in connector.drivers:
        if driver.role == "driver":
            extras = driver.dist.partition("[")[2].rstrip("]").split(",")
            names = (driver.name, *(f"{driver.name}-{one.strip()}" for one in extras if one))
            found.update(map(canonical_name, names))
    return found


def _system(world: World, release: Release, before: Mapping[str, str], say: Say, notes: list[str]) -> dict[str, str]:
    """Give the versions that the mirror has of the system's packages that connectors need."""
    from manager.app.watch import mirror_of, opened

    names = sorted({one for name in release.connectors for one in world.catalog.connector(name).system_packages})
    system = world.catalog.system(release.system)
    mirror = mirror_of(world) if names and not system.base else None
    if mirror is None:
        return {}
    say(f"asking for {many(len(names), 'package')} of {system.suite}")
    try:
        there = opened(world).debian(mirror[0], system.suite)
    except ManagerError as error:
        notes.append(f"the versions of the system's packages are those of before: {error.sentence}")
        return {name: version for name, version in before.items() if name in names}
    return {name: there[name] for name in names if name in there}
