"""Reads what a person says of a connection, and saves it: whole, or as their part of a shared one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import sources
from manager.app.connections import folder_of, found, joined, shared_of
from manager.core.catalog import did_you_mean
from manager.core.connections import MISSING, Connection, canonical, from_url, names_given, option, problems, ways_in
from manager.core.names import checked
from manager.core.secrets import Secret, parse_reference
from manager.core.sharing import taken_over
from manager.core.signing_in import lacking, offered, signed_in, way_called, way_of
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager.app.world import World
    from manager.core.connectors import Authentication, Connector, Parameter
    from manager.core.sharing import SharedConnection


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says of a connection, as it was typed: names in any spelling, secrets perhaps in clear.

    ``references`` are ``env:``, ``file:``, ``keyring:`` or ``exec:``. What may be a secret is not shown. ``sign_in``
    names a way to sign in. ``secure`` is whether secure values are taken where nothing else is said; None: not decided.
    """

    url: str = field(default="", repr=False)
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    references: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    source: str = ""
    network: str = ""
    sign_in: str = ""
    secure: bool | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a connection would be by what was said so far, and what is open; of secrets only the names are known.

    ``ways`` are those to sign in that can be chosen, ``missing`` what has to be said, ``offers`` have secure values.
    """

    connector: Connector
    values: tuple[tuple[str, str], ...]
    secrets: frozenset[str]
    ways: tuple[Authentication, ...]
    missing: tuple[Parameter, ...]
    offers: tuple[Parameter, ...]


def draft(world: World, name: str, connector_id: str, given: Given) -> Draft:
    """Read what was said so far of a connection of this person, and say what is open; raises as :func:`added`."""
    shared = _free(world, name, connector_id)
    if shared is not None and not connector_id:
        connector = world.catalog.connector(shared.connector)
        own, _, _ = _read(world, connector, name, replace(given, secure=None))
        complete = joined(world, shared, replace(own, connector=""))
        by_name = {one.name: one for one in connector.parameters}
        return _draft(connector, complete, (), tuple(by_name[one] for one in complete.missing), ())
    connector = world.catalog.connector(connector_id)
    connection, _, _ = _read(world, connector, name, given)
    there = names_given(connector, connection)
    if given.source:
        return _draft(connector, connection, (), lacking(connector, there), ())
    way = way_called(connector, given.sign_in) if given.sign_in else way_of(connector, there)
    ways = () if way else connector.authentication
    offers = offered(connector, dict(connection.parameters)) if given.secure is None else ()
    return _draft(connector, connection, ways, lacking(connector, there, way), offers)


def _draft(
    connector: Connector,
    connection: Connection,
    ways: tuple[Authentication, ...],
    missing: tuple[Parameter, ...],
    offers: tuple[Parameter, ...],
) -> Draft:
    names = frozenset(name for name, _ in connection.secrets)
    return Draft(connector, connection.parameters, names, ways, missing, offers)


def added(world: World, name: str, connector_id: str, given: Given) -> tuple[Connection, tuple[str, ...]]:
    """Check and save a connection of this person; gives it with warnings.

    Without ``connector_id`` it completes the one that the catalog shares under that name. A secret in clear, in the
    URL or among the parameters, goes to the keyring or a file of mode 0600 and is replaced by its reference. With a
    source its parameters are the defaults. Raises UsageError with every problem, Refused when the name is taken.
    """
    shared, read = _judged(world, name, connector_id, given)
    saved, warnings = _save(world, read)
    if shared is not None and connector_id:
        hidden = f"it hides the connection {name} that the catalog shares ({shared.place})"
        warnings = (*warnings, hidden)
    return saved, warnings


def judged(world: World, name: str, connector_id: str, given: Given) -> None:
    """Raise what :func:`added` would raise of what was said; nothing is saved."""
    _judged(world, name, connector_id, given)


def _judged(world: World, name: str, connector_id: str, given: Given) -> tuple[SharedConnection | None, Read]:
    shared = _free(world, name, connector_id)
    if shared is not None and not connector_id:
        return shared, _completion(world, shared, given)
    connector = world.catalog.connector(connector_id)
    read = _read(world, connector, name, given)
    _check(connector, read[0], way_called(connector, given.sign_in) if given.sign_in else None)
    return shared, read


def _free(world: World, name: str, connector_id: str) -> SharedConnection | None:
    """Give the shared connection of a name; raises UsageError where none could be meant, Refused for a name taken."""
    checked(name, "connection name")
    shared = shared_of(world, name)
    if shared is None and not connector_id:
        names = [one.name for one in world.catalog.connections]
        raise UsageError(
            "missing option '--connector'",
            why=f"the catalog shares no connection named {name!r} that could be completed",
            hint=did_you_mean(name, names) or "see the connectors:  solvent connector list",
        )
    if name in folder_of(world).names():
        raise _taken(name)
    return shared


Read = tuple[Connection, dict[str, str], dict[str, Secret]]


def _completion(world: World, shared: SharedConnection, given: Given) -> Read:
    """Read what a person adds to a shared connection; raises UsageError for what the catalog has decided."""
    connector = world.catalog.connector(shared.connector)
    if given.sign_in:
        raise UsageError(
            f"{shared.name} is shared, and so is how one signs in",
            why=str(shared.place),
            hint="save one of your own:  --connector " + shared.connector,
        )
    if given.source:
        raise UsageError(
            f"{shared.name} is shared, and what it leads to is decided there",
            why=str(shared.place),
            hint="save one of your own:  --connector " + shared.connector,
        )
    # Whether TLS is asked for is decided there as well.
    own, references, clear = _read(world, connector, shared.name, replace(given, secure=None))
    own = replace(own, connector="")
    if fixed := taken_over(shared, own):
        raise UsageError(
            f"{', '.join(fixed)} of {shared.name} is decided by the catalog",
            why=str(shared.place),
            hint=f"leave it out, or save one of your own:  --connector {shared.connector}",
        )
    complete = joined(world, shared, own)
    if complete.missing:
        raise UsageError(
            f"connection {shared.name} needs your {' and your '.join(complete.missing)} as well",
            why=str(shared.place),
            hint="--set KEY=VALUE   or, what is secret,  --secret KEY=env:VARIABLE",
        )
    _check(connector, complete)
    return own, references, clear


def read_shared(world: World, connector: Connector, name: str, given: Given) -> Connection:
    """Read what a catalog is to share; raises UsageError for a secret, given in clear or by reference."""
    connection, references, clear = _read(world, connector, name, replace(given, source=""))
    if references or clear:
        key = next(iter(references | clear))
        raise UsageError(
            "a shared connection holds no secrets",
            why=f"{key} is each person's own",
            hint=f"--needs {key}",
        )
    return connection


def _read(world: World, connector: Connector, name: str, given: Given) -> Read:
    """Give a connection, its references, and the secrets that were given in clear, under canonical names."""
    values, references = _of_source(world, connector, given.source) if given.source else ({}, {})
    clear: dict[str, Secret] = {}
    if given.url:
        said = from_url(connector, given.url)
        values |= dict(said.parameters)
        for key, secret in said.secrets:
            _take(connector, key, secret, references, clear)
    for key, value in given.parameters:
        parameter = canonical(connector, key)
        if parameter is not None and parameter.secret:
            _take(connector, parameter.name, Secret(value), references, clear)
        else:
            values[parameter.name if parameter else key] = value
    if given.sign_in:
        values = signed_in(connector, way_called(connector, given.sign_in), values)
    if given.secure:
        values |= {one.name: one.secure for one in offered(connector, values)}
    for key, text in given.references:
        parse_reference(text)
        parameter = canonical(connector, key)
        references[parameter.name if parameter else key] = text
    if given.source and given.network:
        raise UsageError(
            "--source and --network cannot be combined", why=f"{given.source} is reached through its own network"
        )
    connection = Connection(
        name=name,
        connector=connector.id,
        parameters=tuple(sorted(values.items())),
        secrets=tuple(sorted((references | dict.fromkeys(clear, "env:PENDING")).items())),
        source=given.source,
        network=given.network,
    )
    return connection, references, clear


def _take(connector: Connector, key: str, secret: Secret, references: dict[str, str], clear: dict[str, Secret]) -> None:
    """Take a secret as it was typed: of one that is a file its path, unless the content itself was given."""
    one = canonical(connector, key)
    text = secret.reveal()
    if one is None or one.type != "path" or "\n" in text:
        clear[key] = secret
        return
    place = Path(text).expanduser().absolute()
    if not place.is_file():
        raise UsageError(f"{key} is a file, and there is none at the path that was given", hint=option(one))
    references[key] = f"file:{place}"


def _save(world: World, read: Read) -> tuple[Connection, tuple[str, ...]]:
    """Keep what was read, under a claim: of two commands that save one name, the second keeps no secret over the first.

    Gives the connection as it is found from now on, with warnings.
    """
    connection, references, clear = read
    claim = f"connection.{connection.name}"
    if not world.claims.take(claim):
        raise Refused(f"connection {connection.name} is being saved by another command", hint="choose another name")
    try:
        if connection.name in folder_of(world).names():
            raise _taken(connection.name)
        warnings = _keep(world, connection, references, clear)
    finally:
        world.claims.release(claim)
    return found(world, connection.name), warnings


def _taken(name: str) -> Refused:
    return Refused(
        f"a connection named {name} exists already",
        hint=f"remove it first:  solvent connection remove {name}   or edit its file:  solvent config path",
    )


def _keep(
    world: World, connection: Connection, references: Mapping[str, str], clear: Mapping[str, Secret]
) -> tuple[str, ...]:
    """Keep the secrets in clear and write the connection; a failure leaves no secret behind. Gives warnings."""
    from manager.world import secrets

    kept: dict[str, str] = {}
    try:
        for key, secret in clear.items():
            kept[key] = secrets.keep(f"{connection.name}.{key}", secret, world.settings.personal_dir)
        connection = replace(connection, secrets=tuple(sorted((dict(references) | kept).items())))
        folder_of(world).write(connection)
    except BaseException:
        for reference in kept.values():
            secrets.forget(reference, world.settings.personal_dir)
        raise
    return tuple(
        f"the {key} was given in clear; it is kept now, and the connection says {reference}"
        for key, reference in kept.items()
    )


def _of_source(world: World, connector: Connector, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give a shipped source's parameters and references; raises UsageError for one of another connector."""
    source = world.catalog.served(name)
    if source.connector != connector.id:
        raise UsageError(f"{name} is a source of {source.connector}, not of {connector.id}")
    return dict(source.parameters), {"password": sources.password(world, name)}


def _check(connector: Connector, connection: Connection, way: Authentication | None = None) -> None:
    """Raise UsageError with everything that is wrong with a connection, and every option that is missing."""
    wrong = problems(connector, connection, way)
    if wrong:
        missing = lacking(connector, names_given(connector, connection), way)
        hints = [one.hint for one in wrong if one.hint and one.why != MISSING]
        hints += [" ".join(map(option, missing))] if missing else []
        hint = "   ".join(hints) or f"solvent connector show {connector.id}"
        if missing and way is None and (ways := ways_in(connector)):
            hint += f"   ways to sign in: {ways}"
        raise UsageError(
            f"connection {connection.name} cannot be saved",
            why="; ".join(f"{one.key} {one.why}" if one.key else one.why for one in wrong),
            hint=hint,
        )
