"""Freeze windows: dates that fall into one move to its end, so that what waits happens then, in its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.lifecycle import Schedule
    from manager.core.overrides import Override

# From the first day on, and before the second.
Window = tuple[date, date]


def windows(decided: Iterable[Override]) -> tuple[Window, ...]:
    """Give the windows of the freezes among decisions, by their first day.

    A freeze moves nothing that happened before it was decided.
    """
    found = (
        (max(one.since or one.day, one.day), one.until)
        for one in decided
        if one.kind == "freeze" and one.until is not None
    )
    return tuple(sorted((first, end) for first, end in found if first < end))


def enclosing(decided: Iterable[Override], one: Override) -> Override | None:
    """Give the freeze in which another one lies wholly, if there is one: that one changes nothing."""
    mine = windows((one,))
    for other in decided:
        if other.covers(one.subject) and other.day <= one.day:
            for first, end in windows((other,)):
                if mine and first <= mine[0][0] and mine[0][1] <= end:
                    return other
    return None


def moved_out(dates: Schedule, frozen: tuple[Window, ...]) -> Schedule:
    """Move each date out of the windows that it falls into; the order of the dates stays."""
    if not frozen:
        return dates
    days: dict[str, Any] = {name: _out(day, frozen) for name, day in dates.dates()}
    return replace(dates, **days)


def _out(day: date, frozen: tuple[Window, ...]) -> date:
    for first, end in frozen:
        if first <= day < end:
            # A later window may begin before this one ends: they are sorted, so one pass is enough.
            day = end
    return day
