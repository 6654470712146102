"""What the use cases answer about dates: frozen values, as in :mod:`.views`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.core.lifecycle import next_change

if TYPE_CHECKING:
    from datetime import date

    from manager.core.announcements import Announcement
    from manager.core.catalog import Release
    from manager.core.lifecycle import Bound
    from manager.core.overrides import Override


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A release with the dates that hold for it on a day.

    ``successor`` is the last release of its chain that may be launched, ``level`` how large the way there is.
    ``announced`` is None where nothing was announced of it; ``waits`` are the freeze and the quarantine it stands in.
    """

    release: Release
    day: date
    successor: str
    level: str
    announced: Announcement | None
    waits: tuple[Override, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give one of ``releases`` of ``lifecycle list``."""
        dates = self.release.schedule
        change = next_change(dates, self.day)
        told = self.announced
        return {
            "family": self.release.family,
            "release": self.release.name,
            "stage": self.release.stage(self.day).value,
            "dates": {name: day.isoformat() for name, day in dates.dates()},
            "bound_by": dates.bound_by,
            "unsupported_from": text(dates.unsupported_from),
            "next_change": {"stage": change[0].value, "on": change[1].isoformat()} if change else None,
            "successor": {"release": self.successor, "level": self.level, "message": self.release.message}
            if self.successor
            else None,
            "announced": {"revision": told.revision, "on": told.day.isoformat()} if told else None,
            "waits_for": [{"kind": one.kind, "until": text(one.until), "file": one.place.file} for one in self.waits],
        }


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a release has the dates that it has.

    ``bounds`` are the ends that were weighed, the policy's among them; ``decisions`` those about it by the day, oldest
    first; ``history`` what was announced, oldest first.
    """

    view: ScheduleView
    bounds: tuple[Bound, ...]
    decisions: tuple[Override, ...]
    history: tuple[Announcement, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give ``lifecycle why``."""
        return {
            **self.view.to_json(),
            "bounds": [
                {
                    "component": one.component,
                    "ends": text(one.ends),
                    "source": one.source or None,
                    "as_of": text(one.as_of),
                    "binds": one.component == self.view.release.schedule.bound_by,
                }
                for one in self.bounds
            ],
            "overrides": [override_json(one) for one in self.decisions],
            "history": [
                {
                    "revision": one.revision,
                    "on": one.day.isoformat(),
                    "stage": one.stage.value,
                    "dates": {name: day.isoformat() for name, day in one.schedule.dates()},
                    "bound_by": one.schedule.bound_by,
                }
                for one in self.history
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it stands, or would stand, in its file, and the releases whose end it moves.

    ``moved`` are names with the end of life before and after; ``deprecated_since`` the day that an extension leaves
    where it is, if the release is deprecated. ``waits`` are the other dates that a freeze moves: release, date, days.
    """

    decision: Override
    text: str
    written: bool
    moved: tuple[tuple[str, date, date], ...]
    deprecated_since: date | None = None
    waits: tuple[tuple[str, str, date, date], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give ``override`` of the commands that decide."""
        return {
            **override_json(self.decision),
            "written": self.written,
            "moves": [
                {"release": name, "before": before.isoformat(), "after": after.isoformat()}
                for name, before, after in self.moved
            ],
            "waits": [
                {"release": name, "date": what, "before": before.isoformat(), "after": after.isoformat()}
                for name, what, before, after in self.waits
            ],
        }


def override_json(one: Override) -> dict[str, Any]:
    """Give one of ``overrides``."""
    return {
        "kind": one.kind,
        "subject": one.subject,
        "day": one.day.isoformat(),
        "from": text(one.since),
        "until": text(one.until),
        "to": one.to or None,
        "reason": one.reason,
        "by": one.by,
        "approved_by": one.approved_by or None,
        "security": one.security,
        "file": one.place.file,
    }


def text(day: date | None) -> str | None:
    """Write a day, or nothing."""
    return day.isoformat() if day else None
