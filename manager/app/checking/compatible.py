"""The compatibility matrix of what people have: every driver of every active release, checked or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.checking.sets import shipped
from manager.core.lifecycle import Stage
from manager.core.matrix import Matrix, Spot, matrix
from manager.core.turns import around, turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.checking.sets import CandidateSet
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.checks import Checked
    from manager.core.connectors import Connector
    from manager.core.matrix import Mark
    from manager.core.turns import Turn


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


def turned(world: World, mark: Mark) -> Turn | None:
    """Say what changed between the last pass of a blocked mark's place and the first failure after it, or None."""
    if mark.state != "blocked" or mark.at is None:
        return None
    checks = world.store.checks
    found = around(checks.at_place(mark.spot.place), mark.at)
    if found is None:
        return None
    passed, failed = (one and _answered(world, one) for one in found)
    assert failed is not None
    texts = (checks.set_text(passed.cell.set_hash) if passed else "", checks.set_text(failed.cell.set_hash))
    return turn(passed, failed, texts, world.catalog.release(mark.spot.release, world.today).python)


def _answered(world: World, one: Checked) -> Checked:
    """Give a cell with its answers, which its run has."""
    run = world.store.checks.run(one.run)
    cells = run.cells if run else ()
    return next((each for each in cells if each.key == one.key), one)


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
