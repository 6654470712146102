"""Plans for builds: which releases need one and why, and which build a launch may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.actions import MakeBase, MakeImage, MakeTree, MoveChannel, ProveBuild, WriteLock
from manager.core.ingredients import BROWSER, base_key, ingredients, reasons, spec_hash
from manager.core.lifecycle import Stage
from manager.core.observed import BuildStatus
from manager.core.plan import Plan, Step, fingerprint, in_order

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.names import Names
    from manager.core.observed import Build, Observed

# A build of these once passed every check; a superseded one is what a rollback returns to.
_GOOD = (BuildStatus.PROMOTED, BuildStatus.SUPERSEDED)


def launchable(observed: Observed, release: Release, *, candidate: bool = False) -> Build | None:
    """Give the build that a launch takes: the channel's, else the newest good one whose bytes are here.

    A quarantined build is never given. With ``candidate``, the newest candidate comes first.
    """
    mine = [build for build in observed.builds if build.release == release.name]
    newest = sorted(mine, key=lambda build: build.created, reverse=True)
    here = [build for build in newest if observed.present(build.digest)]
    if candidate:
        found = next((build for build in here if build.status is BuildStatus.CANDIDATE), None)
        if found is not None:
            return found
    pointed = observed.channel(release.name)
    good = [build for build in here if build.status in _GOOD]
    return next((build for build in good if build.digest == pointed), good[0] if good else None)


def layer_groups(catalog: Catalog, release: Release) -> dict[str, str]:
    """Map distributions of a release's connectors to the layer of the kernel that they ship in.

    Dialects are shared by connectors, so they have a layer of their own; what is not named here ships in the
    layer ``runtime``.
    """
    groups: dict[str, str] = {}
    for name in release.connectors:
        for driver in catalog.connector(name).drivers:
            dist = driver.dist.partition("[")[0].lower().replace("_", "-")
            extras = driver.dist.partition("[")[2].rstrip("]")
            group = "dialects" if driver.role == "dialect" else name
            groups.setdefault(dist, group)
            for extra in filter(None, extras.split(",")):
                groups.setdefault(f"{dist}-{extra.strip()}", group)
    return groups


def plan_build(
    catalog: Catalog,
    observed: Observed,
    releases: tuple[str, ...],
    *,
    names: Names,
    today: date,
    force: bool = False,
) -> Plan:
    """Plan what is missing for each named release to have a proven build of what the catalog says.

    Nothing changed gives an empty plan with a note. Retired releases and those without a lock are skipped,
    with a note that says so.
    """
    steps: dict[str, Step] = {}
    notes: list[str] = []
    read: list[object] = []
    for name in releases:
        release = catalog.release(name, today)
        if release.stage(today) is Stage.RETIRED:
            notes.append(f"{release.name} is retired since {release.schedule.end_of_life}: not built")
            continue
        if not (release.lock("ide") and release.lock("kernel")):
            notes.append(f"{release.name} has no lock: run  solvent image lock {release.name}")
            continue
        for step in _release_steps(catalog, observed, release, names, today, notes, force=force):
            steps.setdefault(step.id, step)
        read += [release, [build for build in observed.builds if build.release == release.name]]
    return Plan(
        subject="build " + ", ".join(releases),
        as_of=today,
        steps=in_order(steps.values()),
        notes=tuple(notes),
        fingerprint=fingerprint(*read),
    )


def _release_steps(
    catalog: Catalog,
    observed: Observed,
    release: Release,
    names: Names,
    today: date,
    notes: list[str],
    *,
    force: bool,
) -> list[Step]:
    family = catalog.family(release.family)
    system = catalog.system(release.system)
    base = observed.base(base_key(system))
    mine = [build for build in observed.builds if build.release == release.name]
    last = next((build for build in reversed(mine) if build.status is not BuildStatus.FAILED), None)
    causes: tuple[str, ...] = ("a new build was asked for",) if force else ()
    if base is None:
        causes = causes or (reasons((), None) if last is None else (f"base {system.id} is not in the engine",))
    else:
        parts = ingredients(family, release, layer_groups(catalog, release), base.digest)
        wanted = spec_hash(parts)
        same = next((build for build in reversed(mine) if build.spec_hash == wanted and _usable(build)), None)
        if same is not None and not force:
            if observed.present(same.digest):
                return _prove_and_promote(observed, release, same, same.version, (), notes)
            causes = (f"the image of build {same.version} is missing",)
        causes = causes or reasons(parts, last.inputs if last else None)
    return _make(observed, catalog, release, names, today, mine, causes, notes)


def _usable(build: Build) -> bool:
    return build.status in (*_GOOD, BuildStatus.CANDIDATE)


def _make(
    observed: Observed,
    catalog: Catalog,
    release: Release,
    names: Names,
    today: date,
    mine: list[Build],
    causes: tuple[str, ...],
    notes: list[str],
) -> list[Step]:
    why = "; ".join(causes)
    steps: list[Step] = []
    base = base_step(catalog, observed, release.system, f"{release.name} stands on it")
    trees = [
        Step(
            id=f"tree:{release.name}:{kind}",
            kind="make tree",
            target=f"{release.name} {kind}",
            cause=why,
            do=MakeTree(release.name, kind),
            needs=tuple(step.id for step in base),
        )
        for kind in ("ide", "kernel")
    ]
    version = next_version(mine, today)
    make = Step(
        id=f"image:{release.name}",
        kind="build image",
        target=f"{release.name} {version}",
        cause=why,
        do=MakeImage(release.name, version),
        after=names.image(release.family, release.line, version),
        needs=tuple(step.id for step in [*base, *trees]),
    )
    steps += [*base, *trees, make]
    browser = base_step(catalog, observed, BROWSER, "the page of a build is looked at in it")
    steps += browser
    steps += _prove_and_promote(observed, release, None, version, (make.id, *(step.id for step in browser)), notes)
    return steps


def base_step(catalog: Catalog, observed: Observed, system_id: str, cause: str) -> list[Step]:
    """Plan a base that the engine lacks; an empty list when it is there."""
    system = catalog.system(system_id)
    key = base_key(system)
    if observed.base(key) is not None:
        return []
    return [
        Step(
            id=f"base:{system.id}",
            kind="make base",
            target=system.id,
            cause=cause,
            do=MakeBase(system.id, key),
            after=f"{system.suite}, {len(system.packages)} packages asked for",
        )
    ]


def _prove_and_promote(
    observed: Observed,
    release: Release,
    build: Build | None,
    version: str,
    needs: tuple[str, ...],
    notes: list[str],
) -> list[Step]:
    """Plan the checks of a candidate and the move of its channel; an existing promoted build needs neither."""
    pointed = observed.channel(release.name)
    digest = build.digest if build else ""
    if build is not None and build.digest == pointed and build.status is BuildStatus.PROMOTED:
        notes.append(f"{release.name} {build.version} is built, proven and promoted: nothing to do")
        return []
    old = observed.build(pointed)
    steps = []
    if build is None or build.status is BuildStatus.CANDIDATE:
        steps.append(
            Step(
                id=f"prove:{release.name}",
                kind="prove build",
                target=f"{release.name} {version}",
                cause="no channel moves before every check passed on that digest",
                do=ProveBuild(release.name, version, digest),
                needs=needs,
            )
        )
        needs = (steps[0].id,)
    steps.append(
        Step(
            id=f"promote:{release.name}",
            kind="promote build",
            target=f"{release.name} {version}",
            cause="every required check passed",
            do=MoveChannel(release.name, "stable", pointed, version, digest),
            before=old.version if old else "",
            after=version,
            needs=needs,
        )
    )
    return steps


def next_version(builds: list[Build], today: date) -> str:
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
    for name in releases:
        release = catalog.release(name, today)
        folder = f"{catalog.family(release.family).folder}/locks/{release.line}"
        for kind in ("ide", "kernel"):
            lock = release.lock(kind)
            steps.append(
                Step(
                    id=f"lock:{release.name}:{kind}",
                    kind="resolve lock",
                    target=f"{release.name} {kind}",
                    cause="asked for" + (f", with newer {', '.join(upgrade)}" if upgrade else ""),
                    do=WriteLock(release.name, kind, f"{folder}/{kind}.lock", upgrade),
                    before=lock.digest[:12] if lock else "",
                )
            )
    return Plan("lock " + ", ".join(releases), today, tuple(steps), (), fingerprint(releases, catalog.content))
