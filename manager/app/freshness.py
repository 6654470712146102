"""Refuses stale plans: keeps how each plan was made, so that it can be made again and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from manager.core.parts import parted
from manager.core.plan import changed
from manager.errors import Refused, Stale, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.plan import Plan


class HasPlan(Protocol):
    """What a plan comes in together with what else is to be said of it."""

    @property
    def plan(self) -> Plan:
        """The plan."""


Planned = TypeVar("Planned", bound=HasPlan)
# A plan sheet that stays open all day makes many plans; nobody comes back to more than a few.
_KEPT = 100


class Made:
    """The plans of one Manager, each with the way it was made."""

    def __init__(self) -> None:
        self._ways: dict[Plan, Callable[[], Plan]] = {}

    def plan(self, way: Callable[[], Plan]) -> Plan:
        """Make a plan and keep the way."""
        plan = way()
        self._keep(plan, way)
        return plan

    def within(self, way: Callable[[], Planned]) -> Planned:
        """Make something that has a plan beside other things, and keep the way."""
        found = way()
        self._keep(found.plan, lambda: way().plan)
        return found

    def part(self, plan: Plan, without: tuple[str, ...]) -> Plan:
        """Give a plan without some of its steps, made again as the whole one is; see :func:`parts.left_out`."""
        part, way = parted(plan, without), self._ways.get(plan)
        if without and way is not None:
            self._keep(part, lambda: parted(way(), without))
        return part

    def _keep(self, plan: Plan, way: Callable[[], Plan]) -> None:
        self._ways[plan] = way
        for old in list(self._ways)[:-_KEPT]:
            del self._ways[old]

    def again(self, plan: Plan) -> Plan:
        """Make a plan again and give the new one, which read the same as the old one did.

        Raises Stale, saying what changed, when it reads something else by now, and Refused for a plan that was not
        made here.
        """
        if plan not in self._ways:
            raise Refused(f"{plan.subject}: nobody here knows how this plan was made", hint="plan again")
        try:
            now = self._ways[plan]()
        except UsageError as error:
            raise _stale(plan, error.message) from error
        if now.fingerprint != plan.fingerprint:
            raise _stale(plan, changed(plan, now))
        return now


def _stale(plan: Plan, why: str) -> Stale:
    return Stale(
        f"the plan to {plan.subject} is stale: the world has changed since it was made",
        why=why,
        hint="nothing was done; run the command again to see the plan as it is now",
    )
