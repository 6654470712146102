"""The compatibility matrix of what people have: every driver of every active release, checked or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.checking.sets import shipped
from manager.core.lifecycle import Stage
from manager.core.matrix import Matrix, Spot, matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.checking.sets import CandidateSet
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.connectors import Connector


def of(world: World) -> Matrix:
    """Give the matrix of the active releases' present sets, from what is kept of checks."""
    today = world.today
    releases = [
        one
        for one in world.catalog.releases
        if one.adopted is None and one.lock("kernel") is not None and one.stage(today) is Stage.ACTIVE
    ]
    spots = [spot for release in releases for spot in _spots(world, release, shipped(release))]
    checks = world.store.checks
    return matrix(spots, checks.latest({spot.set_hash for spot in spots}), checks.verdicts(), today)


def _spots(world: World, release: Release, found: CandidateSet) -> Iterator[Spot]:
    for name in release.connectors:
        yield from _places(world.catalog.connector(name), release, found)


def _places(connector: Connector, release: Release, found: CandidateSet) -> Iterator[Spot]:
    """Give the places of a connector: against each of its sources, or one that says why there is none."""
    for driver in connector.drivers:
        version = found.version(driver) if driver.role == "driver" else ""
        if not version:
            continue
        mine = (release.name, connector.id, driver.name, version, found.set_hash)
        for source in connector.sources:
            yield Spot(*mine, source=source.name, source_kind=source.kind)
        if not connector.sources:
            yield Spot(*mine, not_run=connector.not_run or "it has no source that can run here")
