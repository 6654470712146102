"""Starts and stops shipped sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.mirrors import index_for_builds, needs_login
from manager.app.sources import folder
from manager.core.containers import LABEL
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import StartSource, StopSource


def start(world: World, action: StartSource, progress: Progress) -> str:
    """Build the server's image, start it with a new password, wait until it is healthy; gives its name."""
    if not needs_login(world):
        world.compose.build(action.source, progress.say, index_for_builds(world))
    elif world.engine.images(world.names.filter("source") | {LABEL + "source": action.source}):
        progress.say("its image is taken as it is: building it again would need a login")
    else:
        raise Refused(
            f"the source {action.source} cannot be built here: the Debian mirror or the proxy wants a login",
            why="a build in a container keeps its arguments in the image's history, where anyone reads them",
            hint="name an apt mirror without a login in your own [mirror], or use a data source of your own",
        )
    world.compose.start(action.source, folder(world), progress.say)
    return action.source


def stop(world: World, action: StopSource, progress: Progress) -> None:
    """Remove the server with its data and its password."""
    world.compose.stop(action.source, folder(world), progress.say)
