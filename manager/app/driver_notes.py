"""Sentences about indexes that did not answer: one for all distributions with the same reason and day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manager.core.amounts import many

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from manager.world.upstream import Told

_NAMED = 3


def notes(told: Mapping[str, Told], now: datetime) -> tuple[str, ...]:
    """Say what nobody answered, and of which day what counts in its place is."""
    from manager.world.upstream import said_on

    groups: dict[tuple[str, str], list[str]] = {}
    for name, one in told.items():
        if one.state in ("kept", "silent"):
            # The address of each question ends in its name.
            why = re.sub(rf"/{re.escape(name)}/(?=\s|$)", "", one.why)
            until = f"what it said on {said_on(one.at, now)} is taken" if one.at else ""
            groups.setdefault((why, until), []).append(name)
    found = []
    for (why, until), names in groups.items():
        shown = ", ".join(names) if len(names) <= _NAMED else f"{many(len(names), 'distribution')} ({names[0]}, ...)"
        found.append(": ".join(filter(None, (shown, why, until))))
    return tuple(found)
