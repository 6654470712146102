"""A person's own sources: saved connections that checks may use, as far as is allowed there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import connections
from manager.app.views import SourceView
from manager.core.catalog import did_you_mean
from manager.core.names import checked
from manager.core.own_sources import OwnSource, allowed, carried, engine_of
from manager.core.plan import digest_of
from manager.core.sharing import check_complete
from manager.errors import Failed, ManagerError, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.checking.wanted import CheckRequest
    from manager.app.saving import Given
    from manager.app.world import World
    from manager.core.connections import Connection
    from manager.core.connectors import Connector
    from manager.core.own_sources import Able, May
    from manager.world.own_sources import SourceFolder

# The state of a source that Solvent neither starts nor stops.
OWN = "own"
# What PostgreSQL takes in a name; no engine or version is longer.
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a person says of their source besides how it is reached; ``connection`` is a saved one."""

    capabilities: tuple[str, ...] = ()
    schema: str = ""
    engine: str = ""
    version: str = ""
    connection: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """What the probes are told of a source, with its password; the engine's network; what is allowed there."""

    words: dict[str, str]
    network: str
    able: tuple[str, ...]


def folder_of(world: World) -> SourceFolder:
    """Give the folder of this person's own sources."""
    from manager.world.own_sources import SourceFolder

    return SourceFolder(world.settings.sources_dir)


def found(world: World, name: str) -> OwnSource:
    """Find an own source; raises UsageError with a suggestion, and for a shipped one."""
    names = folder_of(world).names()
    if any(one.name == name for one in world.catalog.sources):
        raise UsageError(f"{name} is shipped, and none of your own", hint="solvent source list")
    if name not in names:
        hint = did_you_mean(name, list(names)) or "solvent source add NAME --connection CONNECTION"
        raise UsageError(f"no source of your own named {name!r}", hint=hint)
    return folder_of(world).read(name)


def views(world: World) -> tuple[SourceView, ...]:
    """List the own sources by name; one that is broken says so, and what is missing of another."""
    listed = []
    for name in folder_of(world).names():
        try:
            own = folder_of(world).read(name)
            connector = connections.found(world, own.connection).connector
            listed.append(SourceView(name, connector, own.engine, own.version, "real", OWN, required=False))
        except ManagerError as error:
            listed.append(SourceView(name, "", "", "", "real", error.sentence, required=False))
    return tuple(listed)


def added(world: World, name: str, connector_id: str, given: Given, said: Allowed) -> tuple[OwnSource, tuple[str, ...]]:
    """Let checks use a saved connection, or one that is saved under the same name; gives the source, and warnings.

    Raises UsageError for what is wrong with either, Refused for a name that is taken.
    """
    from manager.app import saving

    own, one, connector = _judged(world, name, connector_id, given, said)
    warnings: tuple[str, ...] = ()
    if one is None:
        one, warnings = saving.added(world, name, connector.id, given)
    try:
        folder_of(world).write(own)
    except BaseException:
        if own.saved:
            with suppress(ManagerError):
                connections.removed(world, name)
        raise
    _, _, left = carried(connector, one)
    if left:
        warnings = (*warnings, f"checks cannot tell a driver {', '.join(left)} yet: nothing is asked of it")
    return own, warnings


def judged(world: World, name: str, connector_id: str, given: Given, said: Allowed) -> None:
    """Raise what :func:`added` would raise of what was said; nothing is saved."""
    _judged(world, name, connector_id, given, said)


def _judged(
    world: World, name: str, connector_id: str, given: Given, said: Allowed
) -> tuple[OwnSource, Connection | None, Connector]:
    """Read what was said; of a connection that is still to be saved there is none yet."""
    from manager.app import saving

    _free(world, name)
    able, may = _allowed(said)
    one = connections.whole(world, said.connection) if said.connection else None
    if one is not None:
        if given != saving.Given() or connector_id not in ("", one.connector):
            raise UsageError("--connection names what is saved, and is not combined with other words of a connection")
        connector_id = one.connector
    if not connector_id:
        raise UsageError("missing option '--connection' or '--connector'", hint="solvent connection list")
    connector = world.catalog.connector(connector_id)
    own = OwnSource(
        name, said.connection or name, engine_of(connector, said.engine), said.version, able, may, said.schema, not one
    )
    if one is None:
        saving.judged(world, name, connector_id, given)
    if source := one.source if one else given.source:
        raise UsageError(
            f"{own.connection} leads to {source}, which is shipped", hint=f"solvent check run --source {source}"
        )
    return own, one, connector


def _free(world: World, name: str) -> None:
    checked(name, "source name")
    shipped = any(one.name == name for one in world.catalog.sources)
    if shipped or name in folder_of(world).names():
        hint = "choose another name" if shipped else f"remove it first:  solvent source remove {name}"
        raise Refused(f"there is a source {name!r} already", hint=hint)


def _allowed(said: Allowed) -> tuple[Able, tuple[May, ...]]:
    for what, text in (("schema", said.schema), ("version", said.version), ("engine", said.engine)):
        if len(text) > _LONGEST or not text.isprintable():
            raise UsageError(f"the {what} is to be at most {_LONGEST} printable characters")
    return allowed(said.capabilities, said.schema)


def removed(world: World, name: str) -> None:
    """Forget an own source, and the connection that was saved with it; raises UsageError, Refused for one in use.

    A broken file is removed as well: what was saved with it nobody can tell then, so that stays.
    """
    folder = folder_of(world)
    try:
        own = found(world, name)
        if own.saved and own.connection in connections.folder_of(world).names():
            connections.removed(world, own.connection, with_source=name)
    except Failed:
        if name not in folder.names():
            raise
    folder.remove(name)


def joined(world: World, connector: Connector, names: Iterable[str]) -> Connector:
    """Give a connector with those own sources of it that are named; raises Failed for one that is broken.

    A shipped one of the same name goes first.
    """
    there = [one.name for one in world.catalog.sources]
    mine = []
    kept = set(folder_of(world).names())
    for name in names:
        if name in kept and name not in there:
            own = folder_of(world).read(name)
            if connections.whole(world, own.connection).connector == connector.id:
                mine.append(own.source(connector.id))
    return replace(connector, sources=(*connector.sources, *mine)) if mine else connector


def digest(world: World, name: str) -> str:
    """Digest where an own source is and what is allowed there: an answer of another one is no answer of it."""
    own = found(world, name)
    one = connections.whole(world, own.connection)
    return "sha256:" + digest_of([one.connector, one.parameters, one.network, own.capabilities, own.schema])


def reached(world: World, connector: Connector, name: str) -> Reached:
    """Give what the probes need of an own source, with its secrets resolved now.

    Raises Refused for a secret or a network that is not there, and for what a driver cannot be told.
    """
    from manager.app.deliveries import secrets_of
    from manager.app.trial import network_of

    own = found(world, name)
    one = connections.whole(world, own.connection)
    check_complete(connector, one)
    words, authority, left = carried(connector, one)
    if left:
        raise Refused(f"checks cannot tell a driver {', '.join(left)} yet", why=f"connection {one.name} has it")
    if authority:
        try:
            words["ca"] = Path(authority).read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            raise Refused(f"the certificates of connection {one.name} cannot be read", why=str(error)) from None
    secrets = secrets_of(world, one)
    if "password" not in secrets:
        raise Refused(f"connection {one.name} has no password", hint="--secret password=env:VARIABLE")
    words["password"] = secrets["password"].reveal()
    if own.schema:
        words["schema"] = own.schema
    return Reached(words, network_of(world, one), own.capabilities)


def reachable(world: World, name: str) -> None:
    """Raise Refused where a source is an own one and names a network that is not there."""
    if any(one.name == name for one in world.catalog.sources):
        return
    one: Connection = connections.whole(world, found(world, name).connection)
    if one.network:
        from manager.app.trial import network_of

        network_of(world, one)


def request(world: World, name: str, release: str, driver: str) -> CheckRequest:
    """Say what is asked to try a source: the probes of connecting, of one driver, in one release."""
    from manager.app.checking.wanted import CheckRequest
    from manager.app.trial import home

    one = connections.whole(world, found(world, name).connection)
    connector = world.catalog.connector(one.connector)
    where, _ = home(world, connector, one, release)
    drivers = (driver or connector.main_driver.name,)
    return CheckRequest((connector.id,), drivers, (where.name,), (name,), probes=("connect.",))
