"""Hands connections' files to an environment that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import deliveries
from manager.app.steps.containers import claim
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import DeliverConnections


def deliver(world: World, action: DeliverConnections, progress: Progress) -> None:
    """Replace the files of connections; raises Refused when it was stopped meanwhile or another command has it."""
    claim(world, action.container, action.environment)
    try:
        container = world.engine.container(action.container)
        if container is None or container.state != "running":
            raise Refused(
                f"{action.environment} does not run any more", hint=f"start it:  solvent env start {action.environment}"
            )
        progress.say("secrets")
        deliveries.hand_over(world, action.container, action.connections)
    finally:
        world.claims.release(action.container)
