"""What the use cases answer about drivers: frozen values, as in :mod:`.views`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app.lifecycle_views import text
from manager.app.views import stamp
from manager.core.editions import edition
from manager.core.libyears import libyears

if TYPE_CHECKING:
    from datetime import date, datetime

    from manager.core.connectors import Connector
    from manager.core.driver_decisions import DriverDecision
    from manager.core.driver_releases import Pinned, Standing
    from manager.core.editions import Edition
    from manager.core.lock_facts import PinFacts


@dataclass(frozen=True, slots=True)
class Learnt:
    """The newest version of a connector's main driver as refresh last saw it, and the hold that it stands in."""

    newest: str
    released: date | None
    known: tuple[Edition, ...]
    hold: DriverDecision | None

    def libyears(self, version: str) -> float | None:
        """Give how much newer the newest version is than another one, in years; None where that is not known."""
        mine = edition(self.known, version)
        return libyears(mine.released if mine else None, self.released)


def decision_json(one: DriverDecision) -> dict[str, Any]:
    """Give ``hold`` of a connector, one of ``decisions``, or ``decision`` of the commands that decide."""
    return {
        "kind": one.kind,
        "connector": one.subject,
        "distribution": one.dist or None,
        "day": one.day.isoformat(),
        "until": text(one.until),
        "until_version": one.until_version or None,
        "version": one.version or None,
        "advisory": one.advisory or None,
        "release": one.release or None,
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
        return {**decision_json(self.decision), "written": self.written}


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
            "released": text(self.released),
            "newest": self.newest or None,
            "libyears": self.libyears,
            "versions_behind": self.behind,
            "why": self.why,
            "newer": [one.to_json() for one in self.newer],
        }


@dataclass(frozen=True, slots=True)
class LockedView:
    """A driver as a release's lock has it, with what is known of it and of the system's packages it stands beside."""

    release: str
    dist: str
    version: str
    facts: PinFacts | None
    system: tuple[tuple[str, str], ...] = ()

    @property
    def native(self) -> str:
        """Name the libraries that its wheel brings; with the machine where they differ."""
        found = self.facts.native if self.facts else {}
        texts = {
            machine: ", ".join(f"{name} {version}" for name, version in one.items()) for machine, one in found.items()
        }
        if len(set(texts.values())) == 1:
            return next(iter(texts.values()))
        return "; ".join(f"{text} on {machine}" for machine, text in sorted(texts.items()))

    def to_json(self) -> dict[str, Any]:
        """Give one of ``locked`` of ``connector show`` and ``explain``; what is not known is null."""
        native = {machine: dict(found) for machine, found in self.facts.native.items()} if self.facts else None
        return {
            "release": self.release,
            "distribution": self.dist,
            "version": self.version,
            "uploaded": stamp(self.facts.uploaded) if self.facts else None,
            "native": native,
            "system_packages": dict(self.system),
        }


@dataclass(frozen=True, slots=True)
class Explained:
    """Why the pins of a connector are what they are; ``at`` is when the index was last heard, at the earliest."""

    connector: Connector
    at: datetime | None
    pins: tuple[PinView, ...]
    decisions: tuple[DriverDecision, ...]
    notes: tuple[str, ...] = ()
    locked: tuple[LockedView, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give ``explain`` of schema 1."""
        return {
            "connector": self.connector.id,
            "driver": self.connector.main_driver.name,
            "asked": stamp(self.at),
            "pins": [one.to_json() for one in self.pins],
            "decisions": [decision_json(one) for one in self.decisions],
            "notes": list(self.notes),
            "locked": [one.to_json() for one in self.locked],
        }
