"""Plans for a person's environments, and one environment as it is shown, with its URL and its stage on the day."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import connections, deliveries, listing, mounts, registries, suspended
from manager.app.views import EnvironmentView
from manager.core import planner, starting
from manager.core.access import CREDENTIAL, Access, access
from manager.core.mounts import from_labels
from manager.core.observed import readable
from manager.core.plan import Plan, fingerprint
from manager.core.returning import plan_return
from manager.core.workspaces import over_budget
from manager.errors import ManagerError, Refused, UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.environments import LaunchRequest
    from manager.core.lifecycle import Schedule, Stage
    from manager.core.observed import Environment, Observed

_READY = re.compile(r"ready in ([\d.]+) s")


def plan_launch(world: World, request: LaunchRequest, owner: str = "") -> Plan:
    """Plan a new environment, with the limits of the settings and the networks of its connections.

    It becomes this person's unless an ``owner`` is named. Secrets are resolved before anything is planned to be made:
    raises what :func:`deliveries.delivered` raises.
    """
    # First of all: the database, which says what dates hold, is opened while the engine answers.
    observed = world.observe()
    catalog, settings = world.catalog, world.settings
    saved = [connections.found(world, name) for name in request.connections]
    networks = [one.network or (world.names.sources if one.source else "") for one in saved]
    filled = replace(
        request,
        networks=tuple(dict.fromkeys(filter(None, networks))),
        memory=request.memory or settings.memory_bytes,
        cpus=request.cpus or settings.cpus,
        pids=request.pids or settings.pids,
        granted=mounts.granted(world, request.mounts),
    )
    release = catalog.release(request.release, world.today)
    suspended.refuse(world, release, saved)
    plan = planner.plan_launch(
        catalog,
        _asked(world, observed, release.name, request.build),
        filled,
        owner=owner or settings.owner,
        names=world.names,
        today=world.today,
        ports=(settings.port_first, settings.port_last),
        budget=settings.workspace_budget_bytes,
    )
    deliveries.prepare(world, request.connections)
    if any(step.kind == "clone workspace" for step in plan.steps):
        _prepare(world, request.git_secret)
    return plan


def _asked(world: World, observed: Observed, release: str, version: str) -> Observed:
    """Add what registries say of the build that would be launched if its bytes are missing."""
    if not version:
        return registries.pointed(world, observed, (release,))
    return registries.asked(world, observed, [one.digest for one in observed.made(release) if one.version == version])


def _prepare(world: World, reference: str) -> None:
    """Resolve what the git server asks for before anything is made; the clone of the same command takes it."""
    if reference:
        from manager.world import secrets

        world.prepared_secrets.prepare(reference, secrets.resolve)


def plan_start(world: World, name: str, *, new_workspace: bool = False) -> Plan:
    """Plan to start one of this person's environments, or to bring the connections of a running one up to date."""
    observed = world.observe()
    one = planner.chosen(observed, name, world.settings.owner)
    return _start(world, observed, one, new_workspace=new_workspace)


def _start(world: World, observed: Observed, one: Environment, *, new_workspace: bool = False) -> Plan:
    if one.state != "running":
        _whole(world, one)
    if one.state == "gone":
        return _return(world, observed, one, new_workspace=new_workspace)
    if new_workspace:
        raise UsageError(
            f"{one.name} has its workspace", hint=f"start it with its files:  solvent env start {one.name}"
        )
    return plan_again(world, observed, one)


def plan_again(world: World, observed: Observed, one: Environment) -> Plan:
    """Plan to start an environment that has its container, whatever is beside it; raises as :func:`plan_start`."""
    stale = deliveries.changed(world, one) if one.state == "running" else ()
    plan = starting.plan_start(
        world.catalog,
        observed,
        one,
        names=world.names,
        today=world.today,
        stale=stale,
        announced=announced(world, one.release),
    )
    if one.state != "running":
        mounts.check(world, one)
        deliveries.prepare(world, one.connections)
    volume = world.names.workspace(one.owner, one.workspace)
    notes = over_budget(observed, volume, one.workspace, world.settings.workspace_budget_bytes)
    return replace(plan, notes=plan.notes + notes)


def announced(world: World, release: str) -> Schedule | None:
    """Give the dates that were last announced of a release, which hold when it leaves the catalog."""
    last = world.announced.get(release)
    return last.schedule if last else None


def _whole(world: World, one: Environment) -> None:
    """Raise Refused when an upgrade was cut short: two containers would want one port and one workspace."""
    if world.engine.container(world.names.next(one.container)) is not None:
        raise Refused(
            f"an upgrade of {one.name} was cut short",
            hint=f"finish it:  solvent env upgrade {one.name}   or undo it:  solvent env upgrade {one.name} --back",
        )


def _return(world: World, observed: Observed, one: Environment, *, new_workspace: bool) -> Plan:
    """Plan to bring back an environment whose container is gone."""
    spec = world.store.specification(world.engine_id, one.container)
    if spec is None:
        raise Refused(f"{one.name} was removed meanwhile", hint="see what there is:  solvent env list")
    asked = registries.asked(world, observed, (one.digest,))
    plan = plan_return(
        world.catalog,
        asked,
        one,
        spec,
        names=world.names,
        today=world.today,
        new_workspace=new_workspace,
        announced=announced(world, one.release),
    )
    # What it had beside its volumes stands in the specification alone.
    mounts.check(world, replace(one, mounts=from_labels(dict(spec.labels))))
    deliveries.prepare(world, one.connections)
    return plan


def plan_stop(world: World, name: str) -> Plan:
    """Plan to stop one of this person's environments."""
    observed = world.observe()
    return planner.plan_stop(observed, planner.chosen(observed, name, world.settings.owner), today=world.today)


def plan_remove(world: World, name: str, *, deletes: bool) -> Plan:
    """Plan to remove one of this person's environments, and with ``deletes`` its workspace."""
    observed = world.observe()
    one = planner.chosen(observed, name, world.settings.owner)
    return planner.plan_remove(observed, one, names=world.names, today=world.today, deletes=deletes)


def plan_start_all(world: World) -> tuple[Plan, tuple[str, ...]]:
    """Plan to start this person's environments that do not run and were not stopped by the person.

    Gives the plan, and a sentence for each that cannot start.
    """
    observed = world.observe()
    readable(observed)
    owner = world.settings.owner
    waiting = [
        one
        for one in observed.environments
        if one.owner == owner and one.state not in ("running", "created") and one.wanted != "stopped"
    ]
    plans, left = [], []
    for one in waiting:
        try:
            plans.append(_start(world, observed, one))
        except ManagerError as error:
            left.append(f"{one.name}: {error.message}")
    steps = {step.id: step for plan in plans for step in plan.steps}
    notes = tuple(dict.fromkeys(note for plan in plans for note in plan.notes))
    read = fingerprint(*(plan.fingerprint for plan in plans))
    return Plan("start what ran", world.today, tuple(steps.values()), notes, read), tuple(left)


def shown(world: World, name: str, *, url: bool) -> EnvironmentView:
    """Show one of this person's environments, with its URL while it runs."""
    one = found(world, name)
    way = _access(world, one) if url and one.state == "running" else Access("")
    return EnvironmentView(one, _stage(world, one), way.url, _ready_seconds(world, one), way.password)


def found(world: World, name: str) -> Environment:
    """Find one of this person's environments; raises UsageError with a suggestion, Unreachable without an engine."""
    owner = world.settings.owner
    return planner.among(listing.listed(world, owner).environments, name, owner)


def _access(world: World, environment: Environment) -> Access:
    """Read the credential where it lives, in the container's tmpfs, unless this process has just made it.

    There is none for a family that the catalog does not have any more: its page is not known.
    """
    family = next((one for one in world.catalog.families if one.id == environment.family), None)
    if family is None:
        return Access("")
    credential = world.tokens.pop(environment.container, "") or _credential(world, environment)
    if not credential:
        return Access("")
    return access(family.launch, f"http://127.0.0.1:{environment.port}", credential)


def _credential(world: World, environment: Environment) -> str:
    answer = world.engine.exec(environment.container, ("cat", CREDENTIAL), timeout=10)
    return answer.stdout.decode().strip() if answer.code == 0 else ""


def _ready_seconds(world: World, environment: Environment) -> float | None:
    """Find the seconds of the latest start in the history; None for one that this database did not see."""
    try:
        entries = world.store.history(limit=20, target=environment.name)
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


def _stage(world: World, environment: Environment) -> Stage | None:
    release = world.catalog.named(environment.release)
    return release.stage(world.today) if release else None
