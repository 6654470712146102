"""The parts of the state database that remember what was announced, told and owed, as protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from manager.core.announcements import Announcement
    from manager.core.debt import Totals
    from manager.core.night_notices import NightNotice
    from manager.core.notices import Delivery, Notice, Told


class Announcements(Protocol):
    """The schedules and stages that were announced of releases."""

    def current(self) -> dict[str, Announcement]:
        """Give the last announcement of each release."""

    def of(self, release: str) -> tuple[Announcement, ...]:
        """Give everything that was announced of a release, oldest first."""

    def announce(self, new: Announcement, expected: Announcement | None) -> None:
        """Write an announcement if the last one is still ``expected``; Refused, with what changed, when it is not."""


class Ledger(Protocol):
    """What was told to whom: written first, delivered after, so that no notice is lost and none is due twice."""

    def told(self, today: date) -> tuple[Told, ...]:
        """Give the nearest milestone that each owner was told of until a day, by release, owner and schedule.

        What was told on a later day was told while the clock was wrong.
        """

    def notices(self, owner: str = "", release: str = "") -> tuple[Notice, ...]:
        """Give notices of endings in the order of writing, of one owner and of one release where they are named."""

    def notice(self, known: str) -> Notice | NightNotice | None:
        """Find a notice by its id, of whatever kind."""

    def waiting(self) -> tuple[Delivery, ...]:
        """Give what has not reached its sink, by sink."""

    def nights(self, owner: str = "") -> tuple[NightNotice, ...]:
        """Give what was told of nightlies in the order of writing, to one owner where one is named."""

    def write(self, notice: Notice | NightNotice, sinks: Iterable[str]) -> bool:
        """Write a notice as due for its sinks; False where one of that id was written before, and nothing changes."""

    def begin(self, known: str, sink: str, attempts: int) -> bool:
        """Begin one more attempt at a delivery; False where somebody else has begun one since, or it got there."""

    def note(self, known: str, sink: str, at: datetime, error: str = "") -> None:
        """Note how an attempt ended: that it got there, or why not; what got there once stays so."""

    def messages(self, engine: str) -> dict[str, str]:
        """Give the digest of what each environment of an engine was last seen to show, by container."""

    def keep_message(self, engine: str, container: str, digest: str) -> None:
        """Remember what an environment shows now; "" for nothing."""


class Debts(Protocol):
    """What was owed in all on each day on which somebody looked."""

    def keep(self, engine: str, day: date, totals: Totals) -> None:
        """Remember what is owed on a day, in place of what was found earlier that day."""

    def days(self, engine: str, first: date, last: date) -> dict[date, Totals]:
        """Give what was owed on the days from ``first`` to ``last`` on which somebody looked, in their order."""
