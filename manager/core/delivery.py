"""What an environment is given for a connection: URL, keyword string, files.

Inside an environment, ``/run/solvent/connections/NAME/`` holds (each file readable by the user only, UTF-8, no
newline at the end):

    url                 the SQLAlchemy URL of the connector's main driver, secrets included
    dsn                 the same as a libpq keyword string, where the driver takes one
    parameters.json     {"connector", "driver", "parameters"} under canonical names, without secrets
    secrets/password    each secret by its canonical name

so that ``sqlalchemy.create_engine(Path("/run/solvent/connections/warehouse/url").read_text())`` and
``psycopg.connect(Path("/run/solvent/connections/warehouse/dsn").read_text())`` are enough in a notebook.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from manager.core.signing_in import replaced
from manager.core.slots import DIVIDED, TLS, slots_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager.core.connections import Connection
    from manager.core.connectors import Connector, Driver, Parameter
    from manager.core.secrets import Secret

PLACE = "/run/solvent"
_TRUE = {"true", "yes", "on", "1"}
# What every version of SQLAlchemy reads back from a URL's host or path as it stands: 1.4 and 2.0 do not decode these
# places, and 2.1 does. A value beyond this goes to the query, which all of them decode; not every dialect takes it from
# there (that of SQL Server writes an empty Database before it), so as little as possible does.
_PLAIN = re.compile(r"[^/?#%@\s](?:[^/?#%@]*[^/?#%@\s])?")
# The last part of a path may have parts of its own, as files have. Where there is no host, it is a file of an
# embedded database, which is read nowhere else, and as it stands: by SQLAlchemy up to the question mark.
_PLAIN_PATH = re.compile(r"[^?#%@\s](?:[^?#%@]*[^?#%@\s])?")
_FILE = re.compile(r"[^?#%]+")
_ADDRESS = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a connection: ``path`` relative to :data:`PLACE`; the content may be a secret and is not shown."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o600


def url(connector: Connector, driver: Driver, connection: Connection, revealed: Mapping[str, Secret]) -> str:
    """Give the SQLAlchemy URL for a driver, secrets in clear; any character in any part is read back as it is."""
    values = {parameter.name: value for parameter, value in _effective(connector, connection, revealed)}
    slots = slots_of(connector)
    user_slot, password_slot, host_slot, port_slot = slots.authority
    placed: set[str] = set()

    def take(name: str) -> str:
        placed.add(name)
        return values.get(name, "")

    # Where the scheme says whether there is TLS, no query does.
    secure = bool(driver.tls_scheme) and take(TLS).lower() in _TRUE
    text = f"{driver.tls_scheme if secure else driver.url_scheme}://"
    # SQLAlchemy reads a password only after a user.
    if user := take(user_slot):
        text += quote(user, safe="")
        if password := take(password_slot):
            text += ":" + quote(password, safe="")
        text += "@"
    if _ADDRESS.fullmatch(values.get(host_slot, "")):
        host = take(host_slot)
        text += f"[{host}]" if ":" in host else host
        if port := take(port_slot):
            text += f":{int(port)}"
    text += "/"
    segments = []
    for name in slots.path:
        last = _PLAIN_PATH if host_slot else _FILE
        value = values.get(name, "")
        # What looks like a parameter is not read back from here.
        if not (last if name == slots.path[-1] else _PLAIN).fullmatch(value) or (
            host_slot and re.search(DIVIDED, value)
        ):
            break
        segments.append(take(name))
    text += "/".join(segments)
    query = [
        f"{quote(parameter.driver_name, safe='')}={quote(values[parameter.name], safe='')}"
        for parameter in connector.parameters
        if parameter.name in values and parameter.name not in placed
    ]
    return text + ("?" + "&".join(query) if query else "")


def dsn(connector: Connector, connection: Connection, revealed: Mapping[str, Secret]) -> str:
    """Give a libpq keyword string, each value quoted as its documentation says ("Connection Strings")."""
    return " ".join(
        f"{parameter.driver_name}='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        for parameter, value in _effective(connector, connection, revealed)
    )


def delivery(connector: Connector, connection: Connection, revealed: Mapping[str, Secret]) -> tuple[File, ...]:
    """Give the files that an environment gets; this module's docstring is the convention."""
    folder = f"connections/{connection.name}"
    main = connector.main_driver
    shown = {
        "connector": connector.id,
        "driver": main.import_name,
        "parameters": {
            parameter.name: _typed(parameter, value)
            for parameter, value in _effective(connector, connection, {})
            if not parameter.secret
        },
    }
    files = [File(f"{folder}/url", url(connector, main, connection, revealed).encode())]
    if main.dsn == "libpq":
        files.append(File(f"{folder}/dsn", dsn(connector, connection, revealed).encode()))
    files.append(File(f"{folder}/parameters.json", json.dumps(shown, indent=2, ensure_ascii=False).encode()))
    files += [File(f"{folder}/secrets/{name}", secret.reveal().encode()) for name, secret in revealed.items()]
    return tuple(files)


def _effective(
    connector: Connector, connection: Connection, revealed: Mapping[str, Secret]
) -> list[tuple[Parameter, str]]:
    """Give each parameter that has a value, in the connector's order: the connection's, else the default."""
    given = dict(connection.parameters)
    unknown = given.keys() | revealed.keys()
    gone = replaced(connector, unknown)
    values: list[tuple[Parameter, str]] = []
    for parameter in connector.parameters:
        value = given.get(parameter.name, "" if parameter.name in gone else parameter.default)
        if parameter.name in revealed:
            value = revealed[parameter.name].reveal()
            if parameter.type == "path":
                value = f"{PLACE}/connections/{connection.name}/secrets/{parameter.name}"
        if value:
            values.append((parameter, value))
        unknown -= {parameter.name}
    if unknown:
        raise ValueError(f"connector {connector.id} has no parameters {sorted(unknown)}")
    return values


def _typed(parameter: Parameter, value: str) -> str | int | bool:
    if parameter.type == "integer":
        return int(value)
    if parameter.type == "boolean":
        return value.lower() in _TRUE
    return value
