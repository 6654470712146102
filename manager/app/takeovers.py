"""Plans to take over the files of a container that nobody manages into an environment of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import environments, mounts, scanning
from manager.core import taking
from manager.core.actions import CreateEnvironment
from manager.core.adoption import unmanaged
from manager.core.catalog import did_you_mean
from manager.core.environments import LaunchRequest, environment_of
from manager.core.observed import Container, readable
from manager.core.takeover import Takeover
from manager.errors import ManagerError, Refused, UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.adoption import Unmanaged
    from manager.core.containers import ContainerSpec
    from manager.core.mounts import Granted
    from manager.core.observed import Observed
    from manager.core.plan import Plan
    from manager.core.taking import TakeoverRequest


def plan_takeover(world: World, name: str, asked: TakeoverRequest) -> Plan:
    """Plan an environment that continues a container: defined now, and its files taken now or at its start.

    Raises UsageError for a container that there is not or that Solvent made, Refused for somebody else's without a
    word, and as :func:`manager.core.planner.plan_launch` and :func:`manager.core.taking.sources_of`.
    """
    observed = world.observe()
    readable(observed)
    old = _found(observed, name)
    owner = _owner(world, old, asked)
    sources = taking.sources_of(old, asked.volumes, asked.folders)
    granted, refused = _granted(world, old, owner)
    release, notes = _release(world, observed, old, asked.release)
    request = LaunchRequest(
        release,
        name=asked.name,
        workspace=asked.workspace,
        takeover=Takeover(old.name, old.id, sources),
        mounts=tuple(f"{one.name}:ro" if one.mode == "ro" else one.name for one in granted),
    )
    plan = environments.plan_launch(world, request, owner)
    (create,) = [step.do for step in plan.steps if isinstance(step.do, CreateEnvironment)]
    made = environment_of(_container(world, create.spec))
    plan = taking.defined(plan, observed, world.names, made, asked.when)
    left = taking.left_out(old, sources, (one.path for one in granted))
    return replace(plan, notes=(*plan.notes, *notes, *refused, *left))


def _found(observed: Observed, name: str) -> Unmanaged:
    there = {one.name: one for one in unmanaged(observed)}
    found = there.get(name) or next(
        (one for one in there.values() if len(name) >= 12 and one.id.startswith(name)), None
    )
    if found is None:
        ours = any(name in (one.name, one.container) for one in observed.environments)
        why = "it is an environment of Solvent's" if ours else ""
        hint = did_you_mean(name, list(there)) or "see what there is:  solvent adopt scan"
        raise UsageError(f"no container {name!r} that Solvent did not make", why=why, hint=hint)
    return found


def _owner(world: World, old: Unmanaged, asked: TakeoverRequest) -> str:
    """Give whose environment it becomes; a label that names somebody else wants a word."""
    me = world.settings.owner
    if asked.owner or not old.hint.source.startswith("label owner") or old.hint.owner == me:
        return asked.owner or me
    raise Refused(
        f"{old.name} seems to belong to {old.hint.owner}",
        why=f"its {old.hint.source} says so",
        hint=f"say whose environment it becomes:  --owner {old.hint.owner}   or  --owner {me}",
    )


def _granted(world: World, old: Unmanaged, owner: str) -> tuple[tuple[Granted, ...], tuple[str, ...]]:
    """Give the host folders that the administrator's list grants, and why others of the list are not brought along."""
    listed = {one.path: one for one in world.settings.mounts}
    found: list[Granted] = []
    notes: list[str] = []
    for mount in old.mounts:
        one = listed.get(mount.source) if mount.kind == "bind" else None
        if one is None:
            continue
        if owner != world.settings.owner:
            notes.append(
                f"host folder {mount.source} is granted to each person by themselves: {owner} has to ask for it"
            )
            continue
        try:
            found += mounts.granted(world, (f"{one.name}:ro" if mount.read_only else one.name,))
        except ManagerError as error:
            notes.append(f"host folder {mount.source} is not brought along: {error.message}")
    return tuple(dict.fromkeys(found)), tuple(notes)


def _release(world: World, observed: Observed, old: Unmanaged, asked: str) -> tuple[str, tuple[str, ...]]:
    """Choose the release: the one asked for, or the newest of the family of the IDE that was found; with notes."""
    if asked:
        known = scanning.known(world, [one for one in observed.foreign if one.id == old.id])[0]
        return asked, _missing(world, asked, known)
    seen = scanning.read(world, observed, old)
    ides = [one.split()[0] for one in seen.scan.ides] if seen.scan else []
    families = {one.id for one in world.catalog.families if one.folder}
    r = bool(seen.scan and any(one.kind == "r" for one in seen.scan.traces))
    wanted = [f"{ide}-r" for ide in ides if r] + ides
    family = next((one for one in wanted if one in families), "")
    if not family:
        found = f"in it: {', '.join(ides)}" if ides else "no IDE was found in it"
        raise UsageError(f"no family fits {old.name}", why=found, hint="say which release:  --release FAMILY:RELEASE")
    release = world.catalog.release(family, world.today).name
    return release, (f"{release} is taken: it has {', '.join(ides)} in it", *_missing(world, release, seen))


def _missing(world: World, release: str, old: Unmanaged) -> tuple[str, ...]:
    """Say which connectors the old one has drivers of and the release has not."""
    if old.scan is None:
        return ()
    has = world.catalog.release(release, world.today).connectors
    lacking = sorted({one.connector for one in old.scan.traces if one.connector and one.connector not in has})
    return (f"{release} lacks drivers that {old.name} has: {', '.join(lacking)}",) if lacking else ()


def _container(world: World, spec: ContainerSpec) -> Container:
    """Give a container as it will be listed, to read the environment that it is."""
    return Container("", spec.name, spec.image, "created", dict(spec.labels), world.clock.now())
