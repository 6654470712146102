"""What was announced of releases, as rows: each revision of a schedule stays, the newest one holds."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from manager.core.announcements import Announcement, by_release, overtaken
from manager.core.lifecycle import Schedule, Stage
from manager.world.store import tables
from manager.world.store.errors import unreadable

if TYPE_CHECKING:
    from manager.world.store.session import Session, Statements

_MINE = '"release" = :release'


class Announced:
    """The announcements in one database; implements :class:`manager.core.ledgers.Announcements`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def current(self) -> dict[str, Announcement]:
        """Give the last announcement of each release."""
        return by_release(map(_announcement, self._session.rows(tables.select("announcements"))))

    def of(self, release: str) -> tuple[Announcement, ...]:
        """Give everything that was announced of a release, oldest first."""
        query = tables.select("announcements", f'WHERE {_MINE} ORDER BY "revision"')
        return tuple(map(_announcement, self._session.rows(query, release=release)))

    def announce(self, new: Announcement, expected: Announcement | None) -> None:
        """Write an announcement if the last one is still ``expected``; Refused, with what changed, when it is not.

        One of the same revision takes the other's place: only the stage was announced.
        """

        def change(do: Statements) -> None:
            query = tables.select("announcements", f'WHERE {_MINE} ORDER BY "revision"')
            rows = do.rows(query, release=new.release)
            found = _announcement(rows[-1]) if rows else None
            if found != expected:
                raise overtaken(expected, found, new.release)
            if found is not None and found.revision == new.revision:
                same = f'{_MINE} AND "revision" = :revision AND "told" = :before AND "stage" = :was'
                done = do.run(
                    tables.update("announcements", "stage told", same),
                    release=new.release, revision=new.revision, stage=new.stage.value, told=new.told.isoformat(),
                    before=found.told.isoformat(), was=found.stage.value,
                )  # fmt: skip
                if not done:
                    raise overtaken(expected, None, new.release)
            else:
                do.run(tables.insert("announcements"), **_row(new))

        self._session.write(change)


def _row(one: Announcement) -> dict[str, Any]:
    dates = {name: day.isoformat() for name, day in one.schedule.dates()} | {"bound_by": one.schedule.bound_by}
    return {
        "release": one.release,
        "revision": one.revision,
        "day": one.day.isoformat(),
        "stage": one.stage.value,
        "told": one.told.isoformat(),
        "dates": json.dumps(dates),
        "upstream": json.dumps({"ends": _written(one.upstream), "decisions": _written(one.decisions)}),
    }


def _written(days: tuple[tuple[str, date], ...]) -> list[list[str]]:
    return [[name, day.isoformat()] for name, day in days]


def _read(days: list[list[str]]) -> tuple[tuple[str, date], ...]:
    return tuple((name, date.fromisoformat(day)) for name, day in days)


def _announcement(row: tuple[Any, ...]) -> Announcement:
    release, revision, day, stage, told, dates, upstream = row
    try:
        known, grounds = json.loads(dates), json.loads(upstream)
        return Announcement(
            release=release,
            revision=revision,
            day=date.fromisoformat(day),
            schedule=Schedule(
                **{name: date.fromisoformat(known[name]) for name in Schedule.ORDER}, bound_by=known["bound_by"]
            ),
            stage=Stage(stage),
            told=date.fromisoformat(told),
            upstream=_read(grounds["ends"]),
            decisions=_read(grounds["decisions"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(f"what was announced of {release}", error) from error
