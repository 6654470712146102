"""Shows environments: what the engine says, joined with the stage that the catalog gives on the day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manager.app.views import EnvironmentView
from manager.core import planner
from manager.core.delivery import PLACE
from manager.errors import ManagerError

if TYPE_CHECKING:
    from manager.app.manager import Manager
    from manager.core.environments import Environment
    from manager.core.lifecycle import Stage

_READY = re.compile(r"ready in ([\d.]+) s")


def listed(manager: Manager, *, everyone: bool) -> tuple[EnvironmentView, ...]:
    """List environments by owner and name; without ``everyone`` only this person's."""
    observed = manager.observe()
    planner.readable(observed)
    return tuple(
        EnvironmentView(one, _stage(manager, one))
        for one in observed.environments
        if everyone or one.owner == manager.settings.owner
    )


def shown(manager: Manager, name: str, *, url: bool) -> EnvironmentView:
    """Show one of this person's environments, with its URL while it runs."""
    one = planner.chosen(manager.observe(), name, manager.settings.owner)
    address = _url(manager, one) if url and one.state == "running" else ""
    return EnvironmentView(one, _stage(manager, one), address, _ready_seconds(manager, one))


def _url(manager: Manager, environment: Environment) -> str:
    """Read the token where it lives, in the container's tmpfs: it is kept nowhere else."""
    launch = manager.catalog.family(environment.family).launch
    answer = manager.engine.exec(environment.container, ("cat", f"{PLACE}/token"), timeout=10)
    token = answer.stdout.decode().strip()
    if answer.code != 0 or not token:
        return ""
    return f"http://127.0.0.1:{environment.port}{launch.page}?token={token}"


def _ready_seconds(manager: Manager, environment: Environment) -> float | None:
    """Find the seconds of the latest start in the history; None for one that this database did not see."""
    try:
        entries = manager.store.history(limit=20, target=environment.name)
    except ManagerError:
        return None
    found = (
        match
        for entry in entries
        if entry.kind == "start environment" and entry.who == environment.owner and entry.at >= environment.created
        if (match := _READY.fullmatch(entry.after))
    )
    match = next(found, None)
    return float(match[1]) if match else None


def _stage(manager: Manager, environment: Environment) -> Stage | None:
    release = next((one for one in manager.catalog.releases if one.name == environment.release), None)
    return release.stage(manager.today) if release else None
