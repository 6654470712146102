"""Shows releases and builds: the catalog's dates joined with the database's records and the engine's bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import catalogs, registries
from manager.app.release_views import BuildResult, Ground, ReleaseDetail, ReleaseView
from manager.core import builds
from manager.core.artifacts import not_buildable, supply
from manager.core.build_actions import MakeBase
from manager.core.channels import launchable, returnable
from manager.core.ingredients import base_key
from manager.core.lifecycle import Stage, for_people
from manager.core.observed import Build, BuildStatus, readable
from manager.core.systems import kind_of_base

if TYPE_CHECKING:
    from manager.app.events import PlanDone
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.observed import Observed
    from manager.core.plan import Plan


def plan_build(
    world: World,
    names: tuple[str, ...],
    *,
    everything: bool,
    force: bool,
    fresh_base: bool = False,
    candidate: bool = False,
) -> Plan:
    """Plan the builds that the named releases need, or with ``everything`` all that are not retired.

    With ``candidate`` they are left unproven, and no channel moves. With ``fresh_base`` the bases that they stand on
    are made anew from what the mirror has today.
    """
    catalog = world.catalog
    named = list(catalog.releases) if everything else [catalog.release(name, world.today) for name in names]
    chosen = tuple(one.name for one in named) if everything else names
    observed = registries.pointed(world, world.observe(), [one.name for one in named])
    keys = {base_key(catalog.system(one.system)) for one in named} if fresh_base else set()
    plan = builds.plan_build(
        catalog,
        observed.without_bases(keys) if keys else observed,
        chosen,
        names=world.names,
        today=world.today,
        force=force,
        everything=everything,
        candidate=candidate,
    )
    steps = (
        replace(step, do=replace(step.do, anew=True), cause=f"{step.cause}, with what the mirror has today")
        if isinstance(step.do, MakeBase) and step.do.key in keys
        else step
        for step in plan.steps
    )
    return replace(plan, steps=tuple(steps)) if keys else plan


def plan_lock(world: World, names: tuple[str, ...], upgrade: tuple[str, ...]) -> Plan:
    """Plan to resolve locks again; raises Refused for the shipped catalog, which is read-only."""
    catalog = world.catalog
    catalogs.editable(catalog)
    if upgrade:
        from manager.app import drivers

        drivers.refuse_held(world, names, upgrade)
    return builds.plan_lock(catalog, names, upgrade, today=world.today)


def listed(world: World, *, everything: bool) -> tuple[ReleaseView, ...]:
    """List releases, newest first: active, then deprecated; preview and retired ones only with ``everything``."""
    catalog = world.catalog
    observed = world.observe()
    readable(observed)
    chosen = for_people(catalog.releases, world.today)
    if not everything:
        chosen = [one for one in chosen if one.stage(world.today) in (Stage.ACTIVE, Stage.DEPRECATED)]
    users = _users(observed)
    return tuple(_view(world, observed, release, users) for release in chosen)


def shown(world: World, name: str) -> ReleaseDetail:
    """Show one release with its builds, oldest first, and the evidence of its current build."""
    release = world.catalog.release(name, world.today)
    observed = world.observe()
    readable(observed)
    view = _view(world, observed, release, _users(observed))
    made = tuple((build, observed.present(build.digest)) for build in observed.builds if build.release == release.name)
    # Of what a launch would take, or of the newest build while nothing may be launched.
    asked = view.build or (made[-1][0] if made else None)
    evidence = world.store.evidence(asked.digest) if asked else ()
    ways = tuple(one.version for one in returnable(observed, release.name))
    ground, sets = _ground(world, observed, release), world.catalog.sets_of(release)
    return ReleaseDetail(view, made, evidence, ground, sets, ways)


def _ground(world: World, observed: Observed, release: Release) -> Ground | None:
    if release.adopted:
        return None
    system = world.catalog.system(release.system)
    base = observed.base(base_key(system))
    kind = kind_of_base(system, world.catalog.base_origin)
    return Ground(system, kind, base.digest if base else "", world.catalog.family(release.family).extends)


def _view(world: World, observed: Observed, release: Release, users: Counter[str]) -> ReleaseView:
    pointed = observed.build(observed.channel(release.name))
    # What was forbidden is shown where nothing else is there.
    forbidden = (one for one in reversed(observed.made(release.name)) if one.status is BuildStatus.QUARANTINED)
    build = launchable(observed, release) or pointed or next(forbidden, None)
    successor = world.catalog.successor(release, world.today)
    return ReleaseView(
        release=release,
        day=world.today,
        build=build,
        present=bool(build and observed.present(build.digest)),
        environments=users[release.adopted.digest if release.adopted else release.name],
        successor=successor.name if successor else "",
        lacking=not_buildable(world.catalog, release),
        supply=supply(world.catalog, release),
    )


def _users(observed: Observed) -> Counter[str]:
    """Count environments by release; of an adopted image, the containers that somebody runs on it, by its digest."""
    users = Counter(one.release for one in observed.environments)
    users.update(one.image for one in observed.foreign)
    return users


def build_results(world: World, plan: Plan, done: PlanDone | None) -> tuple[BuildResult, ...]:
    """Say for each release of a build plan what was built, or that the build of before is reused.

    ``done`` is the last event of applying the plan, None for an empty plan.
    """
    records = {one.digest: one for one in world.store.builds()}
    channels = world.store.channels()
    steps = {step.id: step for step in plan.steps}
    said = {note.partition(" ")[0] for note in plan.notes} - {name for name, _ in plan.left}
    results = []
    for release in world.catalog.releases:
        step = steps.get(f"image:{release.name}")
        made = done.results.get(f"image:{release.name}") if done else None
        current = records.get(channels.get((release.name, "stable"), ""))
        if isinstance(made, Build) and done and step:
            latest = records.get(made.digest, made)
            mine = (one for one in records.values() if one.release == release.name and one.digest != made.digest)
            older = {digest for one in mine for digest, _ in one.layers}
            layers = tuple((digest, group, digest in older) for digest, group in made.layers)
            reasons = tuple(step.cause.split("; "))
            results.append(BuildResult(release, latest, done.seconds, reused=False, reasons=reasons, layers=layers))
        elif current is not None and release.name in said:
            layers = tuple((digest, group, True) for digest, group in current.layers)
            results.append(BuildResult(release, current, 0.0, reused=True, reasons=(), layers=layers))
    return tuple(results)
