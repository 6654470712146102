"""Plans for builds: which releases need one, and why."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from manager.core.bases import base_step
from manager.core.build_actions import MakeImage, MakeTree, WriteLock
from manager.core.catalog import canonical_name
from manager.core.channels import past_quarantine, rolled_back
from manager.core.copies import GOOD, lacking, pull_steps
from manager.core.gates import buildable
from manager.core.ingredients import BROWSER, base_key, ingredients, reasons, spec_hash
from manager.core.observed import BuildStatus, EngineInfo, readable
from manager.core.plan import Plan, Step, fingerprint, in_order
from manager.core.promotion import prove_and_promote
from manager.core.sets import distribution, omissions
from manager.core.systems import compiler
from manager.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from manager.core.catalog import Catalog, LockKind, Release
    from manager.core.names import Names
    from manager.core.observed import Build, Image, Observed

# How engines name the one machine that trees are made for.
_BUILT_FOR = ("amd64", "x86_64")


def layer_groups(catalog: Catalog, release: Release) -> dict[str, str]:
    """Map distributions of a release's connectors and package sets to the layer of the kernel that they ship in.

    The layers lie in the order of their first mention, from the bottom up: a change makes anew what lies on it, so
    what moves most often comes last. A package set has a layer, without what a connector names; what several sets
    name ships with the first of them. Dialects are shared by connectors, so they have one of their own. Each
    driver has one; that of a connector's main driver, which is named like the connector, lies above the others.
    What is not named here ships in the layer ``runtime``, the lowest, unless only a package set needs it
    (:func:`manager.core.needs.with_needed`).
    """
    found: dict[str, tuple[int, str]] = {}
    for name in release.connectors:
        for driver in catalog.connector(name).drivers:
            dist = canonical_name(driver.name)
            extras = [one.strip() for one in driver.dist.partition("[")[2].rstrip("]").split(",")]
            place = (1, "dialects") if driver.role == "dialect" else (2, f"{name}-{dist}")
            place = (3, name) if driver.main else place
            for one in (dist, *(canonical_name(f"{dist}-{extra}") for extra in extras if extra)):
                found[one] = min(found.get(one, place), place)
    for each in catalog.sets_of(release):
        for requirement in each.requirements:
            found.setdefault(canonical_name(distribution(requirement)), (0, each.id))
    return {dist: layer for dist, (_, layer) in sorted(found.items(), key=lambda item: item[1])}


def plan_build(
    catalog: Catalog,
    observed: Observed,
    releases: tuple[str, ...],
    *,
    names: Names,
    today: date,
    force: bool = False,
    everything: bool = False,
    candidate: bool = False,
) -> Plan:
    """Plan what is missing for each named release to have a proven build of what the catalog says.

    With ``candidate`` a build is made and left unproven; no channel moves. Nothing changed gives an empty plan with a
    note. Raises Refused for a retired release, for one without a lock, and for one whose ingredients are those of a
    quarantined build; with ``everything`` these are left out with a note. Raises Refused, too, for an engine on another
    machine than amd64, and CatalogError when the catalog has no system for the browser that looks at pages.
    """
    readable(observed)
    steps: dict[str, Step] = {}
    notes: list[str] = []
    read: list[object] = []
    left: dict[str, str] = {}
    known = {release.name: release for release in catalog.releases}
    for release in dict.fromkeys(known.get(name) or catalog.release(name, today) for name in releases):
        try:
            buildable(catalog, release, today)
            found = _release_steps(catalog, observed, release, names, today, notes, force=force, candidate=candidate)
            for step in found:
                steps.setdefault(step.id, step)
        except Refused as refusal:
            if not everything:
                raise
            left[release.name] = refusal.message
            notes.append(f"left out: {refusal.message}")
            if release.adopted:
                continue
        read += _read(catalog, observed, release)
    if steps and isinstance(observed.engine, EngineInfo) and observed.engine.architecture not in _BUILT_FOR:
        raise Refused(
            f"images are built for amd64, and this engine runs on {observed.engine.architecture}",
            why="the locks hold both machines' wheels, but trees are made for x86_64 only so far",
        )
    return Plan(
        subject="build " + ", ".join(releases),
        as_of=today,
        steps=in_order(_sharing(catalog, steps.values())),
        notes=tuple(notes),
        fingerprint=fingerprint(*read),
        left=tuple(left.items()),
    )


def _sharing(catalog: Catalog, steps: Iterable[Step]) -> Iterator[Step]:
    """Let a tree wait for one of the same locks and Python: it then takes what that one made."""
    by_name = {release.name: release for release in catalog.releases}
    first: dict[tuple[str, ...], str] = {}
    for step in steps:
        if not isinstance(step.do, MakeTree):
            yield step
            continue
        release = by_name[step.do.release]
        locks = (lock.digest for lock in release.locks if lock.kind in (step.do.lock, "npm"))
        before = first.setdefault((step.do.lock, release.python, *locks), step.id)
        yield step if before == step.id else replace(step, needs=(*step.needs, before))


def _read(catalog: Catalog, observed: Observed, release: Release) -> list[object]:
    """Give what a plan reads of catalog and world to build a release, and nothing of other releases."""
    keys = [base_key(system) for system in catalog.systems if system.id in (release.system, BROWSER)]
    bases = [base.digest if (base := observed.base(key)) else key for key in keys]
    builds = [(build.version, build.status, observed.present(build.digest)) for build in observed.made(release.name)]
    parts = ingredients(catalog.family(release.family), release, layer_groups(catalog, release), "")
    channel = observed.channel(release.name)
    asked = [observed.answer(copy.exact) for copy in lacking(observed, observed.build(channel))]
    return [release.name, parts, bases, builds, channel, asked]


def _release_steps(
    catalog: Catalog,
    observed: Observed,
    release: Release,
    names: Names,
    today: date,
    notes: list[str],
    *,
    force: bool,
    candidate: bool,
) -> list[Step]:
    ending = partial(prove_and_promote, catalog, observed, release, notes=notes, today=today, candidate=candidate)
    family = catalog.family(release.family)
    system = catalog.system(release.system)
    base = observed.base(base_key(system))
    mine = observed.made(release.name)
    last = next((build for build in reversed(mine) if build.status is not BuildStatus.FAILED), None)
    causes: tuple[str, ...] = ("a new build was asked for",) if force else ()
    pushed = None if force else _pushed(catalog, observed, release, base)
    if pushed is not None:
        if observed.present(pushed.digest):
            return ending(pushed, pushed.version, ())
        pulled, said = pull_steps(observed, pushed)
        notes += said
        if pulled:
            return list(pulled)
    if base is None:
        causes = causes or (reasons((), None) if last is None else (f"base {system.id} is not in the engine",))
    else:
        parts = ingredients(family, release, layer_groups(catalog, release), base.digest)
        wanted = spec_hash(parts)
        refuse_quarantined(release.name, wanted, mine)
        same = _same(observed, release, wanted)
        if same is not None and not force:
            if rolled_back(observed, same):
                way = f"solvent image promote {release.name} {same.version}"
                notes.append(f"{release.name} {same.version} is what the catalog says, and was {same.reason}:  {way}")
                return []
            if observed.present(same.digest):
                return ending(same, same.version, ())
            causes = (f"the image of build {same.version} is missing",)
        causes = causes or reasons(parts, last.inputs if last else None)
        if last is not None and not causes:
            causes = (f"build {last.version} is {last.status}",)
    version = next_version(mine, today)
    made = _make(observed, catalog, release, names, version, causes)
    return made + ending(None, version, (made[-1].id,))


def _pushed(catalog: Catalog, observed: Observed, release: Release, base: Image | None) -> Build | None:
    """Find the channel's build, if it is in a registry and is what the catalog says.

    An engine without the base has the copy's word for what it stands on.
    """
    build = observed.build(observed.channel(release.name))
    if build is None or build.status not in GOOD:
        return None
    stands = dict(build.inputs).get("base", "")
    parts = ingredients(catalog.family(release.family), release, layer_groups(catalog, release), stands)
    if build.spec_hash != spec_hash(parts) or (base is not None and base.digest != stands):
        return None
    keys = {copy.base for copy in observed.copies if copy.digest == build.digest}
    return build if base_key(catalog.system(release.system)) in keys else None


def refuse_quarantined(release: str, wanted: str, builds: Iterable[Build]) -> None:
    """Raise Refused when ingredients are those of a quarantined build: it would be the same thing under a new name."""
    banned = next((one for one in builds if one.spec_hash == wanted and one.status is BuildStatus.QUARANTINED), None)
    if banned is not None:
        raise Refused(
            f"{release} cannot be built: its ingredients are those of build {banned.version}, which is quarantined",
            why=banned.reason,
            hint=past_quarantine(banned),
        )


def _same(observed: Observed, release: Release, wanted: str) -> Build | None:
    """Find a build of the same ingredients: best the channel's, then one whose bytes are here, then the newest."""
    usable = (*GOOD, BuildStatus.CANDIDATE)
    fit = [one for one in observed.made(release.name) if one.spec_hash == wanted and one.status in usable]
    pointed = observed.channel(release.name)
    return max(fit, key=lambda one: (observed.present(one.digest), one.digest == pointed, fit.index(one)), default=None)


def _make(
    observed: Observed,
    catalog: Catalog,
    release: Release,
    names: Names,
    version: str,
    causes: tuple[str, ...],
) -> list[Step]:
    """Give the steps that make a build; the last one makes its image."""
    why = "; ".join(causes)
    base = base_step(catalog, observed, release.system, f"{release.name} stands on it")
    tools = []
    if release.ide_from == "npm":
        tools = base_step(catalog, observed, compiler(release.system), f"the IDE of {release.name} is compiled in it")
    before = {"ide": [*base, *tools], "kernel": base}
    trees = [
        Step(
            id=f"tree:{release.name}:{kind}",
            kind="make tree",
            target=f"{release.name} {kind}",
            cause=why,
            do=MakeTree(release.name, kind),
            needs=tuple(step.id for step in before[kind]),
        )
        for kind in release.trees
    ]
    make = Step(
        id=f"image:{release.name}",
        kind="build image",
        target=f"{release.name} {version}",
        cause=why,
        do=MakeImage(release.name, version),
        after=names.image(release.family, release.line, version),
        needs=tuple(step.id for step in [*base, *trees]),
        aim=True,
    )
    return [*base, *tools, *trees, make]


def next_version(builds: Iterable[Build], today: date) -> str:
    """Give a version that no build of the release ever had: the day, then a number from 1."""
    day = f"{today:%Y%m%d}"
    used = {build.version for build in builds}
    number = 1
    while f"{day}.{number}" in used:
        number += 1
    return f"{day}.{number}"


def plan_lock(catalog: Catalog, releases: tuple[str, ...], upgrade: tuple[str, ...], *, today: date) -> Plan:
    """Plan to resolve the locks of releases again; existing pins stay unless ``upgrade`` names them."""
    steps = []
    notes: list[str] = []
    for release in dict.fromkeys(catalog.release(name, today) for name in releases):
        if release.adopted:
            raise Refused(f"{release.name} was adopted: it has no lock", where=str(release.place))
        notes += (f"{release.name}: {words}" for words in omissions(catalog.sets_of(release)))
        for kind in release.lock_kinds:
            lock = release.lock(kind)
            path, expected = lock_place(catalog, release, kind)
            steps.append(
                Step(
                    id=f"lock:{release.name}:{kind}",
                    kind="resolve lock",
                    target=f"{release.name} {kind}",
                    cause="asked for" + (f", with newer {', '.join(upgrade)}" if upgrade else ""),
                    do=WriteLock(release.name, kind, path, upgrade, expected),
                    before=lock.digest[:12] if lock else "",
                    # The npm that resolves it is the one that the IDE lock pins.
                    needs=(f"lock:{release.name}:ide",) if kind == "npm" else (),
                    aim=True,
                )
            )
    return Plan(
        "lock " + ", ".join(releases), today, tuple(steps), tuple(notes), fingerprint(releases, catalog.content)
    )


def lock_place(catalog: Catalog, release: Release, kind: LockKind) -> tuple[str, str]:
    """Give the path of a release's own lock, and its digest: "" where it has none, or that of one that it extends."""
    lock = release.lock(kind)
    path = f"{catalog.family(release.family).folder}/locks/{release.line}/{kind}.lock"
    return path, lock.digest if lock is not None and lock not in release.inherited else ""
