"""What an environment asks of the engine before anything is made: processors, and the networks that it joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.actions import MakeNetwork
from manager.core.amounts import many
from manager.core.containers import LABEL
from manager.core.observed import EngineInfo
from manager.core.plan import Step
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.core.environments import LaunchRequest
    from manager.core.names import Names
    from manager.core.observed import Observed


def affordable(observed: Observed, request: LaunchRequest) -> None:
    """Raise Refused for more processors than the engine has: it would refuse the container itself, much later."""
    there = observed.engine.cpus if isinstance(observed.engine, EngineInfo) else 0
    if there and request.cpus > there:
        raise Refused(
            f"the engine has {many(there, 'processor')}, and {request.cpus:g} are asked for",
            hint=f"ask for fewer:  --cpus {there}   or see the setting:  solvent config show",
        )


def networks(observed: Observed, names: Names, wanted: tuple[str, ...]) -> list[Step]:
    """Plan the network that environments publish their ports through; raise Refused when another one is missing."""
    there = {network.name: network for network in observed.networks}
    for network in wanted:
        if network == names.sources and network not in there:
            raise Refused(
                f"there is no network {network}",
                why="the source of a connection is reached through it, and does not run",
                hint="start it:  solvent source list,  solvent source start NAME",
            )
        if network != names.network and network not in there:
            raise Refused(
                f"there is no network {network}",
                why="a connection names it as the way to its data source",
                hint="see what the engine has:  docker network ls",
            )
    if names.network not in there:
        return [
            Step(
                id=f"network:{names.network}",
                kind="create network",
                target=names.network,
                cause="environments publish their ports through it",
                do=MakeNetwork(names.network, names.labels("network")),
            )
        ]
    if there[names.network].labels.get(LABEL + "realm") != names.realm:
        raise Refused(
            f"a network named {names.network} exists and is not Solvent's",
            why="it carries no label of ours, so it is never used or changed",
            hint="remove it, or set another realm:  solvent config show",
        )
    return []
