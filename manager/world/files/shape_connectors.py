"""The shape of connectors and of connections for everybody: see :mod:`.shape`."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads it
from typing import Annotated, Literal

from pydantic import Field

from manager.core.names import IDENTIFIER
from manager.world.files.patterns import ADDRESS, DISTRIBUTION, MODULE, PACKAGE, Filled, Identifier, Scalar
from manager.world.files.strict import Shape


class IntrospectionTable(Shape):
    """How a driver's contract is read; ``curated`` where it cannot be asked."""

    method: Literal["signature", "mapping", "libpq", "query", "curated"]
    of: list[Filled] = []
    sentinels: Annotated[list[Filled], Field(min_length=1)]
    floor: Annotated[int, Field(ge=1)]


class DriverTable(Shape):
    """A distribution that a connector is made of; one of them is ``main``."""

    dist: Annotated[str, Field(pattern=DISTRIBUTION)]
    import_: Annotated[str, Field(alias="import", pattern=MODULE)]
    role: Literal["driver", "dialect", "companion"] = "driver"
    main: bool = False
    url_scheme: str = ""
    tls_scheme: str = ""
    dsn: Literal["", "libpq"] = ""
    licence: str = ""
    redistributable: bool = True
    contract: IntrospectionTable | None = None
    machines: list[Literal["x86_64", "aarch64"]] = []


class ParameterTable(Shape):
    """A canonical connection parameter; ``driver_name`` is its own name where it is left out."""

    name: Identifier
    driver_name: str = ""
    type: Literal["string", "integer", "boolean", "path"] = "string"
    required: bool = False
    secret: bool = False
    default: Scalar = ""
    aliases: list[Identifier] = []
    description: str = ""
    secure: Scalar = ""
    secure_with: dict[Identifier, Filled] = {}
    instead_of: list[Identifier] = []


class AuthenticationTable(Shape):
    """A way to say who one is, by canonical parameters."""

    name: Identifier
    title: Filled
    needs: list[Identifier] = []
    sets: dict[Identifier, Scalar] = {}
    inside: bool = True
    note: str = ""


class DeadlineTable(Shape):
    """A day that a vendor has announced, with where it says so."""

    on: date
    what: Filled
    source: Annotated[str, Field(pattern=ADDRESS)]
    below: str = ""


class SourceTable(Shape):
    """A data source that checks run against; its parameters are canonical and hold no secret."""

    name: Identifier
    engine: Identifier
    version: Filled
    kind: Literal["real", "emulated"]
    suite: Annotated[str, Field(pattern=r"^$|" + IDENTIFIER)] = ""
    service: Annotated[str, Field(pattern=r"^$|" + IDENTIFIER)] = ""
    embedded: bool = False
    required: bool = True
    tls_port: Annotated[int, Field(ge=0, le=65535)] = 0
    parameters: dict[Identifier, Scalar] = {}


class ProbeTable(Shape):
    """What is asked of a probe otherwise than is usual; ``reason`` says why one is not required."""

    id: Identifier
    demand: Literal["required", "optional", "unsupported"]
    reason: str = ""


class KnownTable(Shape):
    """A failure of a probe that is known until a day, inclusive; of all drivers, sources and systems by default.

    With ``versions``, as PEP 440's specifiers, only of these versions of the driver; with ``systems`` only in releases
    that stand on one of them; with a ``signature``, in which ``*`` stands for anything, only one that looks so.
    """

    probe: Identifier
    reason: Filled
    until: date
    driver: str = ""
    sources: list[Identifier] = []
    signature: Annotated[str, Field(max_length=200)] = ""
    versions: str = ""
    systems: list[Identifier] = []


class ConnectorFile(Shape):
    """``connectors/*/connector.toml``: a curated way to one kind of data source."""

    id: Identifier
    title: Filled
    kind: Filled
    tier: Literal["core", "supported", "community"]
    owners: Annotated[list[Filled], Field(min_length=1)]
    licence: str = ""
    state: Literal["active", "suspended"] = "active"
    url_template: str
    system_packages: list[Annotated[str, Field(pattern=PACKAGE)]] = []
    not_run: str = ""
    driver: Annotated[list[DriverTable], Field(min_length=1)]
    parameter: list[ParameterTable] = []
    authentication: list[AuthenticationTable] = []
    deadline: list[DeadlineTable] = []
    source: list[SourceTable] = []
    probe: list[ProbeTable] = []
    known: list[KnownTable] = []


class RequirementsTable(Shape):
    """Requirements of SQLAlchemy's suite that hold (``open``) or do not, where its defaults say otherwise."""

    open: list[Identifier] = []
    closed: list[Identifier] = []


class ExpectedTable(Shape):
    """Tests that are expected to fail until a day, inclusive; ``*`` in ``test`` stands for anything."""

    test: Filled
    reason: Filled
    until: date
    drivers: list[Filled] = []
    sources: list[Identifier] = []
    systems: list[Identifier] = []


class SuiteFile(Shape):
    """``connectors/*/suite.toml``: what SQLAlchemy's dialect suite is told of a connector's dialect."""

    drivers: list[Filled] = []
    keys: Literal["", "sequences"] = ""
    requirements: RequirementsTable = Field(default_factory=RequirementsTable)
    expected: list[ExpectedTable] = []


class SharedTable(Shape):
    """A connection for everybody; ``needs`` are what each person brings, such as their password."""

    name: Annotated[str, Field(pattern=IDENTIFIER, max_length=40)]
    connector: Identifier
    owner: Filled
    description: str = ""
    source: Annotated[str, Field(pattern=r"^$|" + IDENTIFIER)] = ""
    network: str = ""
    needs: list[Identifier] | None = None
    parameters: dict[Identifier, Scalar] = {}


class ConnectionsFile(Shape):
    """``connectors/connections.toml``: connections that the catalog gives to everybody, without secrets."""

    connection: list[SharedTable] = []
