"""Shows and removes connections: personal ones, and those that the catalog shares, completed by this person."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import listing, sources
from manager.core.catalog import did_you_mean
from manager.core.sharing import complete
from manager.errors import CatalogError, ManagerError, Refused, Unreachable, UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.connections import Connection
    from manager.core.sharing import SharedConnection
    from manager.world.folder import ConnectionFolder


def folder_of(world: World) -> ConnectionFolder:
    """Give the folder of this person's connections."""
    from manager.world.folder import ConnectionFolder

    return ConnectionFolder(world.settings.connections_dir)


def listed(world: World) -> tuple[Connection, ...]:
    """List this person's connections and the shared ones by name; a personal one hides a shared one."""
    mine = {one.name: one for one in folder_of(world).list()}
    shared = {one.name: one for one in world.catalog.connections}
    return tuple(joined(world, shared.get(name), mine.get(name)) for name in sorted(mine | shared))


def found(world: World, name: str) -> Connection:
    """Find a connection, personal or shared; raises UsageError with a suggestion."""
    folder = folder_of(world)
    known = folder.names()
    shared = shared_of(world, name)
    if name not in known and shared is None:
        everything = [*known, *(one.name for one in world.catalog.connections)]
        raise UsageError(
            f"no connection named {name!r}",
            hint=did_you_mean(name, everything) or "save one:  solvent connection add NAME --connector postgresql",
        )
    return joined(world, shared, folder.read(name) if name in known else None)


def whole(world: World, name: str) -> Connection:
    """Find a connection that is to be used; raises Refused for a part of one that the catalog does not share."""
    one = found(world, name)
    if one.origin == "orphaned":
        raise Refused(
            f"connection {name} completes a shared one, and this catalog shares none of that name",
            hint=f"name the catalog that does:  --catalog DIR   or forget it:  solvent connection remove {name}",
        )
    return one


def shared_of(world: World, name: str) -> SharedConnection | None:
    """Find a connection among those that the catalog shares."""
    return next((one for one in world.catalog.connections if one.name == name), None)


def joined(world: World, shared: SharedConnection | None, own: Connection | None) -> Connection:
    """Give the connection that a name stands for; a person's own with a connector is taken as it is."""
    if own is not None and (own.connector or shared is None):
        return own
    if shared is None:
        raise ValueError("there is neither a shared nor a personal connection")
    one = complete(shared, own)
    if not shared.source:
        return one
    # A source's password is made where it runs, so everybody has another one.
    secrets = {"password": sources.password(world, shared.source)} | dict(one.secrets)
    return replace(one, secrets=tuple(sorted(secrets.items())))


def removed(world: World, name: str, *, with_source: str = "") -> None:
    """Forget a person's connection, or their part of a shared one, and the secrets that Solvent itself kept for it.

    Raises UsageError for an unknown one and Refused for one that an environment of this person was launched with, or
    that a source of theirs is reached by, but for the one that goes ``with_source``. One whose file is broken is
    forgotten as well; where its secrets are nobody can tell then, so they stay.
    """
    from manager.world import secrets

    folder = folder_of(world)
    if name not in folder.names():
        one = found(world, name)
        raise UsageError(
            f"connection {one.name} is shared by the catalog, and there is nothing of yours to forget",
            hint=f"take it from everybody:  solvent connection remove {one.name} --shared",
        )
    unused(world, name)
    _asked_by_none(world, name, with_source)
    try:
        references = folder.read(name).secrets
    except CatalogError:
        references = ()
    for key, reference in references:
        # One that was kept for another connection is only referred to.
        if reference.rpartition("/")[2] == f"{name}.{key}":
            secrets.forget(reference, world.settings.personal_dir)
    folder.remove(name)


def _asked_by_none(world: World, name: str, besides: str) -> None:
    """Raise Refused for a connection that a source of this person's is reached by."""
    from manager.app import own_sources

    folder, users = own_sources.folder_of(world), []
    for one in folder.names():
        # A file that is broken leads nowhere.
        with suppress(ManagerError):
            users += [one] if one != besides and folder.read(one).connection == name else []
    if users:
        raise Refused(
            f"connection {name} is how the source {users[0]} is reached",
            why="checks ask that source by it",
            hint=f"remove that first:  solvent source remove {users[0]}",
        )


def unused(world: World, name: str) -> None:
    """Raise Refused for a connection that an environment of this person has; without an engine there is none.

    One whose container is gone counts as well: a start brings it back with what it had.
    """
    try:
        mine = listing.listed(world, world.settings.owner).environments
    except Unreachable:
        return
    users = [one.name for one in mine if name in one.connections]
    if users:
        raise Refused(
            f"connection {name} is used by {', '.join(users)}",
            why="an environment asks for its connections at each start",
            hint=f"remove that first, its files stay:  solvent env remove {users[0]}",
        )
