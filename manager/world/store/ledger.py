"""The ledger of notices as rows: what was written, what has not reached its sink, what environments show."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from manager.core.endings import Ending
from manager.core.night_notices import NightNotice
from manager.core.nightly import NightlyFinding
from manager.core.notices import Delivery, Notice, Told
from manager.world.store import tables
from manager.world.store.errors import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from manager.world.store.session import Session, Statements

_TOLD = (
    'SELECT "release", "owner", "revision", min("milestone") FROM "notices" '
    'WHERE "day" <= :today AND "release" <> \'\' '
    'GROUP BY "release", "owner", "revision" ORDER BY "release", "owner", "revision"'
)
# What is told of a nightly is of no release.
_ENDINGS, _NIGHTS = "\"release\" <> ''", "\"release\" = ''"
_NEWEST = 'SELECT max("number") FROM "notices"'
_WAITING = 'WHERE "delivered" IS NULL ORDER BY "sink", "notice"'
_OPEN = '"notice" = :notice AND "sink" = :sink AND "delivered" IS NULL'
_DAYS = ("ends", "launches", "starts", "frozen")


class Books:
    """The ledger in one database; implements :class:`manager.core.ledgers.Ledger`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def told(self, today: date) -> tuple[Told, ...]:
        """Give the nearest milestone that each owner was told of until a day, by release, owner and schedule."""
        return tuple(Told(*row) for row in self._session.rows(_TOLD, today=today.isoformat()))

    def notices(self, owner: str = "", release: str = "") -> tuple[Notice, ...]:
        """Give notices in the order of writing, of one owner and of one release where they are named."""
        asked = {name: value for name, value in (("owner", owner), ("release", release)) if value}
        where = " AND ".join((_ENDINGS, *(f'"{name}" = :{name}' for name in asked)))
        rows = self._session.rows(tables.select("notices", f'WHERE {where} ORDER BY "number"'), **asked)
        return tuple(map(_notice, rows))

    def nights(self, owner: str = "") -> tuple[NightNotice, ...]:
        """Give what was told of nightlies in the order of writing, to one owner where one is named."""
        where, asked = _NIGHTS + (' AND "owner" = :owner' if owner else ""), {"owner": owner} if owner else {}
        rows = self._session.rows(tables.select("notices", f'WHERE {where} ORDER BY "number"'), **asked)
        return tuple(map(_night, rows))

    def notice(self, known: str) -> Notice | NightNotice | None:
        """Find a notice by its id, of whatever kind."""
        found = self._session.rows(tables.select("notices", 'WHERE "id" = :id'), id=known)
        if not found:
            return None
        # The column of its release.
        return _notice(found[0]) if found[0][2] else _night(found[0])

    def waiting(self) -> tuple[Delivery, ...]:
        """Give what has not reached its sink, by sink."""
        found = self._session.rows(tables.select("deliveries", _WAITING))
        return tuple(Delivery(notice, sink, attempts, error) for notice, sink, attempts, error, _ in found)

    def write(self, notice: Notice | NightNotice, sinks: Iterable[str]) -> bool:
        """Write a notice as due for its sinks; False where one of that id was written before, and nothing changes."""

        def change(do: Statements) -> bool:
            if do.rows(tables.select("notices", 'WHERE "id" = :id'), id=notice.id):
                return False
            ((newest,),) = do.rows(_NEWEST)
            row = _row(notice) if isinstance(notice, Notice) else _night_row(notice)
            do.run(tables.insert("notices"), **row, number=(newest or 0) + 1)
            for sink in sinks:
                row = {"notice": notice.id, "sink": sink, "attempts": 0, "error": "", "delivered": None}
                do.run(tables.insert("deliveries"), **row)
            return True

        return self._session.write(change)

    def begin(self, known: str, sink: str, attempts: int) -> bool:
        """Begin one more attempt at a delivery; False where somebody else has begun one since, or it got there."""

        def change(do: Statements) -> bool:
            rows = do.rows(tables.select("deliveries", f"WHERE {_OPEN}"), notice=known, sink=sink)
            if not rows or rows[0][2] != attempts:
                return False
            do.run(tables.update("deliveries", "attempts", _OPEN), notice=known, sink=sink, attempts=attempts + 1)
            return True

        return self._session.write(change)

    def note(self, known: str, sink: str, at: datetime, error: str = "") -> None:
        """Note how an attempt ended: that it got there, or why not; what got there once stays so."""
        new = {"error": error, "delivered": None if error else tables.text(at)}
        change = tables.update("deliveries", "error delivered", _OPEN)
        self._session.write(lambda do: do.run(change, notice=known, sink=sink, **new))

    def messages(self, engine: str) -> dict[str, str]:
        """Give the digest of what each environment of an engine was last seen to show, by container."""
        found = self._session.rows(tables.select("messages", 'WHERE "engine" = :engine'), engine=engine)
        return {container: digest for _, container, digest in found}

    def keep_message(self, engine: str, container: str, digest: str) -> None:
        """Remember what an environment shows now; "" for nothing."""
        where = '"engine" = :engine AND "container" = :container'

        def change(do: Statements) -> None:
            do.run(tables.delete("messages", where), engine=engine, container=container)
            if digest:
                do.run(tables.insert("messages"), engine=engine, container=container, digest=digest)

        self._session.write(change)


def _row(notice: Notice) -> dict[str, Any]:
    content = asdict(notice.ending) | {"environments": notice.environments, "strangers": notice.strangers}
    return {
        "id": notice.id,
        "release": notice.release,
        "owner": notice.owner,
        "milestone": notice.milestone,
        "revision": notice.revision,
        "day": notice.day.isoformat(),
        "content": json.dumps(content, default=str),
    }


def _night_row(notice: NightNotice) -> dict[str, Any]:
    content = {"findings": [asdict(one) for one in notice.findings], "environments": notice.environments}
    return {
        "id": notice.id,
        "release": "",
        "owner": notice.owner,
        "milestone": 0,
        "revision": "nightly",
        "day": notice.day.isoformat(),
        "content": json.dumps(content),
    }


def _night(row: tuple[Any, ...]) -> NightNotice:
    _, _, _, owner, _, _, day, content = row
    try:
        found = json.loads(content)
        each = [one | {"connectors": tuple(one["connectors"])} for one in found["findings"]]
        findings = tuple(NightlyFinding(**one) for one in each)
        return NightNotice(owner, date.fromisoformat(day), findings, tuple(found["environments"]))
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(f"a notice to {owner}", error) from error


def _notice(row: tuple[Any, ...]) -> Notice:
    _, _, _, owner, milestone, revision, day, content = row
    try:
        found = json.loads(content)
        environments, strangers = tuple(found.pop("environments")), tuple(found.pop("strangers"))
        found |= {name: date.fromisoformat(found[name]) if found[name] else None for name in _DAYS}
        return Notice(Ending(**found), owner, milestone, revision, date.fromisoformat(day), environments, strangers)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise unreadable(f"a notice to {owner}", error) from error
