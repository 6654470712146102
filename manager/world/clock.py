"""Today and now, as the system has them; ``--as-of`` replaces the day, never the instant."""

from __future__ import annotations

from datetime import UTC, date, datetime


class SystemClock:
    """The system's clock in UTC; with ``as_of`` the day is that one, and instants stay true."""

    def __init__(self, as_of: date | None = None) -> None:
        self._as_of = as_of

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Give the present UTC day, or the day that ``--as-of`` names."""
        return self._as_of or self.now().date()
