"""What was owed, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from manager.core.debt import Totals


class FakeDebts:
    """Keeps what was owed, as rows that a test may read."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, date], Totals] = {}

    def keep(self, engine: str, day: date, totals: Totals) -> None:
        """Remember a day."""
        self.rows[engine, day] = totals

    def days(self, engine: str, first: date, last: date) -> dict[date, Totals]:
        """Give days."""
        found = {day: one for (where, day), one in self.rows.items() if where == engine and first <= day <= last}
        return dict(sorted(found.items()))
