"""What was owed on each day, as rows."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from manager.core.debt import Totals
from manager.world.store import tables
from manager.world.store.errors import unreadable

if TYPE_CHECKING:
    from manager.world.store.session import Session, Statements

_THAT_DAY = '"engine" = :engine AND "day" = :day'


class Debts:
    """What was owed, in one database; implements :class:`manager.core.ledgers.Debts`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, engine: str, day: date, totals: Totals) -> None:
        """Remember what is owed on a day, in place of what was found earlier that day."""

        def change(do: Statements) -> None:
            here = {"engine": engine, "day": day.isoformat()}
            do.run(tables.delete("debts", _THAT_DAY), **here)
            do.run(tables.insert("debts"), **here, totals=json.dumps(totals.to_json()))

        self._session.write(change)

    def days(self, engine: str, first: date, last: date) -> dict[date, Totals]:
        """Give what was owed on the days from ``first`` to ``last`` on which somebody looked, in their order."""
        query = tables.select("debts", 'WHERE "engine" = :engine AND "day" BETWEEN :first AND :last ORDER BY "day"')
        rows = self._session.rows(query, engine=engine, first=first.isoformat(), last=last.isoformat())
        return dict(map(_read, rows))


def _read(row: tuple[Any, ...]) -> tuple[date, Totals]:
    _, day, text = row
    try:
        found = json.loads(text)
        return date.fromisoformat(day), Totals(found["libyears"], found["overdue_days"], found["people"])
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(f"what was owed on {day}", error) from error
