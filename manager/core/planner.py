"""Plans for environments: pure functions of the catalog, what was observed, and the day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.actions import (
    CreateEnvironment,
    MakeNetwork,
    MakeVolume,
    RemoveContainer,
    RemoveVolume,
    StartEnvironment,
    StopEnvironment,
)
from manager.core.builds import launchable, plan_build
from manager.core.catalog import did_you_mean
from manager.core.containers import LABEL
from manager.core.environments import LaunchRequest, environment_spec, pick_port
from manager.core.lifecycle import Gate, launch_gate, restart_gate
from manager.core.names import checked
from manager.core.observed import BuildStatus, Silent
from manager.core.plan import Plan, Step, fingerprint, in_order
from manager.errors import Refused, Unreachable, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.environments import Environment
    from manager.core.names import Names
    from manager.core.observed import Build, Observed


def readable(observed: Observed) -> None:
    """Raise Unreachable when the engine or the database could not be read: a plan needs both."""
    for part in (observed.engine, observed.records):
        if isinstance(part, Silent):
            raise Unreachable(f"{part.what} cannot be reached", why=part.reason, hint=part.hint)


def plan_launch(
    catalog: Catalog,
    observed: Observed,
    request: LaunchRequest,
    *,
    owner: str,
    names: Names,
    today: date,
    ports: tuple[int, int],
) -> Plan:
    """Plan a new environment: what is missing of network, volumes and image, then create and start.

    ``ports`` are the first and last host port. Raises UsageError for an unknown release, Refused for a retired
    or quarantined one and for a name that is taken, Unreachable when the world could not be read.
    """
    readable(observed)
    release = catalog.release(request.release, today)
    family = catalog.family(release.family)
    notes = admit(catalog, release, today)
    request = _named(observed, request, release, owner)
    unfinished = _taken(observed, request, release, owner)
    if unfinished is not None:
        return _finish(unfinished, release, today, notes, observed)
    _ours(observed, names, request, release, owner)

    build = launchable(observed, release, candidate=request.candidate)
    steps: list[Step] = []
    if build is None:
        making = plan_build(catalog, observed, (release.name,), names=names, today=today)
        steps += making.steps
        notes += making.notes
        if not steps:
            raise Refused(
                f"{release.name} has no build that may be launched", why="; ".join(making.notes),
                hint=f"look at its builds:  solvent image show {release.name}",
            )  # fmt: skip
    waits = tuple(step.id for step in steps[-1:])

    container = names.environment(owner, request.name)
    taken = [environment.port for environment in observed.environments]
    port = pick_port(container, taken, *ports)
    if port is None:
        raise Refused(f"every port from {ports[0]} to {ports[1]} is taken", hint="remove an environment")
    spec = environment_spec(names, owner, release, family.launch, request, build, port)

    ground = _network(observed, names)
    for volume, kind, labels in (
        (names.workspace(owner, request.workspace), "workspace", {"workspace": request.workspace}),
        (names.home(owner, release.family), "home", {"family": release.family}),
    ):
        if not any(one.name == volume for one in observed.volumes):
            ground.append(
                Step(
                    id=f"volume:{volume}",
                    kind=f"create {kind}",
                    target=volume,
                    cause=f"{request.name} keeps its {'files' if kind == 'workspace' else 'settings'} there",
                    do=MakeVolume(volume, names.labels(kind, owner=owner, **labels)),
                )
            )
    create = Step(
        id=f"create:{container}",
        kind="create environment",
        target=request.name,
        cause=f"{owner} launches {release.name}" + (f" build {build.version}" if build else ""),
        do=CreateEnvironment(request.name, release.name, spec),
        after=release.name,
        needs=(*waits, *(step.id for step in ground)),
    )
    start = _start(container, request.name, release.name, request.connections, "a new environment", (create.id,))
    return Plan(
        subject=f"launch {release.name} as {request.name}",
        as_of=today,
        steps=in_order([*steps, *ground, create, start]),
        notes=notes,
        fingerprint=fingerprint(release, build, container, unfinished),
        result=request.name,
    )


def admit(catalog: Catalog, release: Release, today: date) -> tuple[str, ...]:
    """Decide whether a release may be launched today; the one decision behind CLI, TUI, nightly and API.

    Gives warnings for the person; raises Refused, with the successor in the hint.
    """
    gate = launch_gate(release.schedule, today)
    successor = catalog.successor(release, today)
    if gate is Gate.SHUT:
        raise _shut(release, successor, today, "new environments are refused")
    if gate is Gate.WARN:
        way = f"; its successor is {successor.name}" if successor else ""
        return (f"{release.name} is deprecated and retires on {release.schedule.end_of_life}{way}",)
    if today < release.schedule.released:
        return (f"{release.name} is a preview until {release.schedule.released}",)
    return ()


def plan_start(catalog: Catalog, observed: Observed, environment: Environment, *, names: Names, today: date) -> Plan:
    """Plan to start a stopped environment on the digest that it has; a running one needs nothing.

    Raises Refused from the release's restart_block on, and for a quarantined build whatever the dates say.
    """
    readable(observed)
    notes: tuple[str, ...] = ()
    release = next((one for one in catalog.releases if one.name == environment.release), None)
    if release is None:
        notes = (f"{environment.release} is no longer in the catalog; nothing is known about its dates",)
    else:
        successor = catalog.successor(release, today)
        gate = restart_gate(release.schedule, today)
        if gate is Gate.SHUT:
            raise _shut(release, successor, today, "restarts are refused")
        if gate is Gate.WARN:
            way = f"; its successor is {successor.name}" if successor else ""
            verb = "retired on" if today >= release.schedule.end_of_life else "retires on"
            notes = (f"{release.name} {verb} {release.schedule.end_of_life}{way}",)
    build = observed.build(environment.digest)
    if build is not None and build.status is BuildStatus.QUARANTINED:
        raise Refused(
            f"build {build.version} of {environment.release} is quarantined",
            hint=f"remove it, its workspace stays:  solvent env remove {environment.name}",
        )
    steps: list[Step] = []
    if environment.state != "running":
        steps = _network(observed, names)
        steps.append(
            _start(
                environment.container,
                environment.name,
                environment.release,
                environment.connections,
                f"it is {environment.state}",
                tuple(step.id for step in steps),
            )
        )
    return Plan(
        subject=f"start {environment.name}",
        as_of=today,
        steps=tuple(steps),
        notes=notes,
        fingerprint=fingerprint(environment, build),
        result=environment.name,
    )


def plan_stop(observed: Observed, environment: Environment, *, today: date) -> Plan:
    """Plan to stop an environment; its volumes, its port and its definition stay."""
    readable(observed)
    steps: tuple[Step, ...] = ()
    if environment.state not in ("stopped", "created"):
        steps = (
            Step(
                id=f"stop:{environment.container}",
                kind="stop environment",
                target=environment.name,
                cause="its owner asks for it",
                do=StopEnvironment(environment.container),
                before=environment.state,
                after="stopped",
            ),
        )
    return Plan(f"stop {environment.name}", today, steps, (), fingerprint(environment), environment.name)


def plan_remove(
    observed: Observed, environment: Environment, *, names: Names, today: date, delete_workspace: bool
) -> Plan:
    """Plan to remove an environment; its workspace and home stay unless the workspace is asked for.

    Raises Refused when another environment uses the workspace that is to be deleted.
    """
    readable(observed)
    remove = Step(
        id=f"remove:{environment.container}",
        kind="remove environment",
        target=environment.name,
        cause="its owner asks for it; files in the workspace and the home stay",
        do=RemoveContainer(environment.container),
        before=environment.state,
        after="gone",
    )
    steps = [remove]
    if delete_workspace:
        others = tuple(one for one in observed.environments if one.container != environment.container)
        steps.append(_delete_workspace(environment.owner, environment.workspace, others, names, (remove.id,)))
    return Plan(f"remove {environment.name}", today, tuple(steps), (), fingerprint(environment), environment.name)


def plan_remove_workspace(observed: Observed, owner: str, workspace: str, *, names: Names, today: date) -> Plan:
    """Plan to delete a workspace; raises UsageError for an unknown one and Refused for one in use."""
    readable(observed)
    mine = [
        volume.labels.get(LABEL + "workspace", "")
        for volume in observed.volumes
        if volume.labels.get(LABEL + "kind") == "workspace" and volume.labels.get(LABEL + "owner") == owner
    ]
    if workspace not in mine:
        raise UsageError(f"no workspace {workspace!r}", hint=did_you_mean(workspace, mine))
    step = _delete_workspace(owner, workspace, observed.environments, names, ())
    return Plan(f"remove workspace {workspace}", today, (step,), (), fingerprint(mine), workspace)


def _delete_workspace(
    owner: str, workspace: str, others: tuple[Environment, ...], names: Names, needs: tuple[str, ...]
) -> Step:
    users = [one.name for one in others if (one.owner, one.workspace) == (owner, workspace)]
    if users:
        raise Refused(
            f"workspace {workspace} is in use by {', '.join(users)}",
            hint=f"remove that first:  solvent env remove {users[0]}",
        )
    volume = names.workspace(owner, workspace)
    return Step(
        id=f"delete:{volume}",
        kind="delete workspace",
        target=workspace,
        cause="its owner asks for it",
        do=RemoveVolume(volume),
        before="all its files",
        after="gone",
        destructive=True,
        needs=needs,
    )


def _shut(release: Release, successor: Release | None, today: date, what: str) -> Refused:
    dates = release.schedule
    if today >= dates.end_of_life:
        message = f"{release.name} is retired since {dates.end_of_life}"
    else:
        message = f"{release.name} retires on {dates.end_of_life}; {what} since {dates.create_block}"
    way = f"launch its successor:  solvent env launch {successor.name}" if successor else ""
    return Refused(
        message,
        why=f"{release.place}  end_of_life = {dates.end_of_life} (bound by {dates.bound_by})",
        hint=way or "it names no successor; see what there is:  solvent image list",
        where=str(release.place),
    )


def _named(observed: Observed, request: LaunchRequest, release: Release, owner: str) -> LaunchRequest:
    name = request.name
    if not name:
        mine = {one.name for one in observed.environments if one.owner == owner}
        name = next(
            wanted
            for number in range(1, len(mine) + 2)
            if (wanted := release.family if number == 1 else f"{release.family}-{number}") not in mine
        )
    checked(name, "environment name")
    workspace = request.workspace or name
    checked(workspace, "workspace name")
    return replace(request, name=name, workspace=workspace)


def _taken(observed: Observed, request: LaunchRequest, release: Release, owner: str) -> Environment | None:
    """Give what an interrupted launch left behind under that name; raise Refused for anything else."""
    one = next((e for e in observed.environments if (e.owner, e.name) == (owner, request.name)), None)
    if one is None:
        return None
    same = (release.name, request.workspace, request.connections) == (
        one.release,
        one.workspace,
        one.connections,
    )
    if one.state == "created" and same:
        return one
    way = "open" if one.state == "running" else "start"
    raise Refused(
        f"an environment named {request.name} exists already: {one.release}, {one.state}",
        hint=f"use it:  solvent env {way} {request.name}   or choose another --name",
    )


def _finish(
    environment: Environment, release: Release, today: date, notes: tuple[str, ...], observed: Observed
) -> Plan:
    start = _start(
        environment.container,
        environment.name,
        release.name,
        environment.connections,
        "an interrupted launch left it created",
        (),
    )
    return Plan(
        subject=f"launch {release.name} as {environment.name}",
        as_of=today,
        steps=(start,),
        notes=notes,
        fingerprint=fingerprint(release, environment, observed.build(environment.digest)),
        result=environment.name,
    )


def _ours(observed: Observed, names: Names, request: LaunchRequest, release: Release, owner: str) -> None:
    """Refuse volumes that carry the name we need and were not made by us."""
    for volume in (names.workspace(owner, request.workspace), names.home(owner, release.family)):
        one = next((v for v in observed.volumes if v.name == volume), None)
        if one is not None and one.labels.get(LABEL + "realm") != names.realm:
            raise Refused(
                f"a volume named {volume} exists and is not Solvent's",
                why="it carries no label of ours, so it is never used or changed",
                hint="choose another --workspace, or rename that volume",
            )


def _network(observed: Observed, names: Names) -> list[Step]:
    if any(network.name == names.network for network in observed.networks):
        return []
    return [
        Step(
            id=f"network:{names.network}",
            kind="create network",
            target=names.network,
            cause="environments publish their ports through it",
            do=MakeNetwork(names.network, names.labels("network")),
        )
    ]


def _start(
    container: str,
    environment: str,
    release: str,
    connections: tuple[str, ...],
    cause: str,
    needs: tuple[str, ...],
) -> Step:
    return Step(
        id=f"start:{container}",
        kind="start environment",
        target=environment,
        cause=cause,
        do=StartEnvironment(container, environment, release, connections),
        after="ready",
        needs=needs,
    )


def chosen(observed: Observed, name: str, owner: str) -> Environment:
    """Find an owner's environment by name; raises UsageError with a suggestion."""
    readable(observed)
    mine = {one.name: one for one in observed.environments if one.owner == owner}
    if name in mine:
        return mine[name]
    raise UsageError(
        f"no environment named {name!r}",
        hint=did_you_mean(name, list(mine)) or "launch one:  solvent env launch jupyterlab",
    )


def standing(build: Build | None) -> str:
    """Give a build's status as a word for tables, or ``-``."""
    return build.status.value if build else "-"
