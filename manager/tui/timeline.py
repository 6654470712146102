"""The release timeline: a line for each release, from its first day to its last, around a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from manager.core.amounts import many
from manager.core.lifecycle import Stage, next_change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.release_views import ReleaseView

_GLYPHS = {Stage.PREVIEW: "░", Stage.ACTIVE: "█", Stage.DEPRECATED: "▒", Stage.RETIRED: " "}
_BEFORE = 0.25
_DAYS = 540


def timeline(views: Iterable[ReleaseView], today: date, width: int, most: int) -> list[str]:
    """Give a line of months, and one for each of the releases that are in use on some day that is shown.

    What changes soonest stands first; of more than ``most`` the rest is counted. The day stands at a quarter; ``█`` is
    active, ``▒`` deprecated, ``░`` not there yet.
    """
    found = [one for one in views if one.environments or one.release.stage(today) is not Stage.RETIRED]
    found.sort(key=lambda one: _changes(one, today))
    shown = found if len(found) <= most else found[: most - 1]
    names = max((len(one.release.name) for one in shown), default=0)
    room = max(10, width - names - 1)
    days = [today + timedelta(days=round((index / room - _BEFORE) * _DAYS)) for index in range(room)]
    at = round(room * _BEFORE)
    lines = [" " * (names + 1) + _months(days, at)]
    for one in shown:
        bar = [_GLYPHS[one.release.stage(day)] for day in days]
        if bar[at] == " ":
            bar[at] = "│"
        lines.append(f"{one.release.name:<{names}} {''.join(bar)}")
    if len(found) > len(shown):
        lines.append(f"{many(len(found) - len(shown), 'release')} more, which change later: 2")
    return lines


def _changes(one: ReleaseView, today: date) -> date:
    change = next_change(one.release.schedule, today)
    return change[1] if change else date.max


def _months(days: list[date], at: int) -> str:
    text = [" "] * len(days)
    last = ""
    for index, day in enumerate(days):
        month = day.strftime("%b")
        fits = index + 3 < len(days) and all(letter == " " for letter in text[max(0, index - 1) : index + 4])
        if month != last and last and fits and abs(index + 1 - at) > 2:
            text[index : index + 3] = month
        last = month
    text[at] = "│"
    return "".join(text)
