"""A ledger of notices in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.night_notices import NightNotice
from manager.core.notices import Delivery, Notice, Told

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime


class FakeLedger:
    """Keeps what it is told, as collections that a test may read."""

    def __init__(self) -> None:
        self.written: dict[str, Notice | NightNotice] = {}
        self.deliveries: dict[tuple[str, str], Delivery] = {}
        self.shown: dict[tuple[str, str], str] = {}

    def told(self, today: date) -> tuple[Told, ...]:
        """Give the nearest milestones."""
        found: dict[tuple[str, str, str], int] = {}
        for one in (each for each in self.notices() if each.day <= today):
            key = (one.release, one.owner, one.revision)
            found[key] = min(one.milestone, found.get(key, one.milestone))
        return tuple(Told(*key, found[key]) for key in sorted(found))

    def notices(self, owner: str = "", release: str = "") -> tuple[Notice, ...]:
        """Give those of an owner and a release."""
        mine = (one for one in self.written.values() if owner in ("", one.owner))
        return tuple(one for one in mine if isinstance(one, Notice) and release in ("", one.release))

    def nights(self, owner: str = "") -> tuple[NightNotice, ...]:
        """Give what was told of nightlies."""
        mine = (one for one in self.written.values() if owner in ("", one.owner))
        return tuple(one for one in mine if isinstance(one, NightNotice))

    def notice(self, known: str) -> Notice | NightNotice | None:
        """Find one."""
        return self.written.get(known)

    def waiting(self) -> tuple[Delivery, ...]:
        """Give what did not get through."""
        found = [one for one in self.deliveries.values() if one.delivered is None]
        return tuple(sorted(found, key=lambda one: (one.sink, one.notice)))

    def write(self, notice: Notice | NightNotice, sinks: Iterable[str]) -> bool:
        """Write one, once."""
        if notice.id in self.written:
            return False
        self.written[notice.id] = notice
        for sink in sinks:
            self.deliveries[notice.id, sink] = Delivery(notice.id, sink)
        return True

    def begin(self, known: str, sink: str, attempts: int) -> bool:
        """Begin an attempt, once."""
        one = self.deliveries.get((known, sink))
        if one is None or one.delivered is not None or one.attempts != attempts:
            return False
        self.deliveries[known, sink] = replace(one, attempts=attempts + 1)
        return True

    def note(self, known: str, sink: str, at: datetime, error: str = "") -> None:
        """Note how an attempt ended."""
        one = self.deliveries.get((known, sink))
        if one is not None and one.delivered is None:
            new = replace(one, error=error, delivered=None if error else at)
            self.deliveries[known, sink] = new

    def messages(self, engine: str) -> dict[str, str]:
        """Give what environments show."""
        return {container: digest for (one, container), digest in self.shown.items() if one == engine}

    def keep_message(self, engine: str, container: str, digest: str) -> None:
        """Remember what one shows."""
        self.shown.pop((engine, container), None)
        if digest:
            self.shown[engine, container] = digest
