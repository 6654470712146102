"""Who uses a release, a build or a component: what the engine and the database know of it, brought together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app.everybody import everybody
from manager.core.amounts import many
from manager.core.impact import Impact, Once, Stray, Subject, impact
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager.app.everybody import Everybody
    from manager.app.world import World
    from manager.core.adoption import Unmanaged
    from manager.core.observed import Environment
    from manager.core.wanted import Wanted


def subject_of(world: World, release: str, version: str, component: str) -> Subject:
    """Read what is asked about; raises UsageError for nothing, for both, and for a build that there is not."""
    if bool(release) == bool(component):
        raise UsageError("name a release, or say --component", hint="solvent lifecycle impact --component python=3.9")
    if component:
        if version:
            raise UsageError("--build is one of a release", hint="leave it out, or name the release")
        from manager.core.wanted import wanted

        return Subject(component, wanted=wanted(component))
    found = world.catalog.release(release, world.today)
    if version and all(one.version != version for one in world.store.builds(found.name)):
        raise UsageError(f"{found.name} has no build {version}", hint=f"see them:  solvent image show {found.name}")
    return Subject(f"{found.name}@{version}" if version else found.name, found.name, version)


def impact_of(world: World, subject: Subject) -> Impact:
    """Say who is hit; raises Unreachable without the database. Without an engine, what was launched is what counts."""
    people = everybody(world)
    environments = (*people.here, *people.elsewhere)
    mine = world.catalog.named(subject.release)
    adopted = {mine.adopted.digest: mine.adopted.owner} if mine and mine.adopted else {}
    strays, blind = _strays(_unmanaged(world, people), subject, adopted)
    inside: dict[str, tuple[str, ...]] = {}
    if subject.wanted is not None:
        inside = _inside(world, subject.wanted)
    found = impact(
        world.catalog,
        environments,
        world.builds(),
        subject,
        world.today,
        inside=inside,
        listed=world.store.listed() if subject.wanted is not None else frozenset(),
        earlier=_earlier(world, environments, subject),
        strays=strays,
    )
    return replace(found, notes=(*people.notes, *((blind,) if blind else ()), *found.notes))


def _unmanaged(world: World, people: Everybody) -> tuple[Unmanaged, ...]:
    if not people.foreign:
        return ()
    from manager.app import scanning

    return scanning.known(world, people.foreign)


def _earlier(world: World, environments: Iterable[Environment], subject: Subject) -> list[Once]:
    """Give where environments were: as they were before upgrades, and as their owners were told."""
    named = {one.container: one for one in environments}
    found = [
        Once(named[one.container].owner, named[one.container].name, one.release, one.version, one.digest)
        for one in world.store.snapshots()
        if one.container in named
    ]
    if not subject.version:
        found += [
            Once(one.owner, name, one.release)
            for one in world.store.ledger.notices(release=subject.release)
            for name in one.environments
        ]
    return found


def _inside(world: World, asked: Wanted) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in asked.names:
        for digest, component in world.store.containing(name):
            found[digest] = (*found.get(digest, ()), component.version)
    return found


def _strays(there: Iterable[Unmanaged], subject: Subject, adopted: Mapping[str, str]) -> tuple[tuple[Stray, ...], str]:
    """Give what no Solvent made and has it, and how many of those nobody has looked into.

    ``adopted`` are the owners of adopted images by digest: they are told when it ends, whatever a
    container's name says.
    """
    found, blind = [], 0
    for one in there:
        what = f"runs {one.image}, which was adopted" if one.digest in adopted else _what(one, subject)
        if what:
            found.append(Stray(one.name, adopted.get(one.digest, one.hint.owner), what))
        elif one.scan is None and subject.wanted is not None:
            blind += 1
    note = (
        f"nobody has looked into {many(blind, 'container')} that no Solvent made:  solvent adopt scan" if blind else ""
    )
    return tuple(found), note


def _what(one: Unmanaged, subject: Subject) -> str:
    if subject.wanted is None:
        return f"runs an image of {one.release}" if one.release == subject.release else ""
    for trace in one.scan.traces if one.scan else ():
        name = trace.kind if trace.kind in ("python", "r", "node") else trace.name
        if name in subject.wanted.names and subject.wanted.matches(trace.version):
            return f"{trace} ({trace.path})"
    return ""
