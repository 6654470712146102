"""What was decided about drivers, one file of the catalog each: holds, exceptions, quarantines, suspensions."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.catalog import canonical_name
from manager.core.overrides import DRIVERS

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Place

Kind = Literal["hold", "unhold", "exception", "quarantine", "unquarantine", "suspend", "unsuspend"]
# What follows on the other of one day, so that their files are numbered together.
TOGETHER: tuple[tuple[Kind, ...], ...] = (
    ("hold", "unhold"), ("exception",), ("quarantine", "unquarantine"), ("suspend", "unsuspend"),
)  # fmt: skip
# The kinds that lift what was decided before, and have no end themselves.
LIFTING: tuple[Kind, ...] = ("unhold", "unquarantine", "unsuspend")


@dataclass(frozen=True, slots=True)
class DriverDecision:
    """One decision about a connector's drivers; its file is only ever added, and never changed.

    - hold: its drivers do not move before the day ``until``, or until the index has a version that ``until_version``
      (``fakesnow>=0.10``) asks for; only the distribution ``dist``, where that is named.
    - unhold: what was held before, moves again.
    - exception: ``version`` of ``dist`` need not cool down before ``until``, for the ``advisory`` that it settles.
    - quarantine: what ``version`` (``3.3.9``, or a range as ``<3.3.10``) says of ``dist`` is forbidden, wherever it
      is, for the ``advisory``. ``dist`` is any distribution that comes with the connector.
    - unquarantine: what was forbidden of ``dist`` is allowed again; only what was forbidden as ``version``, where that
      is named.
    - suspend: releases go without the connector, so that their others can move; only ``release``, by its full
      name, where that is named.
    - unsuspend: what was suspended before, belongs to its releases again.
    """

    kind: Kind
    subject: str
    day: date
    reason: str
    by: str
    place: Place
    dist: str = ""
    until: date | None = None
    until_version: str = ""
    version: str = ""
    advisory: str = ""
    approved_by: str = ""
    release: str = ""

    @property
    def ends(self) -> str:
        """Say when it ends: by itself, or when somebody lifts it; "" for what lifts."""
        if self.kind in LIFTING:
            return ""
        if self.until or self.until_version:
            return f"until {self.until}" if self.until else f"until there is {self.until_version}"
        return "until it is lifted"

    def holds(self, day: date) -> bool:
        """Say whether it was made by a day and has not run out, as far as a day says that."""
        return self.day <= day and (self.until is None or day < self.until)

    def covers(self, dist: str) -> bool:
        """Say whether a distribution of its connector is meant."""
        return not self.dist or canonical_name(self.dist) == canonical_name(dist)

    @property
    def command(self) -> str:
        """Give the command of a quarantine: once more it writes nothing, moves what is left, and says the way out."""
        said = f"--driver {self.dist} --version {shlex.quote(self.version)} --advisory {shlex.quote(self.advisory)}"
        return f"solvent connector quarantine {self.subject} {said} --reason TEXT"

    @property
    def lift(self) -> str:
        """Give the command that allows again what a quarantine forbids."""
        said = f"--driver {self.dist} --version {shlex.quote(self.version)}"
        return f"solvent connector unquarantine {self.subject} {said} --reason TEXT"

    @property
    def words(self) -> str:
        """Say what a quarantine forbids, for what, and where that is decided."""
        return f"{self.dist} {self.version} is quarantined for {self.advisory}: {self.reason} ({self.place})"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A version of a distribution that is there, and the quarantine that forbids it.

    The version is "" where nobody has read what is there, so that it may be any.
    """

    dist: str
    version: str
    by: DriverDecision

    def __str__(self) -> str:
        """Render for a person: what, for which advisory, why, and where that is decided."""
        if not self.version:
            return f"nobody has read what is inside, and its lock has moved since: {self.by.words}"
        return f"{self.dist} {self.version} is quarantined for {self.by.advisory}: {self.by.reason} ({self.by.place})"

    @property
    def named(self) -> str:
        """Name the version shortly, with its advisory."""
        version = self.version or f"{self.by.version} perhaps"
        return f"{self.dist} {version} ({self.by.advisory})"

    @property
    def lift(self) -> str:
        """Give the command that allows it again."""
        return self.by.lift


def file_of(kind: Kind, subject: str, day: date, number: int = 1) -> str:
    """Give the path of a decision's file; ``number`` tells apart those of one day."""
    return f"{DRIVERS}/{day}-{kind}-{subject}{f'-{number}' if number > 1 else ''}.toml"
