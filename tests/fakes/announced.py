"""Announcements in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.announcements import by_release, overtaken

if TYPE_CHECKING:
    from manager.core.announcements import Announcement


class FakeAnnounced:
    """Keeps what was announced, as a list that a test may read."""

    def __init__(self) -> None:
        self.rows: list[Announcement] = []

    def current(self) -> dict[str, Announcement]:
        """Give the last of each release."""
        return by_release(self.rows)

    def of(self, release: str) -> tuple[Announcement, ...]:
        """Give a release's."""
        return tuple(one for one in self.rows if one.release == release)

    def announce(self, new: Announcement, expected: Announcement | None) -> None:
        """Compare and swap."""
        found = self.current().get(new.release)
        if found != expected:
            raise overtaken(expected, found, new.release)
        if found is not None and found.revision == new.revision:
            self.rows.remove(found)
        self.rows.append(new)
