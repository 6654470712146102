"""A person's own sources: saved connections that checks may use, and what is allowed there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from manager.core.catalog import did_you_mean
from manager.core.check_words import called
from manager.core.connectors import Source
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.connections import Connection
    from manager.core.connectors import Connector

Able = Literal["fresh-database", "schema-only", "read-only"]
May = Literal["may_kill", "may_restart"]
ABLE: tuple[Able, ...] = get_args(Able)
MAY: tuple[May, ...] = get_args(May)
# Parameters that the probes are told, and those that change nothing of what they ask.
_WORDS = ("host", "port", "database", "user", "driver")
_ASIDE = ("connect_timeout", "application_name", "charset", "read_timeout", "write_timeout")
# What probes do without being told: check certificates, and sign in to MongoDB at admin.
_ANYWAY = {"verify_certs": "true", "auth_source": "admin"}
# sslmode of libpq that each driver can be told; with the others a driver takes what it is offered, as it does unasked.
_TLS = ("disable", "require", "verify-full")
_UNASKED = ("allow", "prefer")


@dataclass(frozen=True, slots=True)
class OwnSource:
    """A saved connection that checks may use.

    ``able`` is where something may be made: in a database that is made for it, in the one ``schema``, or nowhere.
    ``may`` are what else is allowed. ``saved`` is whether the connection was saved with it, and goes with it.
    """

    name: str
    connection: str
    engine: str
    version: str = ""
    able: Able = "read-only"
    may: tuple[May, ...] = ()
    schema: str = ""
    saved: bool = False

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Give the words that say which probes are asked."""
        return (self.able, *self.may)

    def source(self, connector: str) -> Source:
        """Give it as checks know sources: real, and no promotion waits for it."""
        return Source(self.name, connector, self.engine, self.version, "real", (), required=False, own=True)


def allowed(words: Iterable[str], schema: str) -> tuple[Able, tuple[May, ...]]:
    """Read capabilities; raises UsageError for unknown ones, for two that exclude each other, and for a lost schema."""
    given = tuple(dict.fromkeys(words))
    for word in given:
        if word not in (*ABLE, *MAY):
            known = ", ".join((*ABLE, *MAY))
            raise UsageError(f"no capability {word!r}", why=f"known: {known}", hint=did_you_mean(word, [*ABLE, *MAY]))
    able = [one for one in ABLE if one in given]
    if len(able) > 1:
        raise UsageError(f"{' and '.join(able)} exclude each other", hint=f"name one of {', '.join(ABLE)}")
    if able == ["schema-only"] and not schema:
        raise UsageError("schema-only is of one schema", hint="--schema NAME")
    if schema and able != ["schema-only"]:
        raise UsageError("--schema is for a source of which one schema is allowed", hint="--able schema-only")
    return (able[0] if able else "read-only"), tuple(one for one in MAY if one in given)


def engine_of(connector: Connector, named: str) -> str:
    """Give the engine of a source: the one that is named, else the one that the connector is for.

    Raises UsageError where it is for several.
    """
    engines = list(dict.fromkeys(one.engine for one in connector.sources))
    if named or not engines:
        return named or connector.id
    if len(engines) > 1:
        raise UsageError(f"{connector.id} is for several engines", hint=f"--engine {'  or  --engine '.join(engines)}")
    return engines[0]


def carried(connector: Connector, connection: Connection) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """Give what probes are told of a connection, the file of its authority, and what they cannot be told.

    What a driver is to check of a server's certificate is never left out silently: it stands among the last.
    """
    values = {one.name: one.default for one in connector.parameters if one.name == "port" and one.default}
    values = called(values | dict(connection.parameters))
    values = {name: value for name, value in values.items() if _ANYWAY.get(name) != value}
    words = {name: values.pop(name) for name in _WORDS if name in values}
    for name in _ASIDE:
        values.pop(name, None)
    authority = ""
    mode = values.pop("sslmode", "")
    if mode in _TLS:
        words["tls"] = mode
    elif mode and mode not in _UNASKED:
        values["sslmode"] = mode
    if switch := values.pop("ssl", "") or values.pop("tls", ""):
        # Redis and MongoDB: whoever asks for TLS has chain and name checked.
        words["tls"] = "verify-full" if switch == "true" else "disable"
    if connector.main_driver.url_scheme == "https":
        # Elasticsearch: in the clear it would be another server, and the password would go there.
        words["tls"] = "verify-full"
    for name in ("sslrootcert", "ssl_ca", "ssl_ca_certs", "tls_ca_file", "ca_certs"):
        if values.get(name, "system") != "system":
            authority = values.pop(name)
            # Only libpq checks no name as soon as it has an authority.
            words.setdefault("tls", "require" if name == "sslrootcert" else "verify-full")
    if words.get("tls") == "verify-full" and not authority:
        values.setdefault("sslrootcert", "")
    values.pop("ssl_verify_identity", None)
    left = (*values, *(name for name, _ in connection.secrets if name != "password"))
    return words, authority, tuple(sorted(left))
