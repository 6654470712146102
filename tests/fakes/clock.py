"""A clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

TODAY = date(2026, 11, 21)


@dataclass(frozen=True)
class FixedClock:
    """Noon of one day; ``day`` is what ``--as-of`` would name."""

    day: date = TODAY

    def now(self) -> datetime:
        """Give noon."""
        return datetime(2026, 11, 21, 12, tzinfo=UTC)

    def today(self) -> date:
        """Give the day."""
        return self.day
