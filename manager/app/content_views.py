"""What the use cases answer about the contents of builds: frozen values, as in :mod:`.views`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app.views import result_json
from manager.core.package_diff import counted

if TYPE_CHECKING:
    from manager.core.evidence import Result
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


@dataclass(frozen=True, slots=True)
class VerifyView:
    """What was found when a build was held against what is known of it; ``seconds`` is wall time."""

    build: Side
    results: tuple[Result, ...]
    seconds: float

    @property
    def wrong(self) -> tuple[Result, ...]:
        """Give what is not as it should be, or could not be told."""
        return tuple(one for one in self.results if one.outcome in ("fail", "error"))

    def to_json(self) -> dict[str, Any]:
        """Give ``verify`` of ``image verify``."""
        return self.build.to_json() | {
            "seconds": round(self.seconds, 3),
            "results": [result_json(one) for one in self.results],
        }
