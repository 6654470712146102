"""Plans that move channels between builds, and what builds are after one: promoted, rolled back to, quarantined."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import catalogs, registries
from manager.core import evidence, promotion, quarantining, rollback
from manager.core.build_actions import Decide
from manager.core.build_names import build_named, no_build, split
from manager.core.channels import earlier
from manager.core.observed import BuildStatus, readable
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.observed import Build, Observed
    from manager.core.plan import Plan
    from manager.core.quarantining import Judgement


def proven(world: World, observed: Observed, releases: frozenset[str]) -> Observed:
    """Say which candidates of releases passed every check on their digest, by the evidence of their latest run."""
    waiting = [one for one in observed.builds if one.status is BuildStatus.CANDIDATE and one.release in releases]
    passed = (one.digest for one in waiting if evidence.passed(world.store.evidence(one.digest)))
    return replace(observed, proven=tuple(passed))


def plan_promote(world: World, name: str, version: str) -> Plan:
    """Plan to promote a build; raises as :func:`promotion.plan_promote`."""
    release, version = _named(name, version)
    full = world.catalog.release(release, world.today).name
    observed = proven(world, world.observe(), frozenset((full,)))
    wanted = [one.digest for one in observed.made(full) if one.version == version]
    asked = registries.asked(world, observed, wanted)
    return promotion.plan_promote(world.catalog, asked, full, version, today=world.today)


def plan_rollback(world: World, name: str, to: str) -> Plan:
    """Plan to move a channel back; raises as :func:`rollback.plan_rollback`. Registries are asked for missing bytes."""
    release, to = _named(name, to)
    full = world.catalog.release(release, world.today).name
    observed = world.observe()
    wanted = [one.digest for one in observed.made(full) if one.version == to] if to else _first(observed, full)
    asked = registries.asked(world, observed, wanted)
    return rollback.plan_rollback(world.catalog, asked, full, to, today=world.today)


def plan_quarantine(world: World, name: str, judgement: Judgement) -> Plan:
    """Plan to forbid a build, the channel's where no version is named; raises Refused for a read-only catalog too."""
    build, recorded, observed = _judged(world, name)
    plan = quarantining.plan_quarantine(world.catalog, observed, build, recorded, judgement, today=world.today)
    return _editable(world, plan)


def plan_lift(world: World, name: str, judgement: Judgement) -> Plan:
    """Plan to allow a build again, the newest that is quarantined where no version is named."""
    build, recorded, observed = _judged(world, name, BuildStatus.QUARANTINED)
    plan = quarantining.plan_lift(world.catalog, observed, build, recorded, judgement, today=world.today)
    return _editable(world, plan)


def _judged(world: World, name: str, status: BuildStatus | None = None) -> tuple[Build, BuildStatus, Observed]:
    """Find the build that is meant, and its status as the database has it; with ``status``, one of that by default."""
    release, version = split(name)
    full = world.catalog.release(release, world.today).name
    observed = world.observe()
    readable(observed)
    if not version and status is not None:
        version = next((one.version for one in reversed(observed.made(full)) if one.status is status), "")
    build = build_named(observed, full, version)
    if build is None:
        raise no_build(full)
    recorded = next(one.status for one in world.store.builds(full) if one.digest == build.digest)
    return build, recorded, observed


def _editable(world: World, plan: Plan) -> Plan:
    """Give a plan back; raises Refused where it would write into a catalog that is read-only."""
    if any(isinstance(step.do, Decide) for step in plan.steps):
        catalogs.editable(world.catalog)
    return plan


def _first(observed: Observed, release: str) -> list[str]:
    return [one.digest for one in earlier(observed, release)[:1]]


def _named(name: str, version: str) -> tuple[str, str]:
    """Take a version as a word of its own, or behind the release's name."""
    release, behind = split(name)
    if behind and version and behind != version:
        raise UsageError(f"{name} names build {behind}, and {version} is asked for", hint="name one of them")
    return release, version or behind
