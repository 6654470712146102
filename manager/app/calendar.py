"""The part of the public Python API that is about dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.app.feeds import Form
    from manager.app.freshness import Made
    from manager.app.lifecycle_views import Decided, Reasons, ScheduleView
    from manager.app.world import World
    from manager.core.impact import Impact
    from manager.core.overrides import Override
    from manager.core.plan import Plan


class Calendar:
    """When releases come and go: the dates that hold, what a day changes of them, and what people decide."""

    def __init__(self, world: World, made: Made) -> None:
        self._world = world
        self._made = made

    def schedules(self) -> tuple[ScheduleView, ...]:
        """List every release with the dates that hold for it; asks no engine."""
        from manager.app import lifecycles

        return lifecycles.listed(self._world)

    def why(self, release: str) -> Reasons:
        """Say why a release has the dates that it has; raises UsageError."""
        from manager.app import lifecycles

        return lifecycles.why(self._world, release)

    def plan(self, *, turn_back: bool = False) -> Plan:
        """Plan what today changes of releases: what is announced, and what a policy wants stopped.

        With ``turn_back``, what was announced while the clock was ahead is taken back. Raises Unreachable.
        """
        from manager.app import lifecycles

        return self._made.plan(lambda: lifecycles.plan(self._world, turn_back=turn_back))

    def undelivered(self) -> tuple[str, ...]:
        """Say which sinks did not take the notices that were sent to them, and why; raises Unreachable."""
        from manager.app import telling

        return telling.undelivered(self._world)

    def impact(self, *, release: str = "", version: str = "", component: str = "") -> Impact:
        """Say who uses a release, one of its builds, or a component; raises UsageError, Unreachable."""
        from manager.app import impacts

        return impacts.impact_of(self._world, impacts.subject_of(self._world, release, version, component))

    def feed(self, form: Form) -> str:
        """Give the schedule as another program reads it; asks no engine."""
        from manager.app import feeds

        return feeds.feed(self._world, form)

    def decide(self, decision: Override, *, write: bool = True) -> Decided:
        """Put a decision into the catalog as a file, or only say what it would come to.

        Its day is today, and its file's name follows from it. Raises Refused for the shipped catalog, for one that
        somebody else has edited since it was read, and for a decision beyond its limits.
        """
        from manager.app import deciding

        return deciding.decided(self._world, decision, write=write)
