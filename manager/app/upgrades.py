"""Plans upgrades of a person's environments, after a look at what would change for them, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager.app import deliveries, environments, mounts, registries
from manager.app.upgrade_changes import Upgrade, looked
from manager.core import planner
from manager.core.copies import pull_steps
from manager.core.environments import LaunchRequest, environment_of
from manager.core.mounts import from_labels
from manager.core.observed import BuildStatus, readable
from manager.core.plan import Plan, fingerprint
from manager.core.returning import fitting
from manager.core.snapshots import behind
from manager.core.starting import startable
from manager.core.suspensions import because
from manager.core.upgrades import target
from manager.core.upgrading import Known, Move, plan_call_off, plan_move, plan_rest, ran, successor_spec
from manager.errors import ManagerError, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.observed import Environment, Observed


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for: environments by name or by what affects them, and where to."""

    names: tuple[str, ...] = ()
    affected_by: str = ""
    to: str = ""
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class Upgrades:
    """One plan for several environments, what it changes for each, and a sentence for each that is left as it is."""

    plan: Plan
    upgrades: tuple[Upgrade, ...] = ()
    left: tuple[str, ...] = ()


def plan_upgrade(world: World, asked: Asked) -> Upgrades:
    """Plan to upgrade environments, each by itself; one by its name raises what is in its way.

    Raises UsageError for unknown names, Refused and Unreachable as the plans of each do.
    """
    return _planned(world, asked, "upgrade", lambda observed, one: _upgrade(world, observed, one, asked.to))


def plan_back(world: World, names: tuple[str, ...], affected_by: str = "") -> Upgrades:
    """Plan to return environments to what they were before their last upgrade; raises as :func:`plan_upgrade`."""
    asked = Asked(names, affected_by)
    return _planned(world, asked, "go back with", lambda observed, one: (_back(world, observed, one), None))


def _planned(
    world: World, asked: Asked, verb: str, way: Callable[[Observed, Environment], tuple[Plan, Upgrade | None]]
) -> Upgrades:
    observed = world.observe()
    readable(observed)
    chosen, left = _chosen(world, observed, asked)
    plans, upgrades = [], []
    for one in chosen:
        try:
            plan, upgrade = way(observed, one)
        except ManagerError as error:
            if asked.names == (one.name,):
                raise
            left += (f"{one.name}: {error.message}",)
            continue
        plans.append(plan)
        upgrades += [upgrade] if upgrade else []
    plan = _joined(verb, plans, world.today, (*_due(asked, chosen, world), *(f"left: {one}" for one in left)))
    return Upgrades(plan, tuple(upgrades), left)


def _chosen(world: World, observed: Observed, asked: Asked) -> tuple[tuple[Environment, ...], tuple[str, ...]]:
    """Give the environments that are meant; one that runs is only stopped when it is named."""
    owner = world.settings.owner
    if not asked.affected_by:
        names = dict.fromkeys(asked.names)
        return tuple(planner.chosen(observed, name, owner) for name in names), ()
    found = _affected(world, observed, asked.affected_by)
    running = [one.name for one in found if one.state in ("running", "paused", "restarting")]
    left = (f"{', '.join(running)}: running, and stopped only by name",) if running else ()
    return tuple(one for one in found if one.name not in running), left


def _affected(world: World, observed: Observed, by: str) -> list[Environment]:
    """Give the person's environments that have what is named: a release, a build, a component, or an advisory's."""
    mine = [one for one in observed.environments if one.owner == world.settings.owner]
    found = [
        one
        for one in mine
        if by in (one.release, one.version, f"{one.release} {one.version}", f"{one.release}-{one.version}", one.digest)
    ]
    known = {one.name for one in world.catalog.releases} | {build.version for build in observed.builds}
    if found or by in known | {build.digest for build in observed.builds}:
        return found
    from manager.app import dangers

    if dangers.is_advisory(world, by):
        digests = {each.build.digest for each in dangers.affected_by(world, by).builds}
        return [one for one in mine if one.digest in digests]
    if not any(sign in by for sign in "=<>~"):
        raise UsageError(
            f"nothing here is known as {by!r}",
            why="it is to be a release, a build's version or digest, or a component such as python=3.9 or 'numpy<2', "
            "or an advisory",
            hint="see them:  solvent image list --all",
        )
    from manager.app import impacts

    hit = impacts.impact_of(world, impacts.subject_of(world, "", "", by))
    names = {one.name for share in hit.shares if share.owner == world.settings.owner for one in share.remaining}
    return [one for one in mine if one.name in names]


def _upgrade(world: World, observed: Observed, one: Environment, to: str) -> tuple[Plan, Upgrade | None]:
    one, known = _known(world, one)
    if known.taken:
        return plan_rest(one, known, names=world.names, today=world.today), None
    catalog, today = world.catalog, world.today
    found = target(catalog, observed.build, observed.stable, one, to, today)
    if found is None:
        pinned = f"; it is pinned to build {one.pin}:  solvent env upgrade {one.name} --to {one.release}"
        return _nothing(one, f"{one.release} is followed by nothing newer{pinned if one.pin else ''}", today), None
    release, notes = found
    asked = registries.pointed(world, observed, (release.name,))
    build, making = planner.build_of(catalog, asked, release, world.names, today)
    if build is not None and build.digest == one.digest:
        said = f"{one.name} is on build {build.version} of {release.name} already"
        return _nothing(one, said, today), None
    family = catalog.family(release.family)
    upgrade, seen = looked(world, asked, one, release, build, family)
    fits = tuple(fit.requirement for fit in upgrade.own if fit.fits)
    pin = (f"its pin to build {one.pin} goes",) if one.pin else ()
    move = Move(
        spec=successor_spec(world.names, one, release, family.launch, build, known.limits),
        release=release.name,
        version=build.version if build else "",
        cause=f"{one.owner} upgrades from {one.release} {one.version}".rstrip(),
        notes=(*notes, *pin, *_connectors(world, one, release), *seen),
        making=making,
        own=fits,
    )
    mounts.check(world, one)
    plan = plan_move(catalog, observed, one, known, move, names=world.names, today=today)
    deliveries.prepare(world, one.connections)
    return plan, upgrade


def _back(world: World, observed: Observed, one: Environment) -> Plan:
    one, known = _known(world, one)
    if known.taken:
        return plan_rest(one, known, names=world.names, today=world.today)
    if known.waiting is not None and (not known.behind or known.waiting.digest != known.behind[-1].digest):
        return _called_off(world, observed, one, known)
    if not known.behind:
        raise Refused(
            f"{one.name} has nothing to go back to",
            why="an upgrade keeps what an environment was; this one was not upgraded, or is all the way back",
            hint=f"see it:  solvent env show {one.name}",
        )
    shot = known.behind[-1]
    then = replace(one, release=shot.release, version=shot.version, digest=shot.digest)
    notes = _returnable(world, observed, then)
    spec = world.store.snapshot_specification(shot)
    if spec is None:
        raise Refused(f"{one.name} was upgraded or removed meanwhile", hint="solvent env list")
    fitting(then, spec, world.names)
    mounts.check(world, replace(one, mounts=from_labels(dict(spec.labels))))
    asked = registries.asked(world, observed, (shot.digest,))
    cause = "its bytes are missing here, and a registry has them"
    pulled, said = pull_steps(asked, asked.build(shot.digest), cause)
    if not asked.present(shot.digest) and not pulled:
        raise Refused(
            f"the image of build {shot.version} of {shot.release} is gone, so {one.name} cannot go back to it",
            why="; ".join(said) or "the engine has its bytes not, and no registry is known to have them",
            hint=f"build it:  solvent image build {shot.release}   and:  solvent env upgrade {one.name} "
            f"--to {shot.release}",
        )
    making = Plan("", world.today, pulled, (), fingerprint(pulled)) if pulled else None
    kept = f"your own packages of {shot.release} are as they were; those of {one.release} stay where they are"
    notes += (kept,) if shot.release != one.release else ()
    move = Move(spec, shot.release, shot.version, "its owner goes back", notes, making, (), shot.number)
    plan = plan_move(world.catalog, observed, one, known, move, names=world.names, today=world.today)
    deliveries.prepare(world, one.connections)
    return plan


def _called_off(world: World, observed: Observed, one: Environment, known: Known) -> Plan:
    """Plan to undo an upgrade that was cut short; the old one starts again if it may, by the rules of every start."""
    again = Plan("", world.today, (), (), "")
    if ran(one):
        try:
            again = environments.plan_again(world, observed, one)
        except ManagerError as error:
            again = replace(again, notes=(f"{one.name} is not started again: {error.message}",))
    return plan_call_off(one, known, again, names=world.names, today=world.today)


def _returnable(world: World, observed: Observed, then: Environment) -> tuple[str, ...]:
    """Decide whether an environment may be again what it was ``then``: as a start of that would be; gives notes."""
    build = observed.build(then.digest)
    if build is not None and build.status is BuildStatus.QUARANTINED:
        raise Refused(
            f"build {build.version} of {build.release} is quarantined, so {then.name} does not go back to it",
            why=build.reason,
            hint=f"stay on what it is, or choose another:  solvent env upgrade {then.name} --to RELEASE",
        )
    known = environments.announced(world, then.release)
    *_, notes = startable(world.catalog, observed, then, world.today, known)
    return notes


def _known(world: World, one: Environment) -> tuple[Environment, Known]:
    """Join what container and database know; what is gone has its folders in its specification alone."""
    engine, settings = world.engine_id, world.settings
    spec = world.store.specification(engine, one.container)
    remembered = (each for each in world.store.environments(one.owner) if each.engine == engine)
    digest = next((each.environment.digest for each in remembered if each.environment.container == one.container), "")
    waiting = world.engine.container(world.names.next(one.container))
    if one.state == "gone" and spec is not None:
        one = replace(one, mounts=from_labels(dict(spec.labels)))
    limits = LaunchRequest(
        one.release,
        memory=spec.memory if spec else settings.memory_bytes,
        cpus=spec.cpus if spec else settings.cpus,
        pids=spec.pids if spec else settings.pids,
    )
    shots = behind(world.store.snapshots(), engine, one.container, one.digest)
    return one, Known(limits, spec, digest, shots, environment_of(waiting) if waiting else None)


def _connectors(world: World, one: Environment, release: Release) -> tuple[str, ...]:
    """Say which connections of an environment lead through a connector that a release does not have."""
    from manager.app import connections

    lost = []
    for name in one.connections:
        saved = connections.found(world, name)
        if saved.connector in release.suspended:
            why = because(world.catalog, saved.connector, release.name, world.today)
            lost.append(f"connection {name} needs {saved.connector}, which is out of {release.name} for now: {why}")
        elif saved.connector not in release.connectors:
            lost.append(f"connection {name} needs {saved.connector}, and {release.name} has no driver for it")
    return tuple(lost)


def _due(asked: Asked, chosen: Iterable[Environment], world: World) -> tuple[str, ...]:
    """Say by when the upgrades are due, and what ends before that."""
    if asked.deadline is None:
        return ()
    late = asked.deadline < world.today
    said = [f"due by {asked.deadline}" + (f": {(world.today - asked.deadline).days} days ago" if late else "")]
    dates = {release.name: release.schedule for release in world.catalog.releases}
    for one in chosen:
        schedule = dates.get(one.release)
        if schedule is not None and schedule.restart_block < asked.deadline:
            said.append(f"{one.name} does not start any more from {schedule.restart_block} on, which is earlier")
    return tuple(said)


def _nothing(one: Environment, why: str, today: date) -> Plan:
    return Plan(f"upgrade {one.name}", today, (), (why,), fingerprint(one), one.name)


def _joined(verb: str, plans: list[Plan], today: date, due: tuple[str, ...]) -> Plan:
    """Join plans to one; what several need, such as an image, is made once."""
    if len(plans) == 1:
        return replace(plans[0], notes=(*due, *plans[0].notes))
    steps = {step.id: step for plan in plans for step in plan.steps}
    notes = (f"{plan.result}: {note}" for plan in plans for note in plan.notes)
    read = fingerprint(*(plan.fingerprint for plan in plans))
    names = ", ".join(plan.result for plan in plans) or "nothing"
    return Plan(f"{verb} {names}", today, tuple(steps.values()), (*due, *notes), read)
