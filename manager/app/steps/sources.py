"""Starts and stops shipped sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.sources import folder

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.manager import Manager
    from manager.core.actions import StartSource, StopSource


def start(manager: Manager, action: StartSource, progress: Progress) -> str:
    """Build the server's image, start it with a new password, wait until it is healthy; gives its name."""
    manager.compose.build(action.source, progress.say)
    manager.compose.start(action.source, folder(manager), progress.say)
    return action.source


def stop(manager: Manager, action: StopSource, progress: Progress) -> None:
    """Remove the server with its data and its password."""
    manager.compose.stop(action.source, folder(manager), progress.say)
