"""A release's dates in the words of the CycloneDX property taxonomy (``cdx:lifecycle:milestone``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.lifecycle import Schedule

_NAMESPACE = "cdx:lifecycle:milestone:"


def milestones(schedule: Schedule) -> tuple[tuple[str, str], ...]:
    """Give name and value (ISO 8601 day) of each milestone that the dates of a release are.

    From ``deprecated`` on a release is not put forward any more, from ``create_block`` on none of it is made; its
    support and its life end together. The taxonomy has no word for what follows.
    """
    days = (
        ("generalAvailability", schedule.released),
        ("endOfMarketing", schedule.deprecated),
        ("endOfProduction", schedule.create_block),
        ("endOfSupport", schedule.end_of_life),
        ("endOfLife", schedule.end_of_life),
    )
    return tuple((_NAMESPACE + name, day.isoformat()) for name, day in days)
