"""Libyears: how much newer the newest version of a distribution is than the one that is used, in years.

J. Cox, E. Bouwers, M. van Eekelen, J. Visser: Measuring Dependency Freshness in Software Systems, ICSE 2015.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

# The mean length of a year in the Julian calendar, in days.
YEAR = 365.25


def libyears(pinned: date | None, newest: date | None) -> float | None:
    """Give the years between the days on which two versions came out, to hundredths; None where one is not known.

    Never below zero: a fix of an older line may come out after the newest version.
    """
    if pinned is None or newest is None:
        return None
    return round(max(0, (newest - pinned).days) / YEAR, 2)
