"""The volumes that hold people's files and settings: whose they are, making them, and deleting a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.actions import MakeVolume, RemoveVolume
from manager.core.amounts import show_size
from manager.core.catalog import did_you_mean
from manager.core.containers import LABEL
from manager.core.observed import Usage, readable
from manager.core.plan import Plan, Step, fingerprint
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from manager.core.names import Names
    from manager.core.observed import Environment, Observed, Volume

# The label with the instant at which a volume was made.
CREATED = LABEL + "created"


def make_volumes(
    observed: Observed, names: Names, owner: str, environment: str, workspace: str, family: str
) -> list[Step]:
    """Plan the workspace and the home that an environment lacks.

    Raises Refused when a volume of that name is somebody else's, or was not made by Solvent.
    """
    steps = []
    for volume, kind, holds, labels in (
        (names.workspace(owner, workspace), "workspace", "files", {"workspace": workspace}),
        (names.home(owner, family), "home", "settings", {"family": family}),
    ):
        wanted = names.labels(kind, owner=owner, **labels)
        there = find(observed, volume)
        if there is not None:
            _ours(there, dict(wanted))
            continue
        step = Step(
            id=f"volume:{volume}",
            kind=f"create {kind}",
            target=volume,
            cause=f"{environment} keeps its {holds} there",
            do=MakeVolume(volume, wanted),
        )
        steps.append(step)
    return steps


def plan_remove_workspace(observed: Observed, owner: str, workspace: str, *, names: Names, today: date) -> Plan:
    """Plan to delete a workspace; raises UsageError for an unknown one and Refused for one in use."""
    readable(observed)
    mine = [volume.labels.get(LABEL + "workspace", "") for volume in owned(observed, names, owner)]
    volume = find(observed, names.workspace(owner, workspace))
    if workspace not in mine or volume is None:
        raise UsageError(f"no workspace {workspace!r}", hint=did_you_mean(workspace, mine))
    steps = delete_workspace(observed, owner, workspace, names=names)
    return Plan(f"remove workspace {workspace}", today, steps, (), fingerprint(volume.name, made(volume)), workspace)


def delete_workspace(
    observed: Observed, owner: str, workspace: str, *, names: Names, leaving: str = "", needs: tuple[str, ...] = ()
) -> tuple[Step, ...]:
    """Plan to delete a workspace's volume, if there is one; ``leaving`` is a container that the plan removes.

    Raises Refused while another environment uses it, and for a volume that Solvent did not make for its owner.
    """
    users = sorted(
        one.name
        for one in observed.environments
        if (one.owner, one.workspace) == (owner, workspace) and one.container != leaving
    )
    if users:
        raise Refused(
            f"workspace {workspace} is in use by {', '.join(users)}",
            hint=f"remove that first:  solvent env remove {users[0]}",
        )
    volume = find(observed, names.workspace(owner, workspace))
    if volume is None:
        return ()
    _ours(volume, dict(names.labels("workspace", owner=owner, workspace=workspace)))
    step = Step(
        id=f"delete:{volume.name}",
        kind="delete workspace",
        target=workspace,
        cause="its owner asks for it",
        do=RemoveVolume(volume.name),
        before="all its files",
        after="gone",
        destructive=True,
        needs=needs,
    )
    return (step,)


def find(observed: Observed, name: str) -> Volume | None:
    """Find a volume by its name."""
    return next((one for one in observed.volumes if one.name == name), None)


def owned(observed: Observed, names: Names, owner: str) -> tuple[Volume, ...]:
    """Give the volumes of a person's workspaces."""
    wanted = dict(names.labels("workspace", owner=owner))
    return tuple(one for one in observed.volumes if wanted.items() <= one.labels.items())


def latest(usage: Usage, users: Iterable[Environment], now: datetime) -> datetime | None:
    """Say when a workspace was last used: now while an environment on it runs, else as far as anybody knows."""
    users = tuple(users)
    if any(one.state == "running" for one in users):
        return now
    known = [one.created for one in users] + ([usage.used] if usage.used else [])
    return max(known, default=None)


def made(volume: Volume) -> str:
    """Say when a volume was made, in ISO 8601: as its label says, because Docker forgets it at a restart.

    Volumes of older versions have no such label; then it is what the engine says, if anything.
    """
    return volume.labels.get(CREATED, volume.created)


def usage_of(observed: Observed, volume: Volume) -> Usage:
    """Give what is remembered of a volume; an empty usage for one that nothing is known about."""
    label = volume.labels.get(CREATED, "")
    known = (one for one in observed.usages if (one.volume, one.made) == (volume.name, label))
    return next(known, Usage(volume.name, label))


def over_budget(observed: Observed, volume: str, workspace: str, budget: int) -> tuple[str, ...]:
    """Warn of a workspace that held more than its budget when it was last measured; 0 is no budget."""
    there = find(observed, volume)
    usage = usage_of(observed, there) if there else None
    if usage is None or usage.size is None or usage.measured is None or not 0 < budget < usage.size:
        return ()
    when = f"{usage.measured:%Y-%m-%d %H:%M} UTC"
    return (
        f"workspace {workspace} held {show_size(usage.size)} on {when}, its budget is {show_size(budget)}: "
        "delete what is not needed any more",
    )


def _ours(volume: Volume, wanted: dict[str, str]) -> None:
    """Refuse a volume that carries the name we need and was not made by us for this person."""
    if volume.labels.get(LABEL + "realm") != wanted[LABEL + "realm"]:
        raise Refused(
            f"a volume named {volume.name} exists and is not Solvent's",
            why="it carries no label of ours, so it is never used or changed",
            hint="choose another --workspace, or rename that volume",
        )
    if not wanted.items() <= volume.labels.items():
        owner = volume.labels.get(LABEL + "owner", "nobody")
        raise Refused(
            f"a volume named {volume.name} exists and belongs to something else",
            why=f"its labels say: {volume.labels.get(LABEL + 'kind', 'nothing')} of {owner}",
            hint="choose another --workspace",
        )
