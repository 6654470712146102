"""Connectors: the curated ways to kinds of data source, with their drivers and the sources that check them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.catalog import canonical_name

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Place
    from manager.core.checks import Demand, Known
    from manager.core.locks import Machine
    from manager.core.suites import Suite


# How a driver is asked which parameters it takes: the arguments of a callable, the keys of a mapping that it exports,
# libpq's own list, a query to an embedded database; or a list that people keep, where a driver cannot be asked.
Method = Literal["signature", "mapping", "libpq", "query", "curated"]


@dataclass(frozen=True, slots=True)
class Introspection:
    """How the contract of a driver is read, and what tells an answer from a hollow one.

    ``of`` are what is asked (``module:name``, or a query). ``sentinels`` are parameters that every version has, and
    ``floor`` how many any version has at least: an answer without them is an error, never a contract.
    """

    method: Method
    of: tuple[str, ...] = ()
    sentinels: tuple[str, ...] = ()
    floor: int = 1


@dataclass(frozen=True, slots=True)
class Driver:
    """A distribution that a connector is made of; ``dist`` may carry extras (``psycopg[binary]``).

    ``dsn`` names the form of keyword string that the driver's connect takes, if it takes one. ``tls_scheme`` stands in
    its URLs for ``url_scheme`` where the parameter ``ssl`` is true, for drivers that read TLS from nowhere else.
    ``redistributable`` is whether its licence lets an image with it be handed on. ``machines`` are those that it has
    wheels for; without any it is for all.
    """

    dist: str
    import_name: str
    role: Literal["driver", "dialect", "companion"] = "driver"
    main: bool = False
    url_scheme: str = ""
    tls_scheme: str = ""
    dsn: Literal["", "libpq"] = ""
    licence: str = ""
    redistributable: bool = True
    contract: Introspection | None = None
    machines: tuple[Machine, ...] = ()

    @property
    def name(self) -> str:
        """Give the distribution's name without its extras."""
        return self.dist.partition("[")[0]

    @property
    def requirement(self) -> str:
        """Give what a lock is resolved from (PEP 508): with a marker where not every machine gets it."""
        where = " or ".join(f"platform_machine == '{one}'" for one in self.machines)
        return f"{self.dist} ; {where}" if where else self.dist


@dataclass(frozen=True, slots=True)
class Parameter:
    """A canonical connection parameter and what the drivers call it.

    ``secure`` is the value that is offered first where the driver's own default is less safe; with ``secure_with``
    only where the values of those parameters begin so. Where it is given, those that it stands ``instead_of`` are not
    needed, and have no default.
    """

    name: str
    driver_name: str
    type: Literal["string", "integer", "boolean", "path"] = "string"
    required: bool = False
    secret: bool = False
    default: str = ""
    aliases: tuple[str, ...] = ()
    description: str = ""
    secure: str = ""
    secure_with: tuple[tuple[str, str], ...] = ()
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authentication:
    """A way to say who one is: which parameters it ``needs`` and which it ``sets``, both canonical.

    ``inside`` is whether it works in a container, as an environment is one; ``note`` says what it needs there.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    sets: tuple[tuple[str, str], ...] = ()
    inside: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day that a vendor has announced: what ends on it, for versions of the main driver ``below`` ("" for all)."""

    on: date
    what: str
    source: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A data source that checks run against: a service of ``compose/sources.yaml``, or an engine in the process.

    ``parameters`` are canonical ones and hold no secret; the password of a service is made at each start. ``service``
    is the source whose server this is: its own name, unless it reaches another's in a way of its own; "" for one that
    is ``embedded``. What is ``required`` has to verify a set before it is promoted. ``own`` is whether it is a person's
    own: Solvent neither starts nor stops it. ``tls_port`` is the port for TLS where that is another one, else 0.
    """

    name: str
    connector: str
    engine: str
    version: str
    kind: Literal["real", "emulated"]
    parameters: tuple[tuple[str, str], ...]
    suite: str = ""
    service: str = ""
    embedded: bool = False
    required: bool = True
    own: bool = False
    tls_port: int = 0

    def __post_init__(self) -> None:
        """A server is its own source's unless another is named."""
        if not self.service and not self.embedded:
            object.__setattr__(self, "service", self.name)


@dataclass(frozen=True, slots=True)
class ProbeDemand:
    """What a connector says of a probe, against what is usual: whether it has to pass, and why not."""

    probe: str
    demand: Demand
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Connector:
    """A curated way to one kind of data source.

    ``not_run`` says why nothing of it can be checked against a server here, where that is so; "" otherwise. ``known``
    are failures of its probes that have a reason, ``demands`` what it says of probes otherwise than is usual. ``suite``
    is what SQLAlchemy's is told of its dialect; without one that is not asked.
    """

    id: str
    title: str
    kind: str
    tier: Literal["core", "supported", "community"]
    owners: tuple[str, ...]
    drivers: tuple[Driver, ...]
    parameters: tuple[Parameter, ...]
    sources: tuple[Source, ...]
    url_template: str
    place: Place
    licence: str = ""
    state: Literal["active", "suspended"] = "active"
    system_packages: tuple[str, ...] = ()
    authentication: tuple[Authentication, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    not_run: str = ""
    known: tuple[Known, ...] = ()
    demands: tuple[ProbeDemand, ...] = ()
    suite: Suite | None = None

    @property
    def main_driver(self) -> Driver:
        """Give the driver whose version stands for the connector's."""
        return next(driver for driver in self.drivers if driver.main)

    @property
    def distributions(self) -> tuple[str, ...]:
        """Name everything that moves with it, as the index compares names: drivers, dialects, other companions."""
        return tuple(dict.fromkeys(canonical_name(driver.name) for driver in self.drivers))

    @property
    def redistributable(self) -> bool:
        """Say whether an image with all of its drivers may be handed on."""
        return all(driver.redistributable for driver in self.drivers)
