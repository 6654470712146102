"""A danger in a driver: its versions are forbidden everywhere at once, and the whole way out is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager.app import catalogs, dangers, drivers
from manager.core import advisories, emergency, holds
from manager.core.catalog import canonical_name, did_you_mean
from manager.core.channels import waits
from manager.core.copies import GOOD
from manager.core.forbidding import forbids, lifts, standing
from manager.core.lifecycle import Stage
from manager.core.observed import readable
from manager.core.way_out import Hit, mended, way_out
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.freshness import Made
    from manager.app.shelf import BuildView
    from manager.app.views import EnvironmentView
    from manager.app.world import World
    from manager.core.advisories import Advisory
    from manager.core.catalog import Release
    from manager.core.driver_decisions import DriverDecision
    from manager.core.driver_releases import Pinned
    from manager.core.observed import Build, Observed
    from manager.core.plan import Plan
    from manager.core.way_out import WayOut


@dataclass(frozen=True, slots=True)
class Alarm:
    """A decision about versions and the plan that carries it out; ``before`` is the one that says the same already."""

    decision: DriverDecision
    plan: Plan
    before: DriverDecision | None = None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a quarantine is about, as the world is by now: the way out, the builds, and who stands on them.

    The builds go by release, newest first; the environments are those of all people.
    """

    way_out: WayOut
    builds: tuple[BuildView, ...]
    affected: tuple[EnvironmentView, ...]


class Emergency:
    """What is forbidden of drivers; ``made`` keeps how each plan was made, so that a stale one is refused."""

    def __init__(self, world: World, made: Made) -> None:
        self._world = world
        self._made = made

    def plan_quarantine(self, asked: DriverDecision) -> Alarm:
        """Plan to forbid versions of a distribution, the connector's main driver where none is named.

        Raises UsageError for a connector or a distribution that there is not, Refused for a read-only catalog.
        """
        return self._made.within(lambda: self._forbidding(asked))

    def plan_lift(self, asked: DriverDecision) -> Alarm:
        """Plan to allow again what was forbidden, of one version or of all; raises as :meth:`plan_quarantine`."""
        return self._made.within(lambda: self._allowing(asked))

    def aftermath(self, one: DriverDecision) -> Aftermath:
        """Say who has what a quarantine is about, and how they get rid of it; nothing is done."""
        observed = self._as_if(self._world.observe(), (one,))
        found = emergency.having(observed, one)
        affected = self._affected({each.digest for each in found})
        owners = [each.environment.owner for each in affected]
        return Aftermath(self._way_out(one, observed, found, owners), _views(observed, found), affected)

    def _way_out(self, one: DriverDecision, observed: Observed, found: tuple[Build, ...], owners: list[str]) -> WayOut:
        world = self._world
        advisory = advisories.called(dangers.known(world), one.advisory)
        hits, waiting = [], {}
        pinned = tuple(dict.fromkeys(each for each in dangers.pins(world, world.catalog.releases) if _is(one, each)))
        for release in world.catalog.releases:
            mine = tuple(each.version for each in found if each.release == release.name)
            # The IDE lock and the kernel lock may have it in two versions.
            pins = [each for each in pinned if each.release == release.name]
            if not (mine or pins) or release.stage(world.today) is Stage.RETIRED:
                continue
            for pin in pins:
                to, decides = self._to(one, release, pin, advisory)
                hits.append(Hit(release.name, pin.version, to, mine, decides=decides))
            if not pins:
                hits.append(Hit(release.name, builds=mine, built=_built(observed, release)))
            if freeze := waits(world.catalog, observed, release, world.today):
                waiting[release.name] = freeze
        return way_out(one, hits, waiting, owners, catalogs.option(world))

    def _affected(self, digests: set[str]) -> tuple[EnvironmentView, ...]:
        from manager.app import listing

        found = listing.listed(self._world, "")
        mine = tuple(each for each in found.environments if each.digest in digests)
        return listing.views(self._world, replace(found, environments=mine))

    def _forbidding(self, asked: DriverDecision) -> Alarm:
        world = self._world
        one = drivers.checked(world, self._named(asked))
        known = dangers.names(world) | {dist for each in world.catalog.connectors for dist in each.distributions}
        if canonical_name(one.dist) not in known:
            raise UsageError(
                f"no connector names {one.dist}, and no lock and no build has it",
                hint=did_you_mean(canonical_name(one.dist), sorted(known)),
            )
        there = standing(world.catalog.driver_decisions, world.today)
        before = next((each for each in there if _same(one, each)), None)
        seen = self._as_if(world.observe(), (one,))
        plan = emergency.plan_forbid(seen, before or one, standing=before is not None, today=world.today)
        return Alarm(before or one, plan, before)

    def _allowing(self, asked: DriverDecision) -> Alarm:
        world = self._world
        one = drivers.checked(world, self._named(asked))
        there = standing(world.catalog.driver_decisions, world.today)
        observed = world.observe()
        readable(observed)
        after = replace(observed, builds=world.builds_as_if((*world.catalog.driver_decisions, one)))
        return Alarm(one, emergency.plan_allow(observed, after, one, there, today=world.today))

    def _named(self, asked: DriverDecision) -> DriverDecision:
        """Give a decision about a distribution, the connector's main driver where it names none."""
        connector = self._world.catalog.connector(asked.subject)
        return replace(asked, dist=canonical_name(asked.dist or connector.main_driver.name))

    def _as_if(self, observed: Observed, more: tuple[DriverDecision, ...]) -> Observed:
        """Give the world as it is judged with further decisions."""
        readable(observed)
        decided = (*self._world.catalog.driver_decisions, *more)
        return replace(observed, builds=self._world.builds_as_if(decided))

    def _to(self, one: DriverDecision, release: Release, pin: Pinned, advisory: Advisory | None) -> tuple[str, str]:
        world = self._world
        # As a driver of connectors it may be held and cool down.
        same = (pin.dist, pin.version)
        pin = next((each for each in drivers.pins(world, (release,)) if (each.dist, each.version) == same), pin)
        waited = holds.waited_for(world.catalog.driver_decisions)
        known = drivers.kept(world, (pin.dist, *waited))
        # As a lock judges it.
        rules = drivers.rules_of(world, known)
        return mended(one, pin, known.get(pin.dist, ()), advisory, rules, world.today)


def _views(observed: Observed, builds: tuple[Build, ...]) -> tuple[BuildView, ...]:
    from manager.app.shelf import BuildView

    pointed: dict[str, list[str]] = {}
    for _, channel, digest in observed.channels:
        pointed.setdefault(digest, []).append(channel)
    found = sorted(builds, key=lambda each: each.created, reverse=True)
    found.sort(key=lambda each: each.release)
    return tuple(BuildView(each, observed.present(each.digest), tuple(pointed.get(each.digest, ()))) for each in found)


def _is(one: DriverDecision, pin: Pinned) -> bool:
    return forbids(one, pin.dist, pin.version)


def _same(one: DriverDecision, other: DriverDecision) -> bool:
    return lifts(replace(one, kind="unquarantine"), other)


def _built(observed: Observed, release: Release) -> bool:
    """Say whether a good build was made from the locks that a release has now."""
    wanted = {lock.digest for lock in release.locks}
    good = (build for build in observed.made(release.name) if build.status in GOOD)
    return any(wanted <= {digest for _, digest in build.inputs} for build in good)
