"""Connectors: the curated ways to kinds of data source, with their drivers and the sources that check them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from manager.core.catalog import Place


@dataclass(frozen=True, slots=True)
class Driver:
    """A distribution that a connector is made of; ``dist`` may carry extras (``psycopg[binary]``).

    ``dsn`` names the form of keyword string that the driver's connect takes, if it takes one.
    """

    dist: str
    import_name: str
    role: Literal["driver", "dialect", "companion"] = "driver"
    main: bool = False
    url_scheme: str = ""
    dsn: Literal["", "libpq"] = ""

    @property
    def name(self) -> str:
        """Give the distribution's name without its extras."""
        return self.dist.partition("[")[0]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A canonical connection parameter and what the drivers call it."""

    name: str
    driver_name: str
    type: Literal["string", "integer", "boolean", "path"] = "string"
    required: bool = False
    secret: bool = False
    default: str = ""
    aliases: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A data-source server that checks run against; shipped ones are services of ``compose/sources.yaml``.

    ``parameters`` are canonical ones and hold no secret; the password of a shipped source is made at each start.
    """

    name: str
    connector: str
    engine: str
    version: str
    kind: Literal["real", "emulated"]
    parameters: tuple[tuple[str, str], ...]
    suite: str = ""


@dataclass(frozen=True, slots=True)
class Connector:
    """A curated way to one kind of data source."""

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

    @property
    def main_driver(self) -> Driver:
        """Give the driver whose version stands for the connector's."""
        return next(driver for driver in self.drivers if driver.main)
