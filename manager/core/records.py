"""What the state database refuses and how it joins what it knows, the same in every store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from manager.core.observed import Build, Usage


def refuse_reuse(known: Build, new: Build) -> None:
    """Refuse a build whose version or digest is known for other bytes; the same build is fine."""
    if (known.release, known.version, known.digest) == (new.release, new.version, new.digest):
        return
    taken = new.digest if known.digest == new.digest else f"version {new.version} of {new.release}"
    raise Refused(
        f"{taken} is known for another build",
        why=f"{known.release} {known.version} is {known.digest or 'a build that failed'}",
        hint="a version is never used again for other bytes: build with a new version",
    )


def moved(release: str, channel: str, expected: str, found: str) -> Refused:
    """Tell the loser of a compare-and-swap what changed."""
    return Refused(
        f"channel {channel} of {release} was moved by somebody else",
        why=f"expected {expected or 'no build'}, found {found or 'no build'}",
        hint="plan again: the new plan starts from what is there now",
    )


def unknown_build(digest: str, release: str = "") -> UsageError:
    """Say that no build has this digest."""
    return UsageError(
        f"no build{' of ' + release if release else ''} has the digest {digest}",
        hint="see them all:  solvent image list --all",
    )


def joined(known: Usage | None, new: Usage) -> Usage:
    """Join what is known of a volume with what is new; another volume of the same name inherits nothing."""
    if known is None or known.made != new.made:
        return new
    measured = new.measured is not None
    return replace(
        known,
        size=new.size if measured else known.size,
        measured=new.measured if measured else known.measured,
        used=new.used or known.used,
        origin=new.origin or known.origin,
    )
