"""Known dangers: advisories are read and kept, held against locks, and joined with builds and people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager.core import advisories
from manager.core.affected import affected, is_wanted
from manager.core.amounts import few
from manager.core.driver_releases import Pinned
from manager.core.lifecycle import Stage
from manager.core.locks import parse
from manager.core.watching import Proposal
from manager.errors import ManagerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager.app.world import World
    from manager.core.advisories import Advisory
    from manager.core.affected import AffectedBy
    from manager.core.catalog import Release
    from manager.core.components import Component

_KEPT = "advisories.json"
_NAMED = 4


def taken(world: World, place: Path) -> tuple[int, int, tuple[str, ...]]:
    """Read advisories and keep those about what is in locks or builds: how many were read, how many are kept, notes.

    Raises UsageError where there are none, Failed where they cannot be kept.
    """
    from manager.world import advisories as files

    found, notes = files.read(place)
    file = world.settings.state_dir / _KEPT
    kept = advisories.joined(files.kept(file), found, _names(world))
    files.keep(file, kept)
    return len(found), len(kept), notes


def known(world: World) -> tuple[Advisory, ...]:
    """Give the advisories that were kept; raises Failed for a damaged file."""
    from manager.world import advisories as files

    return files.kept(world.settings.state_dir / _KEPT)


def proposals(world: World, releases: Iterable[Release]) -> tuple[Proposal, ...]:
    """Say which pins of locks have a known danger, and which version settles it."""
    dangers = known(world)
    if not dangers:
        return ()
    rows: dict[tuple[str, str, str], list[str]] = {}
    for pinned in _pins(world, releases):
        for one in dangers:
            if one.has(pinned.dist, pinned.version):
                rows.setdefault((one.id, pinned.dist, pinned.version), []).append(pinned.release)
    by_id = {one.id: one for one in dangers}
    return tuple(_proposal(by_id[key[0]], *key[1:], releases) for key, releases in sorted(rows.items()))


def affected_by(world: World, text: str) -> AffectedBy:
    """Say which builds have a package or what an advisory is about, on which environments, of whom.

    Raises UsageError for what cannot be read and for an advisory that is not known; Unreachable without the database.
    """
    from dataclasses import replace

    from manager.app.everybody import everybody

    advisory = advisories.called(known(world), text)
    names, matches = _asked(text, advisory)
    people = everybody(world)
    inside: dict[str, set[Component]] = {}
    for name in names:
        for digest, component in world.store.containing(name):
            inside.setdefault(digest, set()).add(component)
    builds = sorted(world.builds(), key=lambda one: (one.release, one.created, one.version))
    there = (*people.here, *people.elsewhere)
    found = affected(text, matches, inside, builds, there, world.store.listed())
    return replace(found, notes=(*people.notes, *found.notes), advisory=advisory.to_json() if advisory else None)


def _asked(text: str, advisory: Advisory | None) -> tuple[tuple[str, ...], Callable[[Component], bool | None]]:
    """Give the names that are asked about, and what says whether a component is meant."""
    if advisory is not None:
        return advisory.names, lambda one: one.ecosystem == "python" and advisory.has(one.name, one.version)
    if advisories.looks_like_one(text):
        raise UsageError(f"no advisory {text} is known", hint="read it from a file:  solvent refresh --advisories FILE")
    from manager.core.wanted import wanted

    asked = wanted(text)
    return asked.names, lambda one: is_wanted(asked, one)


def _proposal(one: Advisory, dist: str, version: str, releases: list[str]) -> Proposal:
    names = tuple(dict.fromkeys(releases))
    fixed = one.fixed(dist, version)
    mended = f"; {fixed} is not affected" if fixed else "; no version is named that is not affected"
    summary = f": {one.summary}" if one.summary else ""
    why = f"{one.id}{summary} is about {dist} {version} in {few(names, _NAMED)}{mended}"
    command = f"solvent image lock {' '.join(names)} --upgrade {dist}" if fixed else f"solvent affected {one.id}"
    return Proposal("advisory", dist, why, command, fixed, releases=names)


def _pins(world: World, releases: Iterable[Release]) -> Iterator[Pinned]:
    """Give everything that the Python locks of releases pin, transitive packages too; retired ones are left out."""
    for release in releases:
        if release.adopted is not None or release.stage(world.today) is Stage.RETIRED:
            continue
        for lock in release.locks:
            if lock.kind == "npm":
                continue
            try:
                pins = parse(Path(lock.path).read_text(encoding="utf-8"), lock.path)
            except (OSError, ManagerError):
                continue
            for pin in pins:
                yield Pinned(release.name, release.python, (), pin.name, pin.version)


def _names(world: World) -> set[str]:
    """Name the Python packages that locks pin, and those inside builds."""
    names = {one.dist for one in _pins(world, world.catalog.releases)}
    for digest in world.store.listed():
        names |= {one.name for one in world.store.components(digest) if one.ecosystem == "python"}
    return names
