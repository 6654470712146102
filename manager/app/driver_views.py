"""What the use cases answer about drivers: frozen values, as in :mod:`.views`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.core.editions import edition
from manager.core.libyears import libyears

if TYPE_CHECKING:
    from datetime import date, datetime

    from manager.core.connectors import Connector
    from manager.core.driver_releases import Pinned, Standing
    from manager.core.editions import Edition
    from manager.core.holds import DriverDecision


@dataclass(frozen=True, slots=True)
class Learnt:
    """The newest version of a connector's main driver as refresh last saw it, and the hold that it stands in."""

    newest: str
    released: date | None
    known: tuple[Edition, ...]
    hold: DriverDecision | None

    @property
    def held(self) -> HoldView | None:
        """Give the hold as it is shown."""
        return HoldView(self.hold) if self.hold else None

    def libyears(self, version: str) -> float | None:
        """Give how much newer the newest version is than another one, in years; None where that is not known."""
        mine = edition(self.known, version)
        return libyears(mine.released.date() if mine and mine.released else None, self.released)


@dataclass(frozen=True, slots=True)
class HoldView:
    """A decision that holds drivers, or excepts one from the cool-down, as it stands in its file."""

    decision: DriverDecision

    def to_json(self) -> dict[str, Any]:
        """Give ``hold`` of a connector, or ``decision`` of the commands that decide."""
        one = self.decision
        return {
            "kind": one.kind,
            "connector": one.subject,
            "distribution": one.dist or None,
            "day": one.day.isoformat(),
            "until": one.until.isoformat() if one.until else None,
            "until_version": one.until_version or None,
            "version": one.version or None,
            "advisory": one.advisory or None,
            "reason": one.reason,
            "by": one.by,
            "approved_by": one.approved_by or None,
            "file": one.place.file,
        }


@dataclass(frozen=True, slots=True)
class Held:
    """A decision about drivers with the text of its file, and whether that was written."""

    decision: DriverDecision
    text: str
    written: bool

    def to_json(self) -> dict[str, Any]:
        """Give ``decision`` of ``connector hold`` and ``unhold``."""
        return {**HoldView(self.decision).to_json(), "written": self.written}


@dataclass(frozen=True, slots=True)
class PinView:
    """A pinned distribution in one release: why it is what it is, and what stands between it and newer versions.

    ``newest`` is whatever Python it is for; what was never asked for is "" or None.
    """

    pinned: Pinned
    why: str
    released: date | None = None
    newest: str = ""
    libyears: float | None = None
    behind: int | None = None
    newer: tuple[Standing, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give one of ``pins`` of ``connector explain``."""
        return {
            "release": self.pinned.release,
            "python": self.pinned.python,
            "distribution": self.pinned.dist,
            "version": self.pinned.version,
            "lock": self.pinned.lock,
            "released": self.released.isoformat() if self.released else None,
            "newest": self.newest or None,
            "libyears": self.libyears,
            "versions_behind": self.behind,
            "why": self.why,
            "newer": [one.to_json() for one in self.newer],
        }


@dataclass(frozen=True, slots=True)
class Explained:
    """Why the pins of a connector are what they are; ``at`` is when the index was last heard, at the earliest."""

    connector: Connector
    at: datetime | None
    pins: tuple[PinView, ...]
    decisions: tuple[HoldView, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give ``explain`` of schema 1."""
        return {
            "connector": self.connector.id,
            "driver": self.connector.main_driver.name,
            "asked": self.at.isoformat() if self.at else None,
            "pins": [one.to_json() for one in self.pins],
            "decisions": [one.to_json() for one in self.decisions],
            "notes": list(self.notes),
        }
