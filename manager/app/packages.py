"""The part of the public Python API that asks what is inside builds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.app.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.content_views import DiffView, VerifyView


class Packages(World):
    """What is inside builds; each is named ``FAMILY[:RELEASE][@VERSION]``, without a version the channel's."""

    def bill(self, build: str) -> dict[str, Any]:
        """Give a build's bill of materials, a CycloneDX document; raises UsageError, Refused or Failed."""
        from manager.app import bills

        return bills.bill_of(self, build)

    def diff(self, before: str, after: str) -> DiffView:
        """Compare the packages of two builds; a release without one is compared by its locks."""
        from manager.app import diffs

        return diffs.compared(self, before, after)

    def verify(self, build: str, *, rebuild: bool = False) -> Iterator[str | VerifyView]:
        """Hold a build against what is known of it: sentences of progress, then what was found.

        With ``rebuild`` it is made again from the archive, without any network, and compared layer by layer.
        """
        from manager.app import verification

        return verification.verified(self, build, rebuild=rebuild)

    def release_notes(self, build: str) -> str:
        """Give the release notes of a build, as Markdown."""
        from manager.app import diffs

        return diffs.notes_of(self, build)
