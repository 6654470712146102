"""What needs this person: each matter with the one command that settles it."""

from __future__ import annotations

import shlex
from itertools import chain
from typing import TYPE_CHECKING

from manager.app import suspended
from manager.app.losses import losses
from manager.app.telling import inbox, of_nightlies, undelivered
from manager.app.views import Matter
from manager.core.amounts import few, many
from manager.core.artifacts import not_buildable
from manager.core.channels import launchable
from manager.core.containers import LABEL
from manager.core.endings import headline, take_over, way_out
from manager.core.lifecycle import Stage
from manager.core.observed import BuildStatus, Silent
from manager.core.upgrades import owed, way_on
from manager.core.workspaces import over_budget, owned

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from manager.app.world import World
    from manager.core.notices import Notice
    from manager.core.observed import Build, Observed

_NO_BUILD = "it has no build on this engine"
# Of so many at most each is a matter of its own; of more, the first few are named.
_APART, _NAMED = 5, 3
# From so many days before a retirement on, those who are hit by it are a matter of whoever looks.
_SOON = 30
_BROKEN = ("regression", "rollback")


def matters(world: World) -> tuple[Matter, ...]:
    """List what needs attention, worst first; an empty list means that nothing does."""
    observed = world.observe()
    found = [
        Matter("unreachable", part.what, part.reason, part.hint or "solvent doctor")
        for part in (observed.engine, observed.records)
        if isinstance(part, Silent)
    ]
    if found:
        return tuple(found)
    told = inbox(world, observed)
    nights = tuple(of_nightlies(world))
    # What people have today and that fails is worse than what waits.
    broken = tuple(one for one in nights if one.finding in _BROKEN)
    parts = (
        losses(world, observed),
        broken,
        _notices(world, told),
        _quarantines(world, observed),
        _environments(world, observed, told),
        _strangers(world, observed),
        _workspaces(world, observed),
        _together(_releases(world, observed)),
        suspended.matters(world),
        _retirements(world, observed),
        tuple(one for one in nights if one not in broken),
        _undelivered(world),
    )
    return tuple(chain.from_iterable(parts))


def _workspaces(world: World, observed: Observed) -> Iterator[Matter]:
    """Give this person's workspaces that held more than their budget when they were last measured."""
    for volume in owned(observed, world.names, world.settings.owner):
        name = volume.labels.get(LABEL + "workspace", volume.name)
        for text in over_budget(observed, volume.name, name, world.settings.workspace_budget_bytes):
            yield Matter("budget", name, text, f"solvent workspace show {name}")


def _notices(world: World, told: Mapping[str, tuple[Notice, tuple[str, ...]]]) -> Iterator[Matter]:
    """Give this person's inbox: what they were told of releases that they still have."""
    for release, (notice, names) in told.items():
        text = f"{headline(notice.ending, world.today)}: {', '.join(names)}; you were told on {notice.day}"
        managed = [name for name in names if name not in notice.strangers]
        way = way_out(notice.ending, " ".join(managed)) if managed else take_over(names[0], notice.owner)
        yield Matter("notice", release, text, way)


def _quarantines(world: World, observed: Observed) -> Iterator[Matter]:
    """Give the quarantines of versions that somebody still has: in the lock of a release, or under an environment."""
    if not world.catalog.quarantines_versions:
        return
    from manager.core.emergency import having
    from manager.core.forbidding import forbids, standing

    alive = [one for one in world.catalog.releases if one.stage(world.today) is not Stage.RETIRED]
    for one in standing(world.catalog.driver_decisions, world.today):
        locked = [
            release.name
            for release in alive
            if any(forbids(one, hit.dist, hit.version) for lock in release.locks for hit in lock.forbidden)
        ]
        digests = {build.digest for build in having(observed, one)}
        hit = [each for each in observed.environments if each.digest in digests]
        said = [f"{few(locked, _NAMED)} lock{'s' * (len(locked) == 1)} it"] if locked else []
        if hit:
            owners = sorted({each.owner for each in hit})
            stands = f"{many(len(hit), 'environment')} of {few(owners, _NAMED)} stand{'s' * (len(hit) == 1)} on it"
            said.append(stands)
        if said:
            subject = f"{one.dist} {one.version}"
            ask = f"solvent affected {shlex.quote(one.advisory)}"
            way = f"solvent image lock {' '.join(locked)}" if locked else ask
            yield Matter("quarantine", subject, f"quarantined for {one.advisory}: {'; '.join(said)}", way)


def _environments(world: World, observed: Observed, told: Container[str]) -> Iterator[Matter]:
    """Give this person's environments whose build is quarantined, whose release ends, or that are owed an upgrade.

    What the inbox says already is not said again.
    """
    by_name = {release.name: release for release in world.catalog.releases}
    for one in observed.environments:
        if one.owner != world.settings.owner:
            continue
        build = observed.build(one.digest)
        if build is not None and build.status is BuildStatus.QUARANTINED:
            runs = one.state in ("running", "paused")
            what = "once stopped it does not start again" if runs else "it does not start"
            way = way_on(world.catalog, observed, one, world.today)
            yield Matter(
                "quarantined",
                one.name,
                f"its build {build.version} of {one.release} is quarantined{_inside(build)}: {what}",
                way or f"solvent env {'stop' if runs else 'remove'} {one.name}",
            )
        release = by_name.get(one.release)
        if release is None:
            yield Matter("unknown", one.name, f"{one.release} is no longer in the catalog", "solvent image list --all")
            continue
        stage = release.stage(world.today)
        found = owed(world.catalog, observed.build, observed.stable, one, world.today)
        way = f"solvent env upgrade {one.name}" if found else ""
        if one.release in told:
            continue
        if stage in (Stage.DEPRECATED, Stage.RETIRED):
            verb = "retired on" if stage is Stage.RETIRED else "retires on"
            successor = world.catalog.successor(release, world.today)
            way = f"solvent env upgrade {one.name} --to {successor.name}" if successor else way
            yield Matter(stage.value, one.name, f"{one.release} {verb} {release.schedule.end_of_life}", way)
        elif found is not None and one.state != "gone":
            yield Matter("upgrade", one.name, found.why, way)


def _undelivered(world: World) -> Iterator[Matter]:
    """Give the notices that did not get through; those are of today, whatever day is looked at."""
    for text in () if world.looking else undelivered(world):
        yield Matter("undelivered", "notices", text, "solvent lifecycle apply")


def _retirements(world: World, observed: Observed) -> Iterator[Matter]:
    """Give the releases that retire soon and have environments of other people; one's own are matters already."""
    for release in world.catalog.releases:
        left = (release.schedule.end_of_life - world.today).days
        if release.stage(world.today) is Stage.RETIRED or left > _SOON:
            continue
        hit = [one for one in observed.environments if one.release == release.name]
        others = [one.owner for one in hit if one.owner != world.settings.owner]
        if others:
            owners = few(sorted(set(others)), _NAMED)
            text = f"it retires in {many(left, 'day')}: {many(len(others), 'environment')} of {owners}"
            yield Matter("retires", release.name, text, f"solvent lifecycle impact {release.name}")


def _inside(build: Build) -> str:
    found = dict.fromkeys(one.named for one in build.forbidden)
    return f", as it has {', '.join(found)}" if found else ""


def _strangers(world: World, observed: Observed) -> Iterator[Matter]:
    """Say that there are containers that nobody manages, but for those without an IDE or on an adopted image."""
    if not observed.foreign:
        return
    from manager.app import scanning

    # Whoever answers for an adopted image is told when it ends.
    adopted = {one.adopted.digest for one in world.catalog.releases if one.adopted}
    found = [one for one in scanning.known(world, observed.foreign) if one.digest not in adopted]
    others = [one for one in found if one.scan is not None and not one.scan.ides]
    names = [one.name for one in found if one not in others]
    if names:
        apart = f"; {len(others)} more hold no IDE" if others else ""
        subject = many(len(names), "container")
        yield Matter("unmanaged", subject, f"nobody manages {few(names, 5)}{apart}", "solvent adopt scan")


def _releases(world: World, observed: Observed) -> Iterator[Matter]:
    """Give active releases without a build to launch, and builds that were never promoted.

    What waits for a vendor's file is no matter of today: `image list` says so.
    """
    for release in world.catalog.releases:
        active = release.stage(world.today) is Stage.ACTIVE
        if release.adopted or not active or not_buildable(world.catalog, release):
            continue
        # A lock that pins what is quarantined cannot be built, and is a matter of its own.
        if launchable(observed, release) is None and not any(lock.forbidden for lock in release.locks):
            mine = [build for build in observed.builds if build.release == release.name]
            waiting = any(build.status is BuildStatus.CANDIDATE for build in mine)
            text = "its candidate passed no check yet" if waiting else _NO_BUILD
            yield Matter("build", release.name, text, f"solvent image build {release.name}")


def _together(found: Iterator[Matter]) -> Iterator[Matter]:
    """Say of many releases at once that they have no build, as of a catalog that was just made."""
    matters = list(found)
    without = [one.subject for one in matters if one.text == _NO_BUILD]
    if len(without) > _APART:
        yield from (one for one in matters if one.text != _NO_BUILD)
        text = f"they have no build on this engine: {few(without, _NAMED)}"
        yield Matter("build", many(len(without), "release"), text, "solvent image build --all")
    else:
        yield from matters
