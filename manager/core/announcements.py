"""What was announced of releases: the dates that people were told, which never move earlier silently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from manager.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager.core.lifecycle import Schedule, Stage


@dataclass(frozen=True, slots=True)
class Announcement:
    """What was last announced of a release.

    ``revision`` counts the schedules of a release from 1, ``day`` is when this one was announced. ``upstream`` are the
    ends of its components as they were counted then, ``decisions`` the files of the decisions about it, each with the
    day from which its notice counts. ``stage`` is the last one that was announced, on the day ``told``.
    """

    release: str
    revision: int
    day: date
    schedule: Schedule
    stage: Stage
    told: date
    upstream: tuple[tuple[str, date], ...] = ()
    decisions: tuple[tuple[str, date], ...] = ()


def by_release(found: Iterable[Announcement]) -> dict[str, Announcement]:
    """Map each release to its announcement of the highest revision."""
    return {one.release: one for one in sorted(found, key=lambda one: one.revision)}


def last_day(known: Mapping[str, Announcement]) -> date:
    """Give the latest day on which anything was announced: time does not go back behind it."""
    return max((one.told for one in known.values()), default=date.min)


def overtaken(expected: Announcement | None, found: Announcement | None, release: str) -> Refused:
    """Tell the loser of two who announce at once what changed."""
    was = f"revision {expected.revision}, {expected.stage}" if expected else "nothing"
    now = f"revision {found.revision}, {found.stage} since {found.told}" if found else "nothing"
    return Refused(
        f"somebody else announced {release} meanwhile",
        why=f"expected {was}, found {now}",
        hint="plan again: the new plan starts from what is there now",
    )
