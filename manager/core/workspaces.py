"""The volumes that hold people's files and settings: whose they are, making them, and deleting a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.actions import MakeVolume, RemoveVolume
from manager.core.catalog import did_you_mean
from manager.core.containers import LABEL
from manager.core.observed import readable
from manager.core.plan import Plan, Step, fingerprint
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.core.names import Names
    from manager.core.observed import Observed, Volume


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
        there = _volume(observed, volume)
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
    mine = [
        volume.labels.get(LABEL + "workspace", "")
        for volume in observed.volumes
        if names.labels("workspace", owner=owner)
        == tuple((LABEL + key, volume.labels.get(LABEL + key)) for key in ("realm", "kind", "owner"))
    ]
    volume = _volume(observed, names.workspace(owner, workspace))
    if workspace not in mine or volume is None:
        raise UsageError(f"no workspace {workspace!r}", hint=did_you_mean(workspace, mine))
    steps = delete_workspace(observed, owner, workspace, names=names)
    return Plan(f"remove workspace {workspace}", today, steps, (), fingerprint(volume.name, volume.created), workspace)


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
    volume = _volume(observed, names.workspace(owner, workspace))
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


def _volume(observed: Observed, name: str) -> Volume | None:
    return next((one for one in observed.volumes if one.name == name), None)


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
