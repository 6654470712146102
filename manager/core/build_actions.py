"""What a step does to builds that exist: how they are judged, and when their bytes go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from manager.core.observed import BuildStatus
    from manager.core.overrides import Override


@dataclass(frozen=True, slots=True)
class Decide:
    """Write a decision into the catalog, as a file of its own; its day is the present one."""

    decision: Override


@dataclass(frozen=True, slots=True)
class JudgeBuild:
    """Give a build another status, for a reason."""

    release: str
    version: str
    digest: str
    status: BuildStatus
    reason: str


@dataclass(frozen=True, slots=True)
class EmptyChannel:
    """Have a channel point to nothing, if it still points where it did (``expected``)."""

    release: str
    channel: str
    expected: str


@dataclass(frozen=True, slots=True)
class PruneBuild:
    """Give a build up and remove its bytes, if still nothing refers to them; entry, locks and evidence stay."""

    release: str
    version: str
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class RemoveCached:
    """Remove a tree (by digest) or a base's files (by the beginning of its key) from the cache.

    Of the archive, a list of what something was made from, with the packages that no other list names.
    """

    kind: Literal["tree", "base", "archive"]
    name: str


BuildAction = Decide | JudgeBuild | EmptyChannel | PruneBuild | RemoveCached
