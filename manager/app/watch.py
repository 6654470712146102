"""Looks upstream for what a catalog could have: newer IDEs and drivers, and updates of what its builds stand on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import contents, drivers
from manager.app.mirrors import reach
from manager.app.steps import npm
from manager.core import watching
from manager.core.amounts import many
from manager.core.lifecycle import Stage
from manager.core.systems import declared
from manager.errors import ManagerError, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from manager.app.world import World
    from manager.core.catalog import Catalog, Family, Release
    from manager.core.watching import Ide, Proposal, Published
    from manager.world.upstream import Told, Upstream


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What is proposed, and sentences about indexes that did not answer; ``asked`` counts those that were asked.

    ``waiting`` are sentences about drivers that cool down.
    """

    candidates: tuple[Proposal, ...]
    notes: tuple[str, ...]
    asked: int
    waiting: tuple[str, ...] = ()


def refreshed(world: World, names: tuple[str, ...]) -> Iterator[str | Refreshed]:
    """Ask upstream about families, all of them when none is named: a line for each question, then what came of it.

    Raises UsageError for an unknown family, Unreachable when nobody answers and nothing was kept of earlier answers.
    """
    families = [world.catalog.family(name) for name in names] or list(world.catalog.families)
    upstream = opened(world)
    chosen = (one for family in families for one in family.releases)
    dists = drivers.distributions(world, chosen if names else None)
    # Most of the time is spent waiting for answers, so drivers are asked about while the others are.
    with ThreadPoolExecutor(1, thread_name_prefix="drivers") as pool:
        yield from _refreshed(world, upstream, families, dists, pool.submit(upstream.distributions, dists))


def _refreshed(
    world: World,
    upstream: Upstream,
    families: list[Family],
    dists: tuple[str, ...],
    beside: Future[dict[str, Told]],
) -> Iterator[str | Refreshed]:
    catalog = world.catalog
    releases_of = [one for family in families for one in family.releases]
    notes: list[str] = []
    published: dict[Ide, tuple[Published, ...]] = {}
    lost = 0
    waiting: tuple[str, ...] = ()
    for ide in dict.fromkeys(watching.ide_of(one) for family in families for one in watching.watched(family)):
        yield f"asking about {ide[1]}"
        try:
            published[ide] = said(upstream, ide)
        except Unreachable as error:
            lost += 1
            notes.append(f"{ide[1]}: {error.message}" + (f": {error.why}" if error.why else ""))
    found = [one for one in watching.newer_ides(catalog, published, world.today) if _of(one, families)]
    asked = len(published) + lost
    for system, releases in _stood_on(world, families).items():
        yield f"asking about packages of {system}"
        asked += 1
        try:
            found += _base(world, upstream, catalog, system, releases)
        except ManagerError as error:
            lost += 1
            notes.append(f"{system}: {error.message}" + (f": {error.why}" if error.why else ""))
    if dists:
        yield f"asking about {many(len(dists), 'driver')}"
        told = drivers.asked(world, beside.result(), releases_of)
        found, asked, lost = [*found, *told.candidates], asked + told.asked, lost + told.lost
        notes += told.notes
        waiting = told.waiting
    dangers = _dangers(world, families, notes)
    if asked and lost == asked and not dangers:
        raise Unreachable("no index answers, and nothing was kept of earlier answers", why="; ".join(notes))
    yield Refreshed((*dangers, *found), (*notes, *dict.fromkeys(upstream.kept)), asked, waiting)


def _dangers(world: World, families: Iterable[Family], notes: list[str]) -> tuple[Proposal, ...]:
    """Hold the locks of families against the advisories that were kept; a damaged file of them is noted."""
    from manager.app import dangers

    try:
        return dangers.proposals(world, [one for family in families for one in family.releases])
    except ManagerError as error:
        notes.append(f"{error.message}: {error.why}")
        return ()


def opened(world: World) -> Upstream:
    """Give the indexes, with what they said before in the cache."""
    from manager.world.resolver import default_index
    from manager.world.upstream import Upstream

    way = reach(world, "python", "npm", "apt")
    defaults = {"python": default_index, "npm": lambda: _registry(world)}
    return Upstream(world.settings.cache_dir / "upstream", way, world.clock.now(), defaults)


def _registry(world: World) -> str:
    """Ask the npm that a release's IDE lock pins for its registry; "" where no release has one."""
    from manager.world.npm import registry

    for release in world.catalog.releases:
        lock = release.lock("ide") if release.ide_from == "npm" else None
        if lock:
            text = Path(lock.path).read_text(encoding="utf-8")
            return registry(npm.node(world, release, text, lambda _: None), reach(world, "npm"))
    return ""


def said(upstream: Upstream, ide: Ide) -> tuple[Published, ...]:
    """Ask the index that an IDE comes from."""
    source, name = ide
    return upstream.npm(name) if source == "npm" else upstream.python(name)


def _of(one: Proposal, families: Iterable[Family]) -> bool:
    return one.subject.partition(":")[0] in {family.id for family in families}


def _stood_on(world: World, families: Iterable[Family]) -> dict[str, list[Release]]:
    """Give the releases with a promoted build, by the system in solvent.toml that they stand on."""
    channels = world.store.channels()
    found: dict[str, list[Release]] = {}
    for family in families:
        for release in family.releases:
            if release.stage(world.today) is not Stage.RETIRED and channels.get((release.name, "stable")):
                found.setdefault(declared(release.system), []).append(release)
    return found


def _base(
    world: World, upstream: Upstream, catalog: Catalog, system: str, releases: list[Release]
) -> Iterable[Proposal]:
    """Compare what is inside the promoted builds of a system with its mirror; one proposal for all of them."""
    one = catalog.system(system)
    mirror = _mirror(world)
    if one.base or mirror is None:
        # An image of one's own brings its packages with it, and names no suite to ask for.
        return ()
    main, security = mirror
    there = upstream.debian(main, one.suite)
    fixes = upstream.debian(security, f"{one.suite}-security") if security else {}
    channels, builds = world.store.channels(), {build.digest: build for build in world.store.builds()}
    behind: dict[str, tuple[tuple[str, str, str], ...]] = {}
    for release in releases:
        inside = contents.of(world, builds[channels[release.name, "stable"]])
        if pending := watching.pending(inside, there, fixes):
            behind[release.name] = pending
    if not behind:
        return ()
    every = tuple(sorted({row for rows in behind.values() for row in rows}))
    return (watching.base_candidate(system, behind, every, fixes),)


def _mirror(world: World) -> tuple[str, str] | None:
    """Give the addresses of the mirror that is set, else of the host's own."""
    from manager.app.mirrors import effective
    from manager.world.bases import host_mirror

    mirrors = effective(world)
    if mirrors.apt:
        return mirrors.apt, mirrors.apt_security
    own = host_mirror()
    return (own.main, own.security) if own else None


def day_of(world: World, ide: Ide, numbers: tuple[int, ...]) -> Published:
    """Give the first version of an IDE's line, with its day; raises UsageError for a line that the index lacks."""
    from packaging.version import InvalidVersion, Version

    found = []
    for one in said(opened(world), ide):
        try:
            version = Version(one.version)
        except InvalidVersion:
            continue
        if version.release[: len(numbers)] == numbers and not version.is_prerelease:
            found.append((one.day, version, one))
    if not found:
        text = ".".join(map(str, numbers))
        raise UsageError(f"the index has no {ide[1]} {text}", hint="see what there is:  solvent refresh")
    return min(found, key=lambda row: row[:2])[2]
