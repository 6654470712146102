"""Gives a build's bill of materials, from what is really inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager import __version__
from manager.app import contents
from manager.app.diffs import built
from manager.core.bill import Subject, bill

if TYPE_CHECKING:
    from manager.app.world import World


def bill_of(world: World, reference: str) -> dict[str, Any]:
    """Give the CycloneDX document of a build, named ``FAMILY[:RELEASE][@VERSION]``.

    Raises Refused for a release without a build, and Failed where what is inside was never read and the bytes are
    missing.
    """
    release, build = built(world, reference)
    catalog = world.catalog
    return bill(
        Subject(
            family=catalog.family(release.family),
            release=release,
            build=build,
            components=contents.of(world, build),
            suite=catalog.system(release.system).suite,
            facts=catalog.facts,
            tool=__version__,
        )
    )
