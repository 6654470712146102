"""The shape of decisions about drivers, and of what a catalog says of drivers as a whole: see :mod:`.shape`."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads it
from typing import Annotated, Literal

from pydantic import Field

from manager.world.files.patterns import DISTRIBUTION, FULL_NAME, Filled, Identifier, PeriodText
from manager.world.files.strict import Shape


class DriversTable(Shape):
    """How drivers move: ``cool_down`` is how old a version has to be before it is proposed."""

    cool_down: PeriodText = "P7D"


class DriverDecisionFile(Shape):
    """``connectors/decisions/DATE-KIND-CONNECTOR.toml``: one decision about a connector's drivers; only ever added."""

    kind: Literal["hold", "unhold", "exception", "quarantine", "unquarantine", "suspend", "unsuspend"]
    subject: Identifier
    day: date
    reason: Filled
    by: Filled
    approved_by: Filled = ""
    dist: Annotated[str, Field(pattern=r"^$|" + DISTRIBUTION)] = ""
    until: date | None = None
    until_version: str = ""
    version: str = ""
    advisory: str = ""
    release: Annotated[str, Field(pattern=r"^$|" + FULL_NAME)] = ""
