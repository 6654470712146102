"""Which cells a request comes to: releases, the sets that are theirs or might become theirs, drivers and sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import own_sources, sources
from manager.app.checking import probes
from manager.app.checking.sets import CandidateSet, sealed, shipped
from manager.app.connectors import active_with
from manager.app.locking import Locking
from manager.core.builds import lock_place
from manager.core.catalog import canonical_name, did_you_mean
from manager.core.channels import launchable
from manager.core.checks import Cell, is_chosen
from manager.core.lifecycle import Stage
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.connectors import Connector, Driver, Source
    from manager.core.observed import Observed

    Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What is to be checked; what is left empty means all of it.

    Without ``releases``: every active one that has the connector. Without ``sources``: every required one that can run
    here. ``version`` is of the driver, else of the connector's main driver: its set is resolved for it, as it is not
    locked yet. ``upgrade`` has every driver of the connectors move to what would be taken. With ``changed`` only what
    has no conclusive answer yet is asked. With ``probes`` (ids, or how they begin: ``connect.``) only these are asked,
    and nothing is kept: a part is no answer.
    """

    connectors: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    version: str = ""
    upgrade: bool = False
    changed: bool = False
    probes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Cells with the sets that they are in; what was asked for and cannot be checked, each with the reason.

    Releases may share a set: each has it for itself, as its tree is made by the release's own Python.
    """

    cells: tuple[Cell, ...] = ()
    sets: tuple[CandidateSet, ...] = ()
    left: tuple[tuple[str, str], ...] = ()


def wanted(world: World, request: CheckRequest, observed: Observed, say: Say) -> Wanted:
    """Give the cells of a request.

    Raises UsageError for unknown names, Refused where nothing can be checked, and Unsolved or Unreachable where a set
    has to be resolved and cannot.
    """
    chosen, joined = named(world, request)
    for name in request.sources:
        own_sources.reachable(world, name)
    digest = cache(partial(sources.digest, world))
    cells: list[Cell] = []
    sets: list[CandidateSet] = []
    left: list[tuple[str, str]] = []
    releases = _releases(world, request, chosen)
    for release in releases:
        mine = [one for one in chosen if one.id in release.connectors]
        build = launchable(observed, release)
        if build is None:
            left.append((release.name, f"it has no build to check in:  solvent image build {release.name}"))
            continue
        for found in _sets(world, release, mine, request, say):
            sets.append(found)
            tree, whole = sealed(world, release, found.text), [joined[one.id] for one in mine]
            cells += cells_of(release, found, whole, request, tree, build.digest, digest)
    having = {name for release in releases for name in release.connectors}
    mute = [
        one for one in chosen if not one.sources and not request.sources and (one.id in having or request.connectors)
    ]
    left += [(one.id, one.not_run or "it has no source that can run here") for one in mute]
    asked = [one for one in chosen if one.id in request.connectors and one.id in having]
    left += [(one.id, _optional(one)) for one in asked if _is_optional(request, one)]
    if not cells:
        why = "\n".join(f"{name}: {reason}" for name, reason in left) or "no release in use has it"
        raise Refused("there is nothing to check", why=why, hint="see what there is:  solvent connector list -o wide")
    return Wanted(tuple(cells), tuple(sets), tuple(left))


def named(world: World, request: CheckRequest) -> tuple[list[Connector], dict[str, Connector]]:
    """Give the connectors of a request, and each with the person's own sources that are named.

    Raises UsageError for what nothing is called.
    """
    chosen = _connectors(world, request)
    joined = {one.id: own_sources.joined(world, one, request.sources) for one in chosen}
    _known_sources(request, joined.values())
    _known_probes(request)
    for name in request.releases:
        world.catalog.release(name, world.today)
    return chosen, joined


def _is_optional(request: CheckRequest, connector: Connector) -> bool:
    return bool(connector.sources) and not request.sources and not any(one.required for one in connector.sources)


def _optional(connector: Connector) -> str:
    """Say why nothing is asked of a connector that is named, and what to write instead."""
    named = " ".join(f"--source {one.name}" for one in connector.sources)
    return f"no source of it is required:  solvent check run --connector {connector.id} {named}"


def _connectors(world: World, request: CheckRequest) -> list[Connector]:
    among = [world.catalog.connector(name) for name in dict.fromkeys(request.connectors)] or world.catalog.connectors
    for name in request.drivers:
        _known_driver(world, name, among)
    if not request.drivers:
        return list(among)
    wanted = {canonical_name(one) for one in request.drivers}
    return [one for one in among if _has(one, wanted)]


def _known_driver(world: World, name: str, among: Iterable[Connector]) -> None:
    """Raise UsageError unless one of some connectors has a driver, with the connector that does."""
    if any(_has(one, {canonical_name(name)}) for one in among):
        return
    other = next((one.id for one in world.catalog.connectors if _has(one, {canonical_name(name)})), "")
    if other:
        ids = ", ".join(one.id for one in among)
        raise UsageError(f"{name} is no driver of {ids}", hint=f"it is one of {other}:  --connector {other}")
    hint = did_you_mean(name, [each.name for one in among for each in _own(one)])
    raise UsageError(f"no connector has a driver {name!r}", hint=hint)


def _has(connector: Connector, drivers: set[str]) -> bool:
    """Say whether one of some drivers (as an index compares names) is a connector's."""
    return any(canonical_name(one.name) in drivers for one in _own(connector))


def _own(connector: Connector) -> list[Driver]:
    return [one for one in connector.drivers if one.role == "driver"]


def _known_sources(request: CheckRequest, connectors: Iterable[Connector]) -> None:
    known = [source.name for one in connectors for source in one.sources]
    for name in request.sources:
        if name not in known:
            raise UsageError(f"there is no source {name!r} for it", hint=did_you_mean(name, known))


def _known_probes(request: CheckRequest) -> None:
    for name in request.probes:
        if not any(is_chosen((name,), one) for one in probes.ids()):
            groups = {f"{one.partition('.')[0]}." for one in probes.ids()}
            raise UsageError(f"no probe is called {name!r}", hint=did_you_mean(name, [*sorted(groups), *probes.ids()]))


def _releases(world: World, request: CheckRequest, chosen: list[Connector]) -> list[Release]:
    if request.releases:
        found = [world.catalog.release(name, world.today) for name in request.releases]
        for one in found:
            if one.adopted is not None or one.stage(world.today) is Stage.RETIRED:
                state = "was adopted" if one.adopted is not None else "is retired"
                raise Refused(f"{one.name} {state}: nothing of it is checked", where=str(one.place))
        return list(dict.fromkeys(found))
    found = [release for one in chosen for release in active_with(world, one)]
    return [one for one in dict.fromkeys(found) if one.adopted is None and one.lock("kernel") is not None]


def _sets(
    world: World, release: Release, mine: list[Connector], request: CheckRequest, say: Say
) -> Iterator[CandidateSet]:
    """Give the sets of a release that are asked for: the one that is locked, or another one that might be."""
    if not request.version and not request.upgrade:
        yield shipped(release)
        return
    path = Path(lock_place(world.catalog, release, "kernel")[0])
    if request.version:
        for connector in mine:
            driver = _named(connector, request)
            locking = Locking(world, release, "kernel", path, (driver.name,), say)
            text = locking.exactly((f"{driver.name}=={request.version}",)).text
            yield CandidateSet(release.name, text, shipped=False)
        return
    dists = tuple(dict.fromkeys(dist for one in mine for dist in one.distributions))
    found = Locking(world, release, "kernel", path, dists, say).solve(release.connectors)
    yield CandidateSet(release.name, found.text, shipped=found.text == found.previous)


def _named(connector: Connector, request: CheckRequest) -> Driver:
    named = {canonical_name(one) for one in request.drivers}
    return next((one for one in _own(connector) if canonical_name(one.name) in named), connector.main_driver)


def cells_of(
    release: Release,
    found: CandidateSet,
    connectors: Iterable[Connector],
    request: CheckRequest,
    tree: str = "",
    image: str = "",
    digest: Callable[[Source], str] = lambda _source: "",
) -> Iterator[Cell]:
    """Give the cells of a set, installed as a tree, in an image; ``digest`` gives that of a source's server.

    Without these they are told apart by their places alone.
    """
    for connector in connectors:
        for driver, source in pairs(connector, request, found):
            yield Cell(
                release=release.name,
                connector=connector.id,
                driver=driver.name,
                version=found.version(driver),
                source=source.name,
                source_kind=source.kind,
                set_hash=found.set_hash,
                tree=tree,
                image=image,
                source_digest=digest(source),
            )


def pairs(connector: Connector, request: CheckRequest, found: CandidateSet) -> Iterator[tuple[Driver, Source]]:
    """Give each driver of a connector that is in a set, with each source that it is to be asked against."""
    named = {canonical_name(one) for one in request.drivers}
    for driver in _own(connector):
        if (named and canonical_name(driver.name) not in named) or not found.version(driver):
            continue
        for source in connector.sources:
            if source.name in request.sources if request.sources else source.required:
                yield driver, source
