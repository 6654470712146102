"""Prepares this machine: packages of the distribution, and the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import InstallPackages


def install(world: World, action: InstallPackages, progress: Progress) -> None:
    """Install packages, by the mirror of the settings; raises Failed with the package manager's last lines.

    A machine is prepared before any catalog has a say.
    """
    from manager.app.mirrors import opened
    from manager.world.host import install

    install(action.packages, progress.say, reach=opened(world.settings.mirror, "apt"))


def start_engine(world: World, progress: Progress) -> int:
    """Start the engine and wait until it answers; gives the daemon's process id."""
    from manager.world.host import EnginePlace, start_engine

    return start_engine(EnginePlace(log=world.settings.state_dir / "dockerd.log"), progress.say)
