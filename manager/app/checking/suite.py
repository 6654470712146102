"""SQLAlchemy's dialect suite in a cell: whether it is asked there, what it is told, and the harness that it runs on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from manager.app import harness
from manager.core.containers import Mount
from manager.core.suites import told
from manager.core.systems import declared
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.checks import Attempt, Cell
    from manager.core.connectors import Connector

PROBE = "suite.dialect"
_PLACE = "/opt/solvent/harness"
# For three attempts of a suite that fails on a busy machine, beside what the other probes take.
_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Lent:
    """What a sandbox gets for the suite: words of its request, mounts, and seconds besides those that it has anyway.

    ``lacking`` says why it has no harness.
    """

    words: dict[str, Any] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    lacking: str = ""
    seconds: int = 0

    def instead(self, attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
        """Where the harness could not be had, whether the suite passes could not be told, and is not left out."""
        if not self.lacking:
            return attempts
        reason = f"the harness could not be installed: {self.lacking}"
        return tuple(
            replace(one, outcome="error", reason=reason, signature="") if one.probe == PROBE else one
            for one in attempts
        )


def lent(world: World, cell: Cell, connector: Connector, release: Release, request: dict[str, Any]) -> Lent:
    """Give what the suite needs in a cell, of which ``request`` is what the probes are told besides.

    Nothing where the connector does not speak of it, or of this driver; nor where it has no dialect or the source lets
    no database be made: it is unsupported there, whether the harness can be had or not.
    """
    if not request["scheme"] or "fresh-database" not in request["source"]["capabilities"]:
        return Lent()
    said = connector.suite
    if said is None or (said.drivers and cell.driver not in said.drivers):
        return Lent()
    try:
        tree = harness.tree(world, release.python)
    except (Failed, Unreachable) as error:
        return Lent(lacking=error.sentence)
    words = {"harness": [_PLACE], **told(said, cell.driver, cell.source, world.today, declared(release.system))}
    return Lent(words, (Mount(str(tree), _PLACE, read_only=True, kind="bind"),), seconds=_SECONDS)
