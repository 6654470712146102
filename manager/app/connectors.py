"""Shows connectors, with the version of the main driver in the newest active release that has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import lock_facts
from manager.app.drivers import learnt
from manager.app.suspended import everywhere, used, where
from manager.app.views import ConnectorView
from manager.core.catalog import canonical_name
from manager.core.lifecycle import Stage
from manager.core.locks import parse
from manager.errors import ManagerError

if TYPE_CHECKING:
    from manager.app.driver_views import Learnt
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.connectors import Connector, Driver


def listed(world: World) -> tuple[ConnectorView, ...]:
    """List the connectors of the catalog by id."""
    found = learnt(world, world.catalog.connectors)
    out, having = where(world), used(world)
    every = sorted(world.catalog.connectors, key=lambda one: one.id)
    return tuple(_view(world, one, found[one.id], out, having) for one in every)


def shown(world: World, name: str) -> ConnectorView:
    """Show one connector; raises UsageError with a suggestion."""
    one = world.catalog.connector(name)
    view = _view(world, one, learnt(world, (one,))[one.id], where(world), used(world))
    return replace(view, locked=lock_facts.shown(world, one))


def _view(
    world: World, connector: Connector, known: Learnt, out: dict[str, list[str]], in_use: frozenset[str]
) -> ConnectorView:
    having = [release for release in world.catalog.releases if connector.id in release.connectors]
    newest = next(iter(active_with(world, connector)), None)
    return ConnectorView(
        connector=connector,
        version=locked_version(newest, connector.main_driver) if newest else "",
        releases=tuple(release.name for release in having),
        learnt=known,
        suspended=tuple(out.get(connector.id, ())),
        everywhere=everywhere(world, connector.id, in_use) is not None,
        present=tuple(release.name for release in having if release.stage(world.today) is not Stage.RETIRED),
    )


def active_with(world: World, connector: Connector) -> tuple[Release, ...]:
    """List the active releases that have a connector, newest first."""
    having = [one for one in world.catalog.releases if connector.id in one.connectors]
    active = [one for one in having if one.stage(world.today) is Stage.ACTIVE]
    return tuple(sorted(active, key=lambda one: one.schedule.released, reverse=True))


def locked_version(release: Release, driver: Driver) -> str:
    """Give the version that a release's kernel lock pins for a driver, or nothing."""
    lock = release.lock("kernel")
    if lock is None:
        return ""
    name = canonical_name(driver.name)
    try:
        pins = parse(Path(lock.path).read_text(encoding="utf-8"), lock.path)
    except (OSError, ManagerError):
        return ""
    return next((pin.version for pin in pins if pin.name == name), "")
