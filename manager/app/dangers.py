"""Known dangers: advisories are read and kept, held against locks, and joined with builds and people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import catalogs
from manager.core import advisories, forbidding
from manager.core.affected import affected, is_wanted
from manager.core.amounts import few
from manager.core.catalog import canonical_name
from manager.core.driver_releases import Pinned
from manager.core.forbidding import forbids
from manager.core.lifecycle import Stage
from manager.core.locks import parse
from manager.core.wanted import wanted
from manager.core.watching import Proposal
from manager.errors import ManagerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager.app.world import World
    from manager.core.advisories import Advisory
    from manager.core.affected import AffectedBy
    from manager.core.catalog import Release
    from manager.core.components import Component
    from manager.core.driver_decisions import DriverDecision

_KEPT = "advisories.json"
_HOW = "read it from a file:  solvent refresh --advisories FILE   or set advisories_url, and  solvent refresh"
_NAMED = 4


def taken(world: World, place: Path) -> tuple[int, int, tuple[str, ...]]:
    """Read advisories and keep those about what is in locks or builds: how many were read, how many are kept, notes.

    Raises UsageError where there are none, Failed where they cannot be kept.
    """
    from manager.world import advisories as files

    found, notes = files.read(place)
    file = place_kept(world)
    kept = advisories.joined(files.kept(file), found, names(world))
    files.keep(file, kept)
    return len(found), len(kept), notes


def place_kept(world: World) -> Path:
    """Name the file of the advisories that are kept."""
    return world.settings.state_dir / _KEPT


def known(world: World) -> tuple[Advisory, ...]:
    """Give the advisories that were kept; raises Failed for a damaged file."""
    from manager.world import advisories as files

    return files.kept(place_kept(world))


def proposals(world: World, releases: Iterable[Release]) -> tuple[Proposal, ...]:
    """Say which pins of locks have a known danger, and which version settles it."""
    dangers = known(world)
    if not dangers:
        return ()
    about: dict[str, list[Advisory]] = {}
    for one in dangers:
        for name in one.names:
            about.setdefault(name, []).append(one)
    rows: dict[tuple[str, str, str], list[str]] = {}
    for pinned in pins(world, releases):
        for one in about.get(pinned.dist, ()):
            if one.has(pinned.dist, pinned.version):
                rows.setdefault((one.id, pinned.dist, pinned.version), []).append(pinned.release)
    by_id = {one.id: one for one in dangers}
    option = catalogs.option(world)
    return tuple(
        _proposal(by_id[one], dist, version, having, option) for (one, dist, version), having in sorted(rows.items())
    )


def affected_by(world: World, text: str) -> AffectedBy:
    """Say which builds have a package or what an advisory is about, on which environments, of whom.

    An advisory that nobody has read is what was quarantined for it. Raises UsageError for what cannot be read and for
    an advisory that is not known; Unreachable without the database,
    Failed where the advisories that were kept are damaged.
    """
    from dataclasses import replace

    from manager.app.everybody import everybody

    advisory = advisories.called(known(world), text)
    standing = _standing(world)
    mine = tuple(one for one in standing if one.advisory.upper() == text.upper() or _called(advisory, one))
    names, matches = _asked(text, advisory, mine)
    people = everybody(world)
    inside: dict[str, set[Component]] = {}
    for name in names:
        for digest, component in world.store.containing(name):
            inside.setdefault(digest, set()).add(component)
    builds = sorted(world.builds(), key=lambda one: (one.release, one.created, one.version))
    there = (*people.here, *people.elsewhere)
    found = affected(text, matches, inside, builds, there, world.store.listed())
    hit = [(one.name, one.version) for build in found.builds for one in build.components if one.ecosystem == "python"]
    about = [one for one in standing if one in mine or any(forbids(one, *each) for each in hit)]
    if advisory is None and not mine:
        about = [one for one in standing if one in about or forbidding.is_asked(one, wanted(text))]
    said = advisory.to_json() if advisory else None
    return replace(found, notes=(*people.notes, *found.notes), advisory=said, quarantines=tuple(about))


def is_advisory(world: World, text: str) -> bool:
    """Say whether a text names an advisory: a known one, one for which something is quarantined, or by its form."""
    known_here = advisories.called(known(world), text) is not None
    quarantined = any(one.advisory.upper() == text.upper() for one in _standing(world))
    return known_here or quarantined or advisories.looks_like_one(text)


def _standing(world: World) -> tuple[DriverDecision, ...]:
    return forbidding.standing(world.catalog.driver_decisions, world.today)


def _called(advisory: Advisory | None, one: DriverDecision) -> bool:
    return advisory is not None and advisory.is_called(one.advisory)


def _asked(
    text: str, advisory: Advisory | None, quarantines: tuple[DriverDecision, ...]
) -> tuple[tuple[str, ...], Callable[[Component], bool | None]]:
    """Give the names that are asked about, and what says whether a component is meant."""
    if advisory is not None or quarantines:
        # What is quarantined for an advisory may be more than what it says.
        said = advisory.names if advisory is not None else ()
        names = tuple(dict.fromkeys([*said, *(canonical_name(one.dist) for one in quarantines)]))

        def is_meant(one: Component) -> bool:
            known = advisory is not None and advisory.has(one.name, one.version)
            banned = forbidding.forbidding(quarantines, one.name, one.version) is not None
            return one.ecosystem == "python" and (known or banned)

        return names, is_meant
    if advisories.looks_like_one(text):
        raise UsageError(f"no advisory {text} is known", hint=_HOW)
    asked = wanted(text)
    return asked.names, lambda one: is_wanted(asked, one)


def _proposal(one: Advisory, dist: str, version: str, releases: list[str], option: str) -> Proposal:
    names = tuple(dict.fromkeys(releases))
    fixed = one.fixed(dist, version)
    mended = f"; {fixed} is not affected" if fixed else "; no version is named that is not affected"
    summary = f": {one.summary}" if one.summary else ""
    why = f"{one.id}{summary} is about {dist} {version} in {few(names, _NAMED)}{mended}"
    take = f"solvent image lock {' '.join(names)} --upgrade {dist}{option}"
    return Proposal("advisory", dist, why, take if fixed else f"solvent affected {one.id}", fixed, releases=names)


def pins(world: World, releases: Iterable[Release]) -> Iterator[Pinned]:
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


def names(world: World) -> set[str]:
    """Name the Python packages that locks pin, and those inside builds."""
    names = {one.dist for one in pins(world, world.catalog.releases)}
    for digest in world.store.listed():
        names |= {one.name for one in world.store.components(digest) if one.ecosystem == "python"}
    return names
