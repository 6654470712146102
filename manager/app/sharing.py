"""Puts connections into the catalog for everybody, and takes them out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import catalogs, connections, saving
from manager.core.catalog import Place, did_you_mean
from manager.core.connections import canonical
from manager.core.names import checked
from manager.core.sharing import SharedConnection, usual_needs
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from manager.app.saving import Given
    from manager.app.world import World


@dataclass(frozen=True, slots=True)
class Offer:
    """What stands in a catalog beside a connection: whose it is, and what each person brings (empty: the usual)."""

    owner: str = ""
    description: str = ""
    needs: tuple[str, ...] = ()


def shared(world: World, name: str, connector_id: str, given: Given, offer: Offer) -> SharedConnection:
    """Share a connection in the catalog's file; gives it as it stands there.

    Raises Refused for the shipped catalog, for a name that is taken and for a catalog that somebody else has edited
    since it was read; UsageError for a secret; CatalogError for what the catalog's own check finds.
    """
    catalogs.editable(world.catalog)
    checked(name, "connection name")
    catalog = world.catalog
    connector = catalog.connector(connector_id)
    taken = next((one for one in catalog.connections if one.name == name), None)
    if taken is not None:
        raise Refused(f"the catalog shares a connection {name} already", why=str(taken.place))
    if given.source:
        catalog.served(given.source)
    read = saving.read_shared(world, connector, name, given)
    parameters = dict(catalog.source(given.source).parameters if given.source else ()) | dict(read.parameters)
    named = [canonical(connector, need) for need in offer.needs]
    needs = tuple(one.name if one else need for one, need in zip(named, offer.needs, strict=True))
    one = SharedConnection(
        name=name,
        connector=connector.id,
        parameters=tuple(sorted(parameters.items())),
        needs=needs or usual_needs(connector, parameters, given.source),
        place=Place("", 0),
        source=given.source,
        network=given.network,
        description=offer.description,
        owner=offer.owner or world.settings.owner,
    )
    from manager.world import files

    files.share(Path(catalog.root), catalog.content, one)
    return _again(world, name)


def unshared(world: World, name: str) -> None:
    """Take a connection out of the catalog's file; raises Refused as :func:`shared` does, and while it is in use here.

    What people keep for it stays theirs.
    """
    catalogs.editable(world.catalog)
    names = [one.name for one in world.catalog.connections]
    if name not in names:
        raise UsageError(f"the catalog shares no connection {name!r}", hint=did_you_mean(name, names))
    if connections.found(world, name).origin == "shared":
        connections.unused(world, name)
    from manager.world import files

    files.unshare(Path(world.catalog.root), world.catalog.content, name)
    world.reread()


def _again(world: World, name: str) -> SharedConnection:
    """Read the catalog that was written."""
    world.reread()
    return next(one for one in world.catalog.connections if one.name == name)
