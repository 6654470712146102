"""Starts and stops shipped sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.sources import folder

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import StartSource, StopSource


def start(world: World, action: StartSource, progress: Progress) -> str:
    """Build the server's image, start it with a new password, wait until it is healthy; gives its name."""
    world.compose.build(action.source, progress.say)
    world.compose.start(action.source, folder(world), progress.say)
    return action.source


def stop(world: World, action: StopSource, progress: Progress) -> None:
    """Remove the server with its data and its password."""
    world.compose.stop(action.source, folder(world), progress.say)
