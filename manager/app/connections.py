"""Saves, shows and removes connections; their secrets are references."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import sources
from manager.app.observe import environments
from manager.core.catalog import did_you_mean
from manager.core.connections import Connection, canonical, from_url, problems
from manager.core.names import checked
from manager.core.secrets import Secret, parse_reference
from manager.errors import CatalogError, Refused, Unreachable, UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Connector
    from manager.world.folder import ConnectionFolder


def _folder(world: World) -> ConnectionFolder:
    from manager.world.folder import ConnectionFolder

    return ConnectionFolder(world.settings.connections_dir)


def listed(world: World) -> tuple[Connection, ...]:
    """List this person's connections by name."""
    return _folder(world).list()


def found(world: World, name: str) -> Connection:
    """Find a connection; raises UsageError with a suggestion."""
    folder = _folder(world)
    known = folder.names()
    if name not in known:
        raise UsageError(
            f"no connection named {name!r}",
            hint=did_you_mean(name, list(known)) or "save one:  solvent connection add NAME --connector postgresql",
        )
    return folder.read(name)


def added(
    world: World,
    name: str,
    connector_id: str,
    url: str,
    parameters: dict[str, str],
    references: dict[str, str],
    source: str,
) -> tuple[Connection, tuple[str, ...]]:
    """Check and save a connection; gives it with warnings.

    ``references`` are ``env:``, ``file:``, ``keyring:`` or ``exec:``. A secret in clear, in the URL or among the
    parameters, goes to the keyring or a file of mode 0600 and is replaced by its reference. With ``source`` the
    parameters of that shipped source are the defaults. Raises UsageError with every problem, Refused when the
    name is taken.
    """
    checked(name, "connection name")
    connector = world.catalog.connector(connector_id)
    folder = _folder(world)
    if name in folder.names():
        raise _taken(name)
    values, kept = _of_source(world, connector, source) if source else ({}, {})
    clear: dict[str, Secret] = {}
    if url:
        given = from_url(connector, url)
        values |= dict(given.parameters)
        clear |= dict(given.secrets)
    for key, value in parameters.items():
        parameter = canonical(connector, key)
        if parameter is not None and parameter.secret:
            clear[parameter.name] = Secret(value)
        else:
            values[parameter.name if parameter else key] = value
    for key, text in references.items():
        parse_reference(text)
        parameter = canonical(connector, key)
        kept[parameter.name if parameter else key] = text
    connection = Connection(
        name=name,
        connector=connector.id,
        parameters=tuple(sorted(values.items())),
        secrets=tuple(sorted((kept | dict.fromkeys(clear, "env:PENDING")).items())),
        source=source,
    )
    _check(connector, connection)
    # Of two commands that save one name, the one that loses must not have kept its secrets over the winner's.
    claim = f"connection.{name}"
    if not world.claims.take(claim):
        raise Refused(f"connection {name} is being saved by another command", hint="choose another name")
    try:
        if name in folder.names():
            raise _taken(name)
        return _saved(world, connection, kept, clear)
    finally:
        world.claims.release(claim)


def _taken(name: str) -> Refused:
    return Refused(
        f"a connection named {name} exists already", hint=f"remove it first:  solvent connection remove {name}"
    )


def _saved(
    world: World, connection: Connection, references: dict[str, str], clear: dict[str, Secret]
) -> tuple[Connection, tuple[str, ...]]:
    """Keep the secrets in clear and write the connection; a failure leaves no secret behind."""
    from manager.world import secrets

    kept: dict[str, str] = {}
    try:
        for key, secret in clear.items():
            kept[key] = secrets.keep(f"{connection.name}.{key}", secret, world.settings.personal_dir)
        connection = replace(connection, secrets=tuple(sorted((references | kept).items())))
        _folder(world).write(connection)
    except BaseException:
        for reference in kept.values():
            secrets.forget(reference, world.settings.personal_dir)
        raise
    return connection, tuple(
        f"the {key} was given in clear; it is kept now, and the connection says {reference}"
        for key, reference in kept.items()
    )


def _of_source(world: World, connector: Connector, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give a shipped source's parameters and references; raises UsageError for one of another connector."""
    source = world.catalog.source(name)
    if source.connector != connector.id:
        raise UsageError(f"{name} is a source of {source.connector}, not of {connector.id}")
    return dict(source.parameters), {"password": sources.password(world, name)}


def _check(connector: Connector, connection: Connection) -> None:
    """Raise UsageError with everything that is wrong with a connection."""
    wrong = problems(connector, connection)
    if wrong:
        raise UsageError(
            f"connection {connection.name} cannot be saved",
            why="; ".join(f"{one.key} {one.why}" if one.key else one.why for one in wrong),
            hint=next((one.hint for one in wrong if one.hint), f"solvent connector show {connector.id}"),
        )


def removed(world: World, name: str) -> None:
    """Forget a connection and the secrets that Solvent itself kept for it.

    Raises UsageError for an unknown one and Refused for one that an environment of this person was launched
    with. One whose file is broken is forgotten as well; where its secrets are nobody can tell then, so they stay.
    """
    from manager.world import secrets

    users = _users(world, name)
    if users:
        raise Refused(
            f"connection {name} is used by {', '.join(users)}",
            why="an environment asks for its connections at each start",
            hint=f"remove that first, its files stay:  solvent env remove {users[0]}",
        )
    try:
        references = found(world, name).secrets
    except CatalogError:
        references = ()
    for key, reference in references:
        # One that was kept for another connection is only referred to.
        if reference.rpartition("/")[2] == f"{name}.{key}":
            secrets.forget(reference, world.settings.personal_dir)
    _folder(world).remove(name)


def _users(world: World, name: str) -> list[str]:
    """Name this person's environments with a connection; none where no engine can be asked."""
    try:
        there = environments(world.engine, world.names)
    except Unreachable:
        return []
    return [one.name for one in there if one.owner == world.settings.owner and name in one.connections]
