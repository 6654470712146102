"""Stage is a function of time: dates from a policy, capped by what lies below, and what a day allows.

All dates are UTC days and hold from 00:00:00 of that day; the last supported day is the day before.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.catalog import Release

# Days before the end of life on which notices go out, as a policy has them unless it says otherwise.
NOTICES = (90, 60, 30, 14, 7, 1, 0)
_PERIOD = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?")


class Stage(StrEnum):
    """Where a release stands on a day; never stored."""

    PREVIEW = "preview"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period, ISO 8601 without times: ``P21M``, ``P90D``, ``P1Y6M``."""

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``P1Y2M3D``; raises ValueError for anything else, an empty period included."""
        match = _PERIOD.fullmatch(text)
        if match is None or text == "P":
            raise ValueError(f"not an ISO 8601 period such as P18M or P90D: {text!r}")
        years, months, days = (int(match[name] or 0) for name in ("years", "months", "days"))
        return cls(years * 12 + months, days)

    def after(self, day: date) -> date:
        """Give the day one period after ``day``; a day that its month lacks is clamped (31 August + P6M)."""
        return _shift(day, self.months) + timedelta(days=self.days)

    def before(self, day: date) -> date:
        """Give the day one period before ``day``."""
        return _shift(day, -self.months) - timedelta(days=self.days)

    def __str__(self) -> str:
        """Render as ISO 8601."""
        return "P" + (f"{self.months}M" if self.months else "") + (f"{self.days}D" if self.days else "")


def _shift(day: date, months: int) -> date:
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    # Every month has 28 days; a thousand releases have some ten dates each.
    last = day.day if day.day <= 28 else min(day.day, calendar.monthrange(year, month0 + 1)[1])
    return date(year, month0 + 1, last)


@dataclass(frozen=True, slots=True)
class Policy:
    """How a family turns the day of a release into a schedule.

    ``minimum_notice`` lies between the announcement of an earlier date and that date; ``extend_at_most`` is how far
    an extension may move an end of life; ``notices`` are days before the end of life. What happens to environments
    that still run on that day: nothing, or they are stopped, 24 hours after it was announced at the earliest.
    """

    active_for: Period = Period(months=18)
    deprecate_before: Period = Period(days=90)
    create_block_before: Period = Period(days=30)
    restart_block_after: Period = Period(days=90)
    remove_after: Period = Period(days=365)
    minimum_notice: Period = Period(days=30)
    extend_at_most: Period = Period(days=180)
    notices: tuple[int, ...] = NOTICES
    on_end_of_life: Literal["keep-running", "stop-running"] = "keep-running"
    cap_to_upstream: bool = True


@dataclass(frozen=True, slots=True)
class Bound:
    """One candidate for a release's end: what it is, and the day it ends (None: undecided, never "never").

    ``source`` is the document that says so, ``as_of`` the day on which it was last looked up.
    """

    component: str
    ends: date | None
    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a release's dates follow from.

    ``bounds`` are its components; ``fixed`` are dates written in the catalog, by name, which beat computed ones.
    """

    released: date
    policy: Policy
    bounds: tuple[Bound, ...] = ()
    fixed: tuple[tuple[str, date], ...] = ()

    def schedule(self, bounds: tuple[Bound, ...] | None = None) -> Schedule:
        """Compute the dates, with other ends of the components where they are given."""
        return schedule(self.released, self.policy, self.bounds if bounds is None else bounds, dict(self.fixed))


@dataclass(frozen=True, slots=True)
class Schedule:
    """The dates of a release: released <= deprecated <= create_block <= end_of_life <= restart_block <= remove_after.

    ``bound_by`` names what binds the end: ``policy``, ``catalog`` (a date written there), ``extension``, ``early
    retirement``, or a component such as ``python 3.9``. From ``unsupported_from`` to the end of life a component has
    no upstream support any more.
    """

    released: date
    deprecated: date
    create_block: date
    end_of_life: date
    restart_block: date
    remove_after: date
    bound_by: str = "policy"
    unsupported_from: date | None = None

    ORDER = ("released", "deprecated", "create_block", "end_of_life", "restart_block", "remove_after")

    def dates(self) -> tuple[tuple[str, date], ...]:
        """Give the named dates in their order."""
        return tuple((name, getattr(self, name)) for name in self.ORDER)

    def moved_from(self, before: Schedule) -> tuple[tuple[str, date, date], ...]:
        """Name the dates that are others than before, each with the day before and now."""
        both = zip(before.dates(), self.dates(), strict=True)
        return tuple((name, then, now) for (name, then), (_, now) in both if then != now)

    def disorder(self) -> tuple[tuple[str, str], ...]:
        """Name the pairs of neighbouring dates that are out of order, the one that should be earlier first."""
        neighbours = pairwise(self.dates())
        return tuple((name, next_name) for (name, day), (next_name, next_day) in neighbours if next_day < day)


def schedule(released: date, policy: Policy, upstream: tuple[Bound, ...], fixed: dict[str, date]) -> Schedule:
    """Compute a release's dates.

    ``upstream`` holds the ends of its components (an undecided one binds nothing); ``fixed`` holds dates written
    in the catalog, which beat computed ones.
    """
    ends = [("policy", policy.active_for.after(released))]
    if policy.cap_to_upstream:
        ends += [(bound.component, bound.ends) for bound in upstream if bound.ends is not None]
    # The first of equal ends wins, so the policy is named when a component ends the same day.
    binding, end = min(ends, key=lambda one: one[1])
    if "end_of_life" in fixed:
        binding, end = "catalog", fixed["end_of_life"]
    computed = {
        "deprecated": max(released, policy.deprecate_before.before(end)),
        "create_block": max(released, policy.create_block_before.before(end)),
        "restart_block": policy.restart_block_after.after(end),
        "remove_after": policy.remove_after.after(end),
    }
    days = computed | {name: day for name, day in fixed.items() if name != "end_of_life"}
    return Schedule(
        released=released, end_of_life=end, bound_by=binding, unsupported_from=unsupported(upstream, end), **days
    )


def upstream_end(bounds: Iterable[Bound]) -> tuple[str, date] | None:
    """Give the component whose support ends first, and that day; None when every end is undecided."""
    known = [(one.component, one.ends) for one in bounds if one.ends is not None]
    return min(known, key=lambda one: one[1], default=None)


def unsupported(bounds: Iterable[Bound], end: date) -> date | None:
    """Give the day from which a release goes on without the support of a component, if there is one before its end."""
    first = upstream_end(bounds)
    return first[1] if first and first[1] < end else None


def stage_on(dates: Schedule, day: date) -> Stage:
    """Give the stage of a release on a UTC day."""
    if day < dates.released:
        return Stage.PREVIEW
    if day < dates.deprecated:
        return Stage.ACTIVE
    if day < dates.end_of_life:
        return Stage.DEPRECATED
    return Stage.RETIRED


def next_change(dates: Schedule, day: date) -> tuple[Stage, date] | None:
    """Give the next stage and the day it begins, or None for a retired release."""
    for name, stage in (
        ("released", Stage.ACTIVE),
        ("deprecated", Stage.DEPRECATED),
        ("end_of_life", Stage.RETIRED),
    ):
        if day < getattr(dates, name):
            return stage, getattr(dates, name)
    return None


class Gate(StrEnum):
    """What a day allows for a launch or a restart."""

    OPEN = "open"
    WARN = "warn"
    SHUT = "shut"


def launch_gate(dates: Schedule, day: date) -> Gate:
    """Say whether a new environment may be made: refused from create_block, a warning when deprecated."""
    if day >= dates.create_block or day >= dates.end_of_life:
        return Gate.SHUT
    return Gate.WARN if day >= dates.deprecated else Gate.OPEN


def restart_gate(dates: Schedule, day: date) -> Gate:
    """Say whether an existing environment may start again: a warning once deprecated, refused from restart_block."""
    if day >= dates.restart_block:
        return Gate.SHUT
    return Gate.WARN if day >= dates.deprecated else Gate.OPEN


def for_people(releases: Iterable[Release], day: date) -> list[Release]:
    """Order releases as people read them: active, deprecated, preview and retired ones, the newest of each first."""
    order = (Stage.ACTIVE, Stage.DEPRECATED, Stage.PREVIEW, Stage.RETIRED)
    newest = sorted(releases, key=lambda one: one.schedule.released, reverse=True)
    return sorted(newest, key=lambda one: order.index(one.stage(day)))
