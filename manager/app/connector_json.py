"""What a connector's file says of licences, ways to sign in, deadlines and checks, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.locks import MACHINES

if TYPE_CHECKING:
    from manager.core.connectors import Connector


def said_json(connector: Connector) -> dict[str, Any]:
    """Give the keys of a connector that come from its file alone; what it does not say is null or empty."""
    return {
        "licence": connector.licence or None,
        "redistributable": connector.redistributable,
        "drivers": [
            {
                "distribution": one.dist,
                "role": one.role,
                "main": one.main,
                "licence": one.licence or None,
                "redistributable": one.redistributable,
                "machines": list(one.machines or MACHINES),
            }
            for one in connector.drivers
        ],
        "system_packages": list(connector.system_packages),
        "authentication": [
            {
                "name": one.name,
                "title": one.title,
                "needs": list(one.needs),
                "sets": dict(one.sets),
                "inside": one.inside,
                "note": one.note or None,
            }
            for one in connector.authentication
        ],
        "deadlines": [
            {"on": one.on.isoformat(), "what": one.what, "source": one.source, "below": one.below or None}
            for one in connector.deadlines
        ],
        "not_run": connector.not_run or None,
    }
