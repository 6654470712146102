"""What a step does to builds: how they are made, proven, moved and judged, and when their bytes go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from manager.core.catalog import TreeKind
    from manager.core.driver_decisions import DriverDecision
    from manager.core.observed import BuildStatus, Copy
    from manager.core.overrides import Override


@dataclass(frozen=True, slots=True)
class MakeBase:
    """Bring an operating-system base into the engine: from a registry or by bootstrap.

    With ``anew`` one that was made before is not taken: its packages are those that the mirror has today.
    """

    system: str
    key: str
    anew: bool = False


@dataclass(frozen=True, slots=True)
class MakeTree:
    """Install one lock of a release as a tree."""

    release: str
    lock: TreeKind


@dataclass(frozen=True, slots=True)
class MakeImage:
    """Put base, trees and files together to a candidate build."""

    release: str
    version: str


@dataclass(frozen=True, slots=True)
class ProveBuild:
    """Ask a running container of the build everything that an image must prove.

    ``digest`` is empty when the plan itself makes the build.
    """

    release: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class MoveChannel:
    """Point a channel at a proven build, if it still points where it did (``expected``).

    ``digest`` is empty when the plan itself makes the build; ``leaving`` is why the build of before is superseded.
    """

    release: str
    channel: str
    expected: str
    version: str
    digest: str
    leaving: str = ""


@dataclass(frozen=True, slots=True)
class TrustRegistry:
    """Have the engine of this machine trust the authorities of a bundle (a file) for one registry."""

    host: str
    bundle: str


@dataclass(frozen=True, slots=True)
class PushBuild:
    """Send a build to a registry, under a reference."""

    release: str
    version: str
    digest: str
    reference: str


@dataclass(frozen=True, slots=True)
class PullBuild:
    """Bring a build's bytes from a registry by its manifest's digest; they must have the build's own digest."""

    release: str
    version: str
    digest: str
    copy: Copy


@dataclass(frozen=True, slots=True)
class AdoptBuild:
    """Bring an image that another database knows, and remember it as a candidate of a release.

    ``copy.digest`` is the beginning of the build's digest, as the tag says it.
    """

    release: str
    version: str
    copy: Copy


@dataclass(frozen=True, slots=True)
class RemoveImage:
    """Remove an image of ours from the engine; its record stays."""

    digest: str


@dataclass(frozen=True, slots=True)
class WriteLock:
    """Resolve a release's lock and write it into the catalog, if the file is still what it was (``expected``).

    ``expected`` is the digest of its text, "" where the release has none of its own.
    """

    release: str
    lock: str
    path: str
    upgrade: tuple[str, ...]
    expected: str = ""


@dataclass(frozen=True, slots=True)
class PutLock:
    """Write a kernel lock that was resolved and shown, if the file is still what it was (``expected``).

    ``facts`` is the text of what is known of it, "" for none. With a ``branch`` the file stays, and that branch of the
    catalog's repository gets it as a commit with ``message``.
    """

    release: str
    path: str
    text: str = field(repr=False)
    expected: str = ""
    facts: str = field(default="", repr=False)
    branch: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Decide:
    """Write a decision into the catalog, as a file of its own; its day is the present one."""

    decision: Override | DriverDecision


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


BuildAction = (
    MakeBase
    | MakeTree
    | MakeImage
    | ProveBuild
    | MoveChannel
    | TrustRegistry
    | PushBuild
    | PullBuild
    | AdoptBuild
    | RemoveImage
    | WriteLock
    | PutLock
    | Decide
    | JudgeBuild
    | EmptyChannel
    | PruneBuild
    | RemoveCached
)
