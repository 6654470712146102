"""The cool-down: how old a version has to be before it is proposed, so that others meet what is wrong with it first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.lifecycle import Period

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from manager.core.editions import IndexFile

COOL_DOWN = Period(days=7)


@dataclass(frozen=True, slots=True)
class Age:
    """Since when the files of a version are there, and from when on they are old enough; None: nobody says."""

    since: date | None
    cooled: date | None

    def cools(self, day: date) -> bool:
        """Say whether it is too young on a day; what has no known age is not, or it would never be old enough."""
        return self.cooled is not None and day < self.cooled


def age(files: Iterable[IndexFile], period: Period = COOL_DOWN) -> Age:
    """Give the age of the files that would be installed: that of the youngest, which may have come long after.

    It is not known as soon as one of them has no time.
    """
    days = [one.day for one in files]
    known = [one for one in days if one is not None]
    if not days or len(known) < len(days):
        return Age(None, None)
    return Age(max(known), period.after(max(known)))
