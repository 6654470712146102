"""Connections that a catalog gives to everybody, and how each person's own references complete them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.connections import Connection
from manager.core.signing_in import replaced
from manager.core.slots import slots_of
from manager.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from manager.core.catalog import Place
    from manager.core.connectors import Connector


@dataclass(frozen=True, slots=True)
class SharedConnection:
    """A connection in a catalog, without secrets; ``needs`` are the parameters that each person brings.

    All names are canonical. It is reached through a shipped ``source``'s network, or the engine's ``network``.
    """

    name: str
    connector: str
    parameters: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]
    place: Place
    source: str = ""
    network: str = ""
    description: str = ""
    owner: str = ""


def usual_needs(connector: Connector, given: Collection[str], source: str) -> tuple[str, ...]:
    """Give what a person brings where the file does not say: what is required and not given, and the password.

    A shipped source's password is there while it runs, so nobody brings it.
    """
    password = "" if source else slots_of(connector).authority[1]
    given = {*given, *replaced(connector, given)}
    return tuple(
        one.name
        for one in connector.parameters
        if one.name not in given and ((one.required and not one.default) or (one.secret and one.name == password))
    )


def complete(shared: SharedConnection, own: Connection | None) -> Connection:
    """Join a shared connection with what a person keeps for it; what the catalog says counts."""
    mine = own or Connection(shared.name, "")
    return Connection(
        name=shared.name,
        connector=shared.connector,
        parameters=tuple(sorted((dict(mine.parameters) | dict(shared.parameters)).items())),
        secrets=mine.secrets,
        source=shared.source,
        network=shared.network or ("" if shared.source else mine.network),
        shared=shared,
    )


def taken_over(shared: SharedConnection, own: Connection) -> tuple[str, ...]:
    """Name what a person's completion says although the catalog says it already."""
    fixed = [name for name, _ in (*own.parameters, *own.secrets) if name in dict(shared.parameters)]
    return (*fixed, "network") if own.network and (shared.network or shared.source) else tuple(fixed)


def check_complete(connector: Connector, connection: Connection) -> None:
    """Raise Refused for a shared connection to which a person has not brought everything; the hint is the command."""
    if not connection.missing or connection.shared is None:
        return
    secret = {one.name for one in connector.parameters if one.secret}
    words = [f"--secret {name}=env:VARIABLE" if name in secret else f"--set {name}=..." for name in connection.missing]
    kept = bool(connection.secrets or set(dict(connection.parameters)) - set(dict(connection.shared.parameters)))
    first = f"solvent connection remove {connection.name}  and then  " if kept else ""
    raise Refused(
        f"connection {connection.name} lacks your {' and your '.join(connection.missing)}",
        why=f"{connection.shared.place}  the catalog shares it without; each person brings their own",
        hint=f"{first}solvent connection add {connection.name} {' '.join(words)}",
        where=str(connection.shared.place),
    )
