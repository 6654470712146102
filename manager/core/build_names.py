"""Builds as people name them: ``FAMILY[:RELEASE][@VERSION]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.channels import named
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.core.observed import Build, Observed


def split(reference: str) -> tuple[str, str]:
    """Give the release as it was named, and the version, which is "" where none was."""
    release, _, version = reference.partition("@")
    return release, version


def build_named(observed: Observed, release: str, version: str) -> Build | None:
    """Find a release's build of a version; without one, that which its channel points to, else its newest.

    None where the release has no build with an image; raises UsageError for a version that it never had.
    """
    if version:
        return named(observed, release, version)
    pointed = observed.build(observed.channel(release))
    return pointed or next((one for one in reversed(observed.made(release)) if one.digest), None)


def no_build(release: str) -> Refused:
    """Say that a release has no build yet."""
    return Refused(f"{release} has no build yet", hint=f"make one:  solvent image build {release}")
