"""Looks upstream for what a catalog could have: newer IDEs and drivers, and updates of what its builds stand on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import advisory_service, contents, drivers
from manager.app.drivers import Asked
from manager.app.mirrors import reach
from manager.app.steps import npm
from manager.core import watching
from manager.core.amounts import many
from manager.core.lifecycle import Stage
from manager.core.systems import declared
from manager.errors import ManagerError, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from manager.app.world import World
    from manager.core.catalog import Family, Release
    from manager.core.watching import Ide, Proposal, Published
    from manager.world.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What is proposed, and sentences about indexes that did not answer; ``asked`` counts those that were asked.

    ``waiting`` are sentences about drivers that cool down, and those that are blocked.
    """

    candidates: tuple[Proposal, ...]
    notes: tuple[str, ...]
    asked: int
    waiting: tuple[str, ...] = ()


def refreshed(
    world: World, names: tuple[str, ...], *, ask_service: bool = True, silence_fails: bool = True
) -> Iterator[str | Refreshed]:
    """Ask upstream about families, all of them when none is named: a line for each question, then what came of it.

    Without ``ask_service`` the address of the settings is not asked for advisories. Raises UsageError for an unknown
    family, Unreachable when nobody answers and nothing was kept of earlier answers; without ``silence_fails`` that is
    a note.
    """
    families = [world.catalog.family(name) for name in names] or list(world.catalog.families)
    upstream = opened(world)
    chosen = [one for family in families for one in family.releases]
    dists = drivers.distributions(world, chosen if names else None)
    # Most of the time is spent waiting for answers, so drivers are asked about while the others are.
    with ThreadPoolExecutor(1, thread_name_prefix="drivers") as pool:
        beside = pool.submit(upstream.distributions, dists)
        parts = [(yield from _ides(world, upstream, families)), (yield from _bases(world, upstream, families))]
        if dists:
            yield f"asking about {many(len(dists), 'driver')}"
            parts.append(drivers.asked(world, beside.result(), chosen))
    if world.settings.advisories_url and ask_service:
        yield "asking about advisories"
        parts.append(_advisories(world, upstream))
    dangers = _dangers(world, chosen)
    notes = [one for part in (*parts, dangers) for one in part.notes]
    asked, lost = sum(part.asked for part in parts), sum(part.lost for part in parts)
    if asked and lost == asked and not dangers.candidates and silence_fails:
        raise Unreachable("no index answers, and nothing was kept of earlier answers", why="; ".join(notes))
    yield Refreshed(
        tuple(one for part in (dangers, *parts) for one in part.candidates),
        (*notes, *dict.fromkeys(upstream.kept)),
        asked,
        tuple(one for part in parts for one in part.waiting),
    )


def _ides(world: World, upstream: Upstream, families: list[Family]) -> Generator[str, None, Asked]:
    """Ask for newer IDEs of families; yields a line for each question."""
    notes: list[str] = []
    published: dict[Ide, tuple[Published, ...]] = {}
    ides = tuple(dict.fromkeys(watching.ide_of(one) for family in families for one in watching.watched(family)))
    for ide in ides:
        yield f"asking about {ide[1]}"
        try:
            published[ide] = said(upstream, ide)
        except Unreachable as error:
            notes.append(f"{ide[1]}: {error.sentence}")
    newer = watching.newer_ides(world.catalog, published, world.today)
    found = tuple(one for one in newer if _of(one, families))
    return Asked(found, tuple(notes), asked=len(ides), lost=len(notes))


def _bases(world: World, upstream: Upstream, families: list[Family]) -> Generator[str, None, Asked]:
    """Ask for updates of what the promoted builds of families stand on; yields a line for each system."""
    found: list[Proposal] = []
    notes: list[str] = []
    systems = _stood_on(world, families)
    for system, releases in systems.items():
        yield f"asking about packages of {system}"
        try:
            found += _base(world, upstream, system, releases)
        except ManagerError as error:
            notes.append(f"{system}: {error.sentence}")
    return Asked(tuple(found), tuple(notes), asked=len(systems), lost=len(notes))


def _advisories(world: World, upstream: Upstream) -> Asked:
    """Ask the service of the settings for advisories, which are kept."""
    try:
        advisory_service.asked(world, upstream)
    except ManagerError as error:
        return Asked(notes=(f"advisories: {error.sentence}; those that were kept count",), asked=1, lost=1)
    return Asked(asked=1)


def _dangers(world: World, releases: Iterable[Release]) -> Asked:
    """Hold the locks of releases against the advisories that were kept; a damaged file of them is noted."""
    from manager.app import dangers

    try:
        return Asked(dangers.proposals(world, releases))
    except ManagerError as error:
        return Asked(notes=(error.sentence,))


def opened(world: World) -> Upstream:
    """Give the indexes, with what they said before in the cache."""
    from manager.world.resolver import default_index
    from manager.world.upstream import Upstream

    way = reach(world, "python", "npm", "apt")
    # Asking a program takes longer than what is done with its answer.
    defaults = {"python": cache(default_index), "npm": cache(lambda: _registry(world))}
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


def _base(world: World, upstream: Upstream, system: str, releases: list[Release]) -> Iterable[Proposal]:
    """Compare what is inside the promoted builds of a system with its mirror; one proposal for all of them."""
    one = world.catalog.system(system)
    mirror = mirror_of(world)
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


def mirror_of(world: World) -> tuple[str, str] | None:
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
    from manager.core import versions

    found = []
    for one in said(opened(world), ide):
        version = versions.read(one.version)
        if version and version.release[: len(numbers)] == numbers and not version.is_prerelease:
            found.append((one.day, version, one))
    if not found:
        text = ".".join(map(str, numbers))
        raise UsageError(f"the index has no {ide[1]} {text}", hint="see what there is:  solvent refresh")
    return min(found, key=lambda row: row[:2])[2]
