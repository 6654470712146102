"""What is remembered of workspaces: when one was last used, and how large it was when it was measured.

All of it is evidence for a list and a warning, so nothing here makes a command fail.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from manager.core.containers import LABEL
from manager.core.observed import Usage
from manager.core.workspaces import CREATED
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.world import World
    from manager.core.observed import Container, Volume


def used(world: World, container: Container) -> Volume | None:
    """Remember that an environment's workspace is used now; gives its volume, if there is one."""
    label = container.labels
    owner, workspace = label.get(LABEL + "owner", ""), label.get(LABEL + "workspace", "")
    if not workspace:
        return None
    return touched(world, world.names.workspace(owner, workspace))


def touched(world: World, name: str, origin: str = "") -> Volume | None:
    """Remember that a workspace's volume is used now, and the repository that it was cloned from; gives the volume."""
    with suppress(ManagerError):
        volume = world.engine.volume(name)
        if volume is not None:
            made = volume.labels.get(CREATED, "")
            world.store.keep_usage(Usage(volume.name, made, used=world.clock.now(), origin=origin))
        return volume
    return None


def left(world: World, container: str) -> None:
    """Remember, after an environment has stopped, that its workspace was used till now and how much it holds."""
    with suppress(ManagerError):
        found = world.engine.container(container)
        if found is not None and (volume := used(world, found)):
            measured(world, (volume,))


def measured(world: World, volumes: Iterable[Volume]) -> tuple[Usage, ...]:
    """Measure volumes and remember it; gives nothing where the engine does not tell in time."""
    wanted = {one.name: one.labels.get(CREATED, "") for one in volumes}
    if not wanted:
        return ()
    try:
        sizes = world.engine.volume_sizes()
    except ManagerError:
        return ()
    now = world.clock.now()
    found = tuple(Usage(name, wanted[name], size, now) for name, size in sizes if name in wanted)
    with suppress(ManagerError):
        for one in found:
            world.store.keep_usage(one)
    return found
