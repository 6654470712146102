"""Plans for environments: pure functions of the catalog, what was observed, and the day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.actions import (
    CreateEnvironment,
    DeliverConnections,
    MoveChannel,
    RemoveContainer,
    StartEnvironment,
    StopEnvironment,
)
from manager.core.builds import launchable, plan_build
from manager.core.catalog import did_you_mean
from manager.core.clones import fill
from manager.core.environments import LaunchRequest, environment_spec, pick_port
from manager.core.gates import admit, leaving, readmit
from manager.core.names import checked
from manager.core.observed import BuildStatus, readable
from manager.core.offers import affordable, networks
from manager.core.plan import Plan, Step, fingerprint, in_order
from manager.core.workspaces import delete_workspace, make_volumes, over_budget
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.names import Names
    from manager.core.observed import Build, Environment, Observed


def plan_launch(
    catalog: Catalog,
    observed: Observed,
    request: LaunchRequest,
    *,
    owner: str,
    names: Names,
    today: date,
    ports: tuple[int, int],
    budget: int = 0,
) -> Plan:
    """Plan a new environment: what is missing of network, volumes and image, then create and start.

    ``ports`` are the first and last host port, ``budget`` is a workspace's in bytes. Raises UsageError for an
    unknown release, Refused for a retired or quarantined one and for a name that is taken, Unreachable when the
    world could not be read. Of other people's environments only the ports are read, and those are no part of the
    fingerprint; neither are network and volumes, because it is no other launch when somebody has made them meanwhile.
    """
    readable(observed)
    affordable(observed, request)
    release = catalog.release(request.release, today)
    family = catalog.family(release.family)
    notes = admit(catalog, release, today)
    request = _named(observed, request, release, owner)
    container = names.environment(owner, request.name)
    unfinished = _taken(observed, request, release, owner, container)
    network = networks(observed, names, request.networks)
    ground = make_volumes(observed, names, owner, request.name, request.workspace, release.family)
    build, making = _build(catalog, observed, request, release, names, today)
    notes += making.notes
    waits = tuple(step.id for step in making.steps[-1:])
    filling, said = fill(
        observed, names, owner, request, release.name, build, (*waits, *(step.id for step in (*network, *ground)))
    )
    notes += said + over_budget(observed, names.workspace(owner, request.workspace), request.workspace, budget)
    taken = [environment.port for environment in observed.environments if environment.container != container]
    port = pick_port(container, taken, *ports)
    if port is None:
        raise Refused(f"every port from {ports[0]} to {ports[1]} is taken", hint="remove an environment")
    create = Step(
        id=f"create:{container}",
        kind="create environment",
        target=request.name,
        cause=f"{owner} launches {release.name}"
        + (f" build {build.version}" if build else "")
        + ("; an interrupted launch left one behind that was never used" if unfinished else ""),
        do=CreateEnvironment(
            request.name,
            release.name,
            environment_spec(names, owner, release, family.launch, request, build, port),
            unfinished.state if unfinished else "",
        ),
        before=unfinished.state if unfinished else "",
        after=release.name,
        needs=(*waits, *(step.id for step in (*network, *ground, *filling))),
    )
    start = _start(container, request.name, release.name, request.connections, "it is new", (create.id,))
    return Plan(
        subject=f"launch {release.name} as {request.name}",
        as_of=today,
        steps=in_order([*making.steps, *network, *ground, *filling, create, start]),
        notes=notes,
        fingerprint=fingerprint(release.name, release.schedule, family.launch, request, build, making.fingerprint),
        result=request.name,
    )


def plan_start(
    catalog: Catalog,
    observed: Observed,
    environment: Environment,
    *,
    names: Names,
    today: date,
    stale: tuple[str, ...] = (),
) -> Plan:
    """Plan to start a stopped environment on the digest that it has, or to bring a running one up to date.

    A running one needs nothing but its ``stale`` connections: those whose files there are not what they would be
    by now. Raises Refused from the release's restart_block on, for a quarantined build whatever the dates say, and for
    a family that the catalog does not have any more.
    """
    readable(observed)
    release = next((one for one in catalog.releases if one.name == environment.release), None)
    if environment.state == "running":
        notes = leaving(catalog, release, today) if release else ()
        return _refreshed(observed, environment, stale, today, notes)
    build = _fit(observed, environment)
    if all(family.id != environment.family for family in catalog.families):
        raise Refused(
            f"family {environment.family} of {environment.name} is no longer in the catalog",
            why="how its environments are started is written there",
            hint=f"launch another on its files:  solvent env launch RELEASE --workspace {environment.workspace}",
        )
    if release is None:
        notes = (f"{environment.release} is no longer in the catalog; nothing is known about its dates",)
    else:
        notes = readmit(catalog, release, environment.workspace, today)
    if build is None:
        notes += (f"build {environment.version} is not known to this database; nothing is known about its quality",)
    network = networks(observed, names, environment.networks)
    return _starting(environment, network, build, release, today, notes, f"it is {environment.state}")


def _refreshed(
    observed: Observed, environment: Environment, stale: tuple[str, ...], today: date, notes: tuple[str, ...]
) -> Plan:
    """Plan what a running environment needs; a quarantined build gets no new secrets."""
    steps: tuple[Step, ...] = ()
    if stale:
        _fit(observed, environment)
        steps = (
            Step(
                id=f"deliver:{environment.container}",
                kind="deliver connections",
                target=environment.name,
                cause=f"the files of {', '.join(stale)} have changed since it got them",
                do=DeliverConnections(environment.container, environment.name, stale),
                after=", ".join(stale),
            ),
        )
    read = fingerprint(environment, stale)
    return Plan(f"start {environment.name}", today, steps, notes, read, environment.name)


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


def plan_remove(observed: Observed, environment: Environment, *, names: Names, today: date, deletes: bool) -> Plan:
    """Plan to remove an environment; its workspace and home stay unless the workspace is asked for (``deletes``).

    Raises Refused when another environment uses the workspace that is to be deleted.
    """
    readable(observed)
    remove = Step(
        id=f"remove:{environment.container}",
        kind="remove environment",
        target=environment.name,
        cause="its owner asks for it; " + ("the home stays" if deletes else "files in the workspace and the home stay"),
        do=RemoveContainer(environment.container),
        before=environment.state,
        after="gone",
    )
    deleting: tuple[Step, ...] = ()
    if deletes:
        deleting = delete_workspace(
            observed,
            environment.owner,
            environment.workspace,
            names=names,
            leaving=environment.container,
            needs=(remove.id,),
        )
    read = fingerprint(environment, deleting)
    return Plan(f"remove {environment.name}", today, (remove, *deleting), (), read, environment.name)


def _named(observed: Observed, request: LaunchRequest, release: Release, owner: str) -> LaunchRequest:
    """Fill in name and workspace: the family's name, or the first of its numbers that is free.

    What an interrupted launch of the same left behind is free: the next run continues it.
    """
    name = request.name
    if not name:
        mine = {one.name: one for one in observed.environments if one.owner == owner}
        numbered = (release.family, *(f"{release.family}-{number}" for number in range(2, len(mine) + 2)))
        name = next(
            wanted
            for wanted in numbered
            if wanted not in mine or _unfinished(mine[wanted], request, release, request.workspace or wanted)
        )
    checked(name, "environment name")
    workspace = request.workspace or name
    checked(workspace, "workspace name")
    return replace(request, name=name, workspace=workspace)


def _unfinished(one: Environment, request: LaunchRequest, release: Release, workspace: str) -> bool:
    """Say whether an interrupted launch of the same request left this: created, or started without credentials."""
    asked = (release.name, workspace, request.connections, request.granted)
    begun = one.state == "created" or one.unserved
    return begun and (one.release, one.workspace, one.connections, one.mounts) == asked


def _taken(
    observed: Observed, request: LaunchRequest, release: Release, owner: str, container: str
) -> Environment | None:
    """Give what an interrupted launch left behind under that name; raise Refused for anything else."""
    one = next((each for each in observed.environments if each.container == container), None)
    if one is None:
        return None
    if (one.owner, one.name) != (owner, request.name):
        raise Refused(
            f"the container name {container} is taken by {one.name} of {one.owner}", hint="choose another --name"
        )
    if _unfinished(one, request, release, request.workspace):
        return one
    way = "open" if one.state == "running" else "start"
    raise Refused(
        f"an environment named {request.name} exists already: {one.release}, {one.state}",
        hint=f"use it:  solvent env {way} {request.name}   or choose another --name",
    )


def _fit(observed: Observed, environment: Environment) -> Build | None:
    """Give an environment's build, None when it is unknown; raise Refused when it is quarantined."""
    build = observed.build(environment.digest)
    if build is not None and build.status is BuildStatus.QUARANTINED:
        raise Refused(
            f"build {build.version} of {environment.release} is quarantined",
            hint=f"remove it, its workspace stays:  solvent env remove {environment.name}",
        )
    return build


def _build(
    catalog: Catalog, observed: Observed, request: LaunchRequest, release: Release, names: Names, today: date
) -> tuple[Build | None, Plan]:
    """Give the build to launch, None while it has to be made, and the plan that makes and promotes it.

    Raises Refused when there is none to launch and none to make.
    """
    build = launchable(observed, release, candidate=request.candidate)
    if build is not None:
        return build, Plan("", today, notes=_instead(observed, release, build, candidate=request.candidate))
    making = plan_build(catalog, observed, (release.name,), names=names, today=today)
    if not making:
        raise Refused(
            f"{release.name} has no build that may be launched",
            hint=f"look at its builds:  solvent image show {release.name}",
        )
    return _promoted(observed, making), making


def _promoted(observed: Observed, making: Plan) -> Build | None:
    """Give the build that a plan promotes, when it exists before the plan does."""
    moves = (step.do for step in making.steps)
    return next((observed.build(do.digest) for do in moves if isinstance(do, MoveChannel)), None)


def _instead(observed: Observed, release: Release, build: Build, *, candidate: bool) -> tuple[str, ...]:
    """Say when a launch takes another build than one would expect."""
    if build.status is BuildStatus.CANDIDATE:
        return (f"build {build.version} is a candidate: nothing promises that it works",)
    if candidate:
        return (f"there is no candidate of {release.name}: build {build.version} is taken",)
    pointed = observed.build(observed.channel(release.name))
    if pointed is not None and pointed != build:
        return (f"build {pointed.version} of {release.name} is {pointed.status}: build {build.version} is taken",)
    return ()


def _starting(
    environment: Environment,
    network: list[Step],
    build: Build | None,
    release: Release | None,
    today: date,
    notes: tuple[str, ...],
    cause: str,
) -> Plan:
    """Plan the start of a container that exists."""
    one = environment
    needs = tuple(step.id for step in network)
    start = _start(one.container, one.name, one.release, one.connections, cause, needs)
    return Plan(
        subject=f"start {one.name}",
        as_of=today,
        steps=(*network, start),
        notes=notes,
        fingerprint=fingerprint(one, release.schedule if release else None, build),
        result=one.name,
    )


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
    """Find an owner's environment in a world that could be read; raises UsageError with a suggestion."""
    readable(observed)
    return among(observed.environments, name, owner)


def among(environments: Iterable[Environment], name: str, owner: str) -> Environment:
    """Find an owner's environment by name; raises UsageError with a suggestion."""
    mine = {one.name: one for one in environments if one.owner == owner}
    if name in mine:
        return mine[name]
    raise UsageError(
        f"no environment named {name!r}",
        hint=did_you_mean(name, list(mine)) or "launch one:  solvent env launch jupyterlab",
    )
