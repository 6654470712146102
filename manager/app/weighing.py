"""Holds versions of drivers against saved connections, by the contracts that are there; nobody is asked."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from manager.core.catalog import canonical_name
from manager.core.hurting import Weighed, hurt
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.world import World
    from manager.core.connections import Connection
    from manager.core.connectors import Connector
    from manager.core.contracts import Contract
    from manager.core.driver_releases import Pinned


def weigher(world: World) -> Callable[[Pinned, str], Weighed]:
    """Give what says which saved connections a version hurts that a pin does not: a person's own and the shared ones.

    Connections use a connector's main driver, so other drivers hurt none. Connections and contracts are read when the
    first version is weighed, and once.
    """

    def saved() -> Iterator[Connection]:
        from manager.app import connections

        names = {*connections.folder_of(world).names(), *(one.name for one in world.catalog.connections)}
        for name in sorted(names):
            # One whose file is broken is told of where connections are listed, and hides no other.
            with suppress(ManagerError):
                yield connections.found(world, name)

    return _weigher(world, saved)


def weigher_for_all(world: World) -> Callable[[Pinned, str], Weighed]:
    """Give the same of the shared connections alone: what everybody gets goes by what everybody has."""

    def shared() -> Iterator[Connection]:
        from manager.app import connections

        for one in world.catalog.connections:
            with suppress(ManagerError):
                yield connections.joined(world, one, None)

    return _weigher(world, shared)


def weigher_of_both(world: World) -> Callable[[Pinned, str], Weighed]:
    """Give what names every connection that a version hurts, of which only the shared ones block it."""
    own, shared = weigher(world), weigher_for_all(world)

    def weigh(pinned: Pinned, version: str) -> Weighed:
        mine, everybodys = own(pinned, version), shared(pinned, version)
        named = {one.connection for one in everybodys.hurts}
        more = tuple(one for one in mine.hurts if one.connection not in named)
        return Weighed((*everybodys.hurts, *more), everybodys.unread or mine.unread, bool(everybodys.hurts))

    return weigh


def _weigher(world: World, connections: Callable[[], Iterator[Connection]]) -> Callable[[Pinned, str], Weighed]:
    @cache
    def saved() -> dict[str, tuple[Connection, ...]]:
        found: dict[str, list[Connection]] = {}
        for one in connections():
            found.setdefault(one.connector, []).append(one)
        return {name: tuple(each) for name, each in found.items()}

    @cache
    def contract(connector: str, version: str) -> Contract | None:
        from manager.app import contracts

        one = world.catalog.connector(connector)
        return contracts.kept(world, one, one.main_driver, version)

    @cache
    def weighed(connector: str, dist: str, pin: str, version: str) -> Weighed:
        one = world.catalog.connector(connector)
        if connector not in saved() or not _asked_as(one, dist):
            return Weighed()
        now = contract(connector, version)
        if now is None:
            return Weighed(unread=f"solvent connector params {connector} --version {version}")
        return Weighed(hurt(one, saved()[connector], now, contract(connector, pin)))

    def weigh(pinned: Pinned, version: str) -> Weighed:
        found = [weighed(name, pinned.dist, pinned.version, version) for name in pinned.connectors]
        unread = next((one.unread for one in found if one.unread), "")
        return Weighed(tuple(each for one in found for each in one.hurts), unread)

    return weigh


def _asked_as(connector: Connector, dist: str) -> bool:
    """Say whether a distribution is a connector's main driver, and one that can be asked for its parameters."""
    driver = connector.main_driver
    asked = driver.contract is not None and driver.contract.method != "curated"
    return asked and canonical_name(driver.name) == dist
