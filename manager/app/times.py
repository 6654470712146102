"""Times as tables show them: relative to now, in one unit."""

from __future__ import annotations

from datetime import UTC, date, datetime

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """Say how long ago an instant was: ``3 min ago``; empty for None."""
    if moment is None:
        return ""
    seconds = int(((now or datetime.now(UTC)) - moment).total_seconds())
    if seconds < 1:
        return "just now"
    unit, size = next((unit, size) for unit, size in _UNITS if seconds >= size)
    return f"{seconds // size} {unit} ago"


def away(day: date, today: date) -> str:
    """Say how far away a day is: ``in 26 d``, ``today``, ``386 d ago``."""
    days = (day - today).days
    if days == 0:
        return "today"
    return f"in {days} d" if days > 0 else f"{-days} d ago"
