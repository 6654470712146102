"""The part of the public Python API for builds that exist: which one a release gives, and how long their bytes stay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manager.app.release_views import build_json

if TYPE_CHECKING:
    from manager.app.freshness import Made
    from manager.app.views import EnvironmentView
    from manager.app.world import World
    from manager.core.observed import Build
    from manager.core.plan import Plan
    from manager.core.quarantining import Judgement


@dataclass(frozen=True, slots=True)
class BuildView:
    """A build as it is now; ``channels`` are those that point to it."""

    build: Build
    present: bool
    channels: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give one of ``builds``."""
        found = {"family": self.build.release.partition(":")[0], "release": self.build.release}
        return found | build_json(self.build, present=self.present) | {"channels": list(self.channels)}


class Shelf:
    """What becomes of builds; ``made`` keeps how each plan was made, so that a stale one is refused."""

    def __init__(self, world: World, made: Made) -> None:
        self._world = world
        self._made = made

    def plan_promote(self, release: str, version: str = "") -> Plan:
        """Plan to promote a candidate that passed every check, or an earlier good build."""
        from manager.app import promoting

        return self._made.plan(lambda: promoting.plan_promote(self._world, release, version))

    def plan_rollback(self, release: str, to: str = "") -> Plan:
        """Plan to move a channel back to a build that was promoted before."""
        from manager.app import promoting

        return self._made.plan(lambda: promoting.plan_rollback(self._world, release, to))

    def plan_quarantine(self, build: str, judgement: Judgement) -> Plan:
        """Plan to forbid a build at once: ``FAMILY[:RELEASE][@VERSION]``, without a version the channel's."""
        from manager.app import promoting

        return self._made.plan(lambda: promoting.plan_quarantine(self._world, build, judgement))

    def plan_lift(self, build: str, judgement: Judgement) -> Plan:
        """Plan to allow a quarantined build again."""
        from manager.app import promoting

        return self._made.plan(lambda: promoting.plan_lift(self._world, build, judgement))

    def affected(self, plan: Plan) -> tuple[EnvironmentView, ...]:
        """Show the environments, of all people, that stand on the builds that a plan judges."""
        from manager.app import listing
        from manager.core.build_actions import JudgeBuild

        digests = {step.do.digest for step in plan.steps if isinstance(step.do, JudgeBuild)}
        found = listing.listed(self._world, "")
        mine = tuple(one for one in found.environments if one.digest in digests)
        return listing.views(self._world, replace(found, environments=mine))

    def plan_prune(self) -> Plan:
        """Plan to remove the bytes that nothing refers to."""
        from manager.app import pruning

        return self._made.plan(lambda: pruning.planned(self._world))

    def weight(self, plan: Plan) -> int:
        """Give the bytes that a prune frees at least, before it is carried out."""
        from manager.app import pruning

        return pruning.weight(self._world, plan)

    def touched(self, plan: Plan) -> tuple[BuildView, ...]:
        """Show the builds that a plan was about, as they are by now: by release, newest first."""
        named = {getattr(step.do, "digest", "") for step in plan.steps} - {""}
        releases = {getattr(step.do, "release", "") for step in plan.steps}
        observed = self._world.observe()
        pointed: dict[str, list[str]] = {}
        for release, channel, digest in observed.channels:
            if release in releases:
                pointed.setdefault(digest, []).append(channel)
        found = [one for one in observed.builds if one.digest in named or one.digest in pointed]
        found.sort(key=lambda one: one.created, reverse=True)
        found.sort(key=lambda one: one.release)
        return tuple(BuildView(one, observed.present(one.digest), tuple(pointed.get(one.digest, ()))) for one in found)
