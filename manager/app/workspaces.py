"""Shows workspaces: the volumes that hold people's files, and who uses them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.views import WorkspaceView
from manager.core.catalog import did_you_mean
from manager.core.containers import LABEL
from manager.core.observed import readable
from manager.core.workspaces import plan_remove_workspace
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.plan import Plan


def plan_remove(world: World, name: str) -> Plan:
    """Plan to delete one of this person's workspaces."""
    owner = world.settings.owner
    return plan_remove_workspace(world.observe(), owner, name, names=world.names, today=world.today)


def listed(world: World) -> tuple[WorkspaceView, ...]:
    """List this person's workspaces by name."""
    observed = world.observe()
    readable(observed)
    owner = world.settings.owner
    views = []
    for volume in observed.volumes:
        label = {key.removeprefix(LABEL): value for key, value in volume.labels.items()}
        if (label.get("realm"), label.get("kind"), label.get("owner")) != (world.names.realm, "workspace", owner):
            continue
        name = label.get("workspace", volume.name)
        users = tuple(e.name for e in observed.environments if (e.owner, e.workspace) == (owner, name))
        views.append(WorkspaceView(name, owner, volume.name, users, volume.created))
    return tuple(sorted(views, key=lambda view: view.name))


def shown(world: World, name: str) -> WorkspaceView:
    """Show one workspace; raises UsageError with a suggestion."""
    views = {view.name: view for view in listed(world)}
    if name not in views:
        raise UsageError(f"no workspace {name!r}", hint=did_you_mean(name, list(views)))
    return views[name]
