"""What was learnt upstream travels with a bundle: kept answers of indexes, and advisories."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from manager.app import dangers, drivers, watch
from manager.core import watching
from manager.core.bundles import check_day
from manager.core.systems import declared
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.app.cargo import Cargo
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.world.upstream import Upstream

ADVISORIES = "advisories.json"


def gather(world: World, releases: Iterable[Release], cargo: Cargo) -> None:
    """Take in what indexes last said of the releases' drivers, IDEs and bases, and the advisories that were kept."""
    upstream, found = watch.opened(world), 0
    for about in subjects(world, tuple(releases)):
        try:
            told = upstream.remembered(about, _address(world, about))
        except Unreachable as error:
            cargo.notes.append(error.sentence)
            continue
        if told.at is not None:
            found += 1
            cargo.add("answer", about, _text({"at": told.at.isoformat(), "text": told.text}))
    if not found:
        cargo.notes.append("no answer of an index was kept, so none is carried:  solvent refresh  asks for them")
    if kept := dangers.known(world):
        cargo.add("advisories", ADVISORIES, _text([one.to_json() for one in kept]))


def subjects(world: World, releases: tuple[Release, ...]) -> tuple[str, ...]:
    """Name what ``solvent refresh`` asks about for releases: ``python/NAME``, ``npm/NAME``, ``apt/SUITE``."""
    catalog = world.catalog
    found = [f"python/{name}" for name in drivers.distributions(world, releases)]
    families = [catalog.family(one.family) for one in releases]
    ides = [watching.ide_of(one) for family in families for one in watching.watched(family)]
    found += [f"{'npm' if source == 'npm' else 'python'}/{name}" for source, name in ides]
    for one in releases:
        system = catalog.system(declared(one.system))
        if system.suite and not system.base:
            found += [f"apt/{system.suite}", f"apt/{system.suite}-security"]
    return tuple(dict.fromkeys(found))


def lacking(world: World, answers: Iterable[tuple[str, bytes]]) -> tuple[str, ...]:
    """Name the carried answers (what about, content) that are newer than what is known here."""
    return tuple(about for about, _, _, _ in _newer(world, watch.opened(world), answers))


def bring(world: World, answers: Iterable[tuple[str, bytes]]) -> None:
    """Keep carried answers as those of the indexes here, but for what is known here of a later time."""
    upstream = watch.opened(world)
    for about, text, at, address in _newer(world, upstream, answers):
        upstream.bring(about, text, at, address)


def _newer(
    world: World, upstream: Upstream, answers: Iterable[tuple[str, bytes]]
) -> Iterator[tuple[str, str, datetime, str]]:
    """Give about what, text, time and mirror of each answer that is newer; what nobody is asked here is left out.

    Raises Failed for one that cannot be read, Refused for one of a day to come.
    """
    for about, content in answers:
        at, text = _read(about, content)
        check_day(f"the carried answer about {about}", at, world.clock.now(), about)
        try:
            address = _address(world, about)
            known = upstream.remembered(about, address)
        except Unreachable:
            continue
        if known.at is None or known.at < at:
            yield about, text, at, address


def dangers_lacking(world: World, content: bytes) -> bool:
    """Say whether advisories would change what is kept here."""
    from manager.core import advisories

    try:
        found = advisories.read(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Failed("the carried advisories cannot be read", why=str(error)[:120]) from None
    known = {one.id: one for one in dangers.known(world)}
    mine = {one.id: one for one in advisories.joined(known.values(), found, dangers.names(world))}
    return any(known.get(name) != one for name, one in mine.items())


def bring_dangers(world: World, content: bytes) -> None:
    """Keep advisories as ``refresh --advisories`` does."""
    with TemporaryDirectory(prefix="solvent-advisories-") as folder:
        file = Path(folder, ADVISORIES)
        file.write_bytes(content)
        dangers.taken(world, file)


def _address(world: World, about: str) -> str:
    """Give the mirror that a suite is asked of here; "" where there is none, and for what no mirror has."""
    if not about.startswith("apt/"):
        return ""
    main, security = watch.mirror_of(world) or ("", "")
    found = security if about.endswith("-security") else main
    if not found:
        raise Unreachable(f"no Debian mirror is named here: what was said of {about.removeprefix('apt/')} is left out")
    return found


def _read(about: str, content: bytes) -> tuple[datetime, str]:
    try:
        found = json.loads(content)
        at, text = datetime.fromisoformat(found["at"]), str(found["text"])
        if at.tzinfo is None:
            raise ValueError("its time has no zone")
    except (ValueError, KeyError, TypeError) as error:
        raise Failed(f"the carried answer about {about} cannot be read", why=str(error)[:120]) from None
    return at, text


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
