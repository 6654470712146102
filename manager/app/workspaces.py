"""Shows workspaces: the volumes that hold people's files, how much, and who uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import usage
from manager.app.views import WorkspaceView
from manager.core.catalog import did_you_mean
from manager.core.containers import LABEL
from manager.core.observed import readable
from manager.core.takeover import state
from manager.core.workspaces import latest, made, owned, plan_remove_workspace, usage_of
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.observed import Observed, Usage, Volume
    from manager.core.plan import Plan


def plan_remove(world: World, name: str) -> Plan:
    """Plan to delete one of this person's workspaces."""
    owner = world.settings.owner
    return plan_remove_workspace(world.observe(), owner, name, names=world.names, today=world.today)


def listed(world: World) -> tuple[WorkspaceView, ...]:
    """List this person's workspaces by name, measured now, or as they were measured where the engine takes too long."""
    observed = world.observe()
    readable(observed)
    mine = owned(observed, world.names, world.settings.owner)
    sizes = {one.volume: one for one in usage.measured(world, mine)}
    views = (_view(world, observed, one, sizes.get(one.name)) for one in mine)
    return tuple(sorted(views, key=lambda view: view.name))


def shown(world: World, name: str) -> WorkspaceView:
    """Show one workspace; raises UsageError with a suggestion."""
    views = {view.name: view for view in listed(world)}
    if name not in views:
        raise UsageError(f"no workspace {name!r}", hint=did_you_mean(name, list(views)))
    return views[name]


def has(world: World, name: str) -> bool:
    """Say whether this person's workspace is on the engine; its size costs time and is not asked for."""
    observed = world.observe()
    readable(observed)
    mine = owned(observed, world.names, world.settings.owner)
    return any(one.labels.get(LABEL + "workspace", one.name) == name for one in mine)


def _view(world: World, observed: Observed, volume: Volume, now: Usage | None) -> WorkspaceView:
    name, owner = volume.labels.get(LABEL + "workspace", volume.name), world.settings.owner
    users = tuple(one for one in observed.environments if (one.owner, one.workspace) == (owner, name))
    known = usage_of(observed, volume)
    size = now or known
    return WorkspaceView(
        name=name,
        owner=owner,
        volume=volume.name,
        users=users,
        created=made(volume),
        size=size.size,
        measured=size.measured,
        used=latest(known, users, world.clock.now()),
        origin="" if state(known.origin) else known.origin,
        budget=world.settings.workspace_budget_bytes,
    )
