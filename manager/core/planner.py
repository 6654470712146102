"""Plans for environments: pure functions of the catalog, what was observed, and the day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.actions import CreateEnvironment, ForgetEnvironment, RemoveContainer, StopEnvironment
from manager.core.build_actions import MoveChannel
from manager.core.builds import plan_build
from manager.core.catalog import did_you_mean
from manager.core.channels import launchable, named, usable
from manager.core.clones import fill
from manager.core.copies import pull_steps
from manager.core.environments import LaunchRequest, environment_spec, pick_port
from manager.core.gates import admit
from manager.core.names import checked
from manager.core.observed import BuildStatus, readable
from manager.core.offers import affordable, networks
from manager.core.plan import Plan, Step, fingerprint, in_order
from manager.core.promotion import fetched
from manager.core.starting import start_step
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
    if request.build:
        build, making = _pinned(observed, request, release, today)
    else:
        build, making = build_of(catalog, observed, release, names, today, candidate=request.candidate)
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
    start = start_step(container, request.name, release.name, request.connections, "it is new", (create.id,))
    return Plan(
        subject=f"launch {release.name} as {request.name}",
        as_of=today,
        steps=in_order([*making.steps, *network, *ground, *filling, create, start]),
        notes=notes,
        fingerprint=fingerprint(release.name, release.schedule, family.launch, request, build, making.fingerprint),
        result=request.name,
    )


def plan_stop(observed: Observed, environment: Environment, *, today: date) -> Plan:
    """Plan to stop an environment; its volumes, its port and its definition stay.

    One that ended and is known as wanted is stopped as well: from then on it is not started with what ran.
    """
    readable(observed)
    steps: tuple[Step, ...] = ()
    ended = environment.state in ("stopped", "created")
    if environment.state != "gone" and (not ended or environment.wanted == "running"):
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
        # Whatever has its container's name by now is not ours.
        do=(ForgetEnvironment if environment.state == "gone" else RemoveContainer)(environment.container),
        before=environment.state,
        after="forgotten" if environment.state == "gone" else "gone",
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
    asked = (release.name, workspace, request.connections, request.granted, request.build)
    # One that is defined and waits for its files is no remains.
    begun = (one.state == "created" or one.unserved) and one.takeover == request.takeover
    return begun and (one.release, one.workspace, one.connections, one.mounts, one.pin) == asked


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


def build_of(
    catalog: Catalog, observed: Observed, release: Release, names: Names, today: date, *, candidate: bool = False
) -> tuple[Build | None, Plan]:
    """Give the build that an environment of a release gets, None while it has to be made, and the plan that makes it.

    Raises Refused when there is none to launch and none to make.
    """
    build = launchable(observed, release, candidate=candidate)
    if build is not None:
        return build, Plan("", today, notes=_instead(observed, release, build, candidate=candidate))
    pointed = observed.build(observed.channel(release.name))
    pulled, said = pull_steps(observed, pointed)
    if pulled:
        return pointed, Plan("", today, pulled, said, fingerprint(pulled))
    making = plan_build(catalog, observed, (release.name,), names=names, today=today)
    if not making:
        raise Refused(
            f"{release.name} has no build that may be launched",
            hint=f"look at its builds:  solvent image show {release.name}",
        )
    return _promoted(observed, making), replace(making, notes=tuple(dict.fromkeys((*said, *making.notes))))


def _pinned(observed: Observed, request: LaunchRequest, release: Release, today: date) -> tuple[Build | None, Plan]:
    """Give the build that a person names, and the plan that brings its bytes: a pin beats the channel.

    It does not beat a quarantine: raises Refused for that, for a build that was given up or whose bytes are nowhere,
    and for a candidate that is not asked for as one.
    """
    build = usable(named(observed, release.name, request.build))
    if build.status is BuildStatus.CANDIDATE and not request.candidate:
        raise Refused(
            f"build {build.version} of {release.name} is a candidate: nothing promises that it works",
            hint="to take it all the same:  --candidate",
        )
    pulled, notes = fetched(observed, build)
    if build.digest != observed.channel(release.name):
        notes += (f"build {build.version} is pinned: its bytes stay as long as the environment does",)
    return build, Plan("", today, pulled, notes, fingerprint(build, pulled))


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
