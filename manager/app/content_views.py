"""What the use cases answer about the contents of builds: frozen values, as in :mod:`.views`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.core.package_diff import counted

if TYPE_CHECKING:
    from manager.core.package_diff import PackageChange


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a build, or (without version and digest) what a release's locks say."""

    release: str
    version: str = ""
    digest: str = ""

    def __str__(self) -> str:
        """Render as people name it."""
        return f"{self.release}@{self.version}" if self.version else f"{self.release} (its locks)"

    def to_json(self) -> dict[str, Any]:
        """Give ``from`` or ``to`` of ``image diff``."""
        return {"release": self.release, "version": self.version or None, "digest": self.digest or None}


@dataclass(frozen=True, slots=True)
class DiffView:
    """How two builds differ; ``notes`` say what could not be compared."""

    before: Side
    after: Side
    changes: tuple[PackageChange, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give ``diff`` of ``image diff``."""
        return {
            "from": self.before.to_json(),
            "to": self.after.to_json(),
            "counts": dict(counted(self.changes)),
            "changes": [one.to_json() for one in self.changes],
            "notes": list(self.notes),
        }
