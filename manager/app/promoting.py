"""Plans that move channels between builds, and what builds are after one: promoted, rolled back to, quarantined."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import registries
from manager.core import promotion, rollback
from manager.core.build_names import split
from manager.core.channels import earlier
from manager.core.observed import BuildStatus
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.observed import Observed
    from manager.core.plan import Plan


def proven(world: World, observed: Observed, releases: frozenset[str]) -> Observed:
    """Say which candidates of releases passed every check on their digest, by the evidence of their latest run."""
    waiting = [one for one in observed.builds if one.status is BuildStatus.CANDIDATE and one.release in releases]
    passed = (one.digest for one in waiting if promotion.passed(world.store.evidence(one.digest)))
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


def _first(observed: Observed, release: str) -> list[str]:
    return [one.digest for one in earlier(observed, release)[:1]]


def _named(name: str, version: str) -> tuple[str, str]:
    """Take a version as a word of its own, or behind the release's name."""
    release, behind = split(name)
    if behind and version and behind != version:
        raise UsageError(f"{name} names build {behind}, and {version} is asked for", hint="name one of them")
    return release, version or behind
