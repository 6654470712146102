"""Plans that put an environment's successor in its place, and back: the old one stays until the new one answers.

The successor is made beside the old container, under a name that no environment has. It gets the place when it is
written down that it answers: a run that is cut short before that starts over, one that is cut short later goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from manager.core.actions import RemoveContainer, StartEnvironment
from manager.core.environments import environment_spec
from manager.core.offers import networks
from manager.core.plan import Plan, Step, fingerprint, in_order
from manager.core.upgrade_actions import (
    CreateSuccessor,
    InstallOwn,
    KeepDefinition,
    StartSuccessor,
    TakePlace,
    YieldPlace,
)
from manager.core.workspaces import make_volumes
from manager.errors import Refused

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Launch, Release
    from manager.core.containers import ContainerSpec
    from manager.core.environments import LaunchRequest
    from manager.core.names import Names
    from manager.core.observed import Build, Environment, Observed
    from manager.core.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Known:
    """What the database and the engine know of an environment beside its container.

    ``limits`` are its memory, processors and processes. ``spec`` is what it was launched as (None: this database did
    not see it), ``digest`` that of the container that has its place in the database; ``behind`` is what it can go back
    to, oldest first; ``waiting`` is a successor that a run which was cut short has left.
    """

    limits: LaunchRequest
    spec: ContainerSpec | None = None
    digest: str = ""
    behind: tuple[Snapshot, ...] = ()
    waiting: Environment | None = None

    @property
    def taken(self) -> bool:
        """Say whether the successor that waits has the place already, and only its name is missing."""
        return self.waiting is not None and self.waiting.digest == self.digest


@dataclass(frozen=True, slots=True)
class Move:
    """One environment's way to another digest: what its successor is made from, and what comes with it.

    ``making`` are the steps that make or pull the image; ``own`` are requirements of the person's own packages;
    ``returned`` is the number of the snapshot that it goes back to, 0 on the way forward.
    """

    spec: ContainerSpec
    release: str
    version: str
    cause: str
    notes: tuple[str, ...] = ()
    making: Plan | None = None
    own: tuple[str, ...] = ()
    returned: int = 0


def successor_spec(
    names: Names, one: Environment, release: Release, launch: Launch, build: Build | None, limits: LaunchRequest
) -> ContainerSpec:
    """Give what an environment's successor is made from: its port, workspace, folders, networks and connections.

    ``limits`` are those that it has. The home is that of the release's family.
    """
    others = tuple(network for network in one.networks if network != names.network)
    request = replace(
        limits, release=release.name, name=one.name, workspace=one.workspace, connections=one.connections,
        networks=others, granted=one.mounts,
    )  # fmt: skip
    return environment_spec(names, one.owner, release, launch, request, build, one.port)


def plan_move(
    catalog: Catalog, observed: Observed, one: Environment, known: Known, move: Move, *, names: Names, today: date
) -> Plan:
    """Plan to put an environment on another digest.

    Raises Refused for one whose launch never ended or whose files are gone, and for a volume that is not the person's.
    """
    _movable(observed, one, names)
    runs = _runs(one)
    family = move.release.partition(":")[0]
    network = networks(observed, names, tuple(each for each in move.spec.networks if each != names.network))
    ground = make_volumes(observed, names, one.owner, one.name, one.workspace, family)
    making = move.making.steps if move.making else ()
    ready = tuple(step.id for step in (*making[-1:], *network, *ground))
    kept = () if move.returned else _keep(catalog, one, known, names)
    own = _own(names, one, move, ready)
    create = Step(
        id=f"create:{one.container}",
        kind="create environment",
        target=one.name,
        cause=move.cause + ("; what an interrupted upgrade left goes first" if known.waiting else ""),
        do=CreateSuccessor(one.container, one.name, move.release, replace(move.spec, name=names.next(one.container))),
        before=f"{one.release} {one.version}".strip(),
        after=f"{move.release} {move.version}".strip(),
        needs=(*ready, *(step.id for step in kept), *(step.id for step in own)),
    )
    stop = _stop(one, (create.id,))
    start = Step(
        id=f"start:{one.container}",
        kind="start environment",
        target=one.name,
        cause="it takes its place once it answers; if it does not, the old one is back",
        do=StartSuccessor(
            one.container,
            StartEnvironment(names.next(one.container), one.name, move.release, one.connections),
            StartEnvironment(one.container, one.name, one.release, one.connections) if stop else None,
            runs,
            move.returned,
        ),
        after="ready" if runs == "running" else "ready, then stopped as it was",
        needs=(create.id, *(step.id for step in stop)),
    )
    place = _place(one, names, f"{move.release} answers in its place", (start.id,))
    steps = (*making, *network, *ground, *kept, *own, create, *stop, start, place)
    lacking = (f"its settings for {family} are new: a home belongs to one family",) if family != one.family else ()
    return Plan(
        subject=f"upgrade {one.name} to {move.release}" + (f" {move.version}" if move.version else ""),
        as_of=today,
        steps=in_order(steps),
        notes=(*move.notes, *(move.making.notes if move.making else ()), *lacking),
        fingerprint=fingerprint(one, known, replace(move, notes=(), making=None), making),
        result=one.name,
    )


def plan_rest(one: Environment, known: Known, *, names: Names, today: date) -> Plan:
    """Plan what is left of an upgrade that was cut short after the successor had its place."""
    waiting = known.waiting
    release = waiting.release if waiting else one.release
    cause = f"its upgrade to {release} was cut short when all but this was done"
    step = _place(one, names, cause, ())
    return Plan(f"upgrade {one.name} to {release}", today, (step,), (cause,), fingerprint(one, known), one.name)


def ran(one: Environment) -> bool:
    """Say whether an environment was stopped for an upgrade, and is to run again once that is undone."""
    return one.state in ("stopped", "created") and one.wanted == "running"


def plan_call_off(one: Environment, known: Known, again: Plan, *, names: Names, today: date) -> Plan:
    """Plan to undo an upgrade that was cut short before the successor had its place.

    ``again`` starts the old one: as every start is planned, or empty, with a note where it may not.
    """
    remove = Step(
        id=f"remove:{names.next(one.container)}",
        kind="remove environment",
        target=one.name,
        cause="what an interrupted upgrade left beside it was never used",
        do=RemoveContainer(names.next(one.container)),
        before=known.waiting.release if known.waiting else "",
        after="gone",
    )
    # Two containers would want one port, so all of it waits.
    later = (replace(step, needs=(remove.id, *step.needs)) for step in again.steps)
    read = fingerprint(one, known, again.fingerprint)
    return Plan(f"call off the upgrade of {one.name}", today, (remove, *later), again.notes, read, one.name)


def _movable(observed: Observed, one: Environment, names: Names) -> None:
    if one.state == "created" and not one.wanted:
        raise Refused(
            f"the launch of {one.name} did not end, so there is nothing to upgrade",
            hint=f"launch it again:  solvent env launch {one.release} --name {one.name} --workspace {one.workspace}",
        )
    workspace = names.workspace(one.owner, one.workspace)
    if all(volume.name != workspace for volume in observed.volumes):
        raise Refused(
            f"workspace {one.workspace} of {one.name} is gone, and its files with it",
            why="its volume was removed without Solvent; an upgrade puts no empty one in its place",
            hint=f"put a backup of the volume back, or:  solvent env start {one.name} --new-workspace",
        )


def _runs(one: Environment) -> Literal["running", "stopped"]:
    """Say how an environment is to be left: as it is, or as it was before an upgrade of it was cut short."""
    return "running" if one.state in ("running", "paused", "restarting") or one.wanted == "running" else "stopped"


def _keep(catalog: Catalog, one: Environment, known: Known, names: Names) -> tuple[Step, ...]:
    spec = known.spec
    if spec is None:
        release = next((each for each in catalog.releases if each.name == one.release), None)
        if release is None:
            return ()
        launch = catalog.family(release.family).launch
        spec = successor_spec(names, one, release, launch, None, known.limits)
    # What it is made from again is the digest that it has, whatever the tag of its build points to by then.
    spec = replace(spec, name=one.container, image=one.digest)
    return (
        Step(
            id=f"keep:{one.container}",
            kind="keep definition",
            target=one.name,
            cause=f"env upgrade {one.name} --back returns to it",
            do=KeepDefinition(one.container, one.release, one.version, one.digest, spec),
            after=f"{one.release} {one.version}".strip(),
        ),
    )


def _own(names: Names, one: Environment, move: Move, needs: tuple[str, ...]) -> tuple[Step, ...]:
    if not move.own:
        return ()
    return (
        Step(
            id=f"packages:{one.container}",
            kind="install packages",
            target=one.name,
            cause="you installed them yourself, and another release has a place of its own for them",
            do=InstallOwn(
                one.name,
                names.workspace(one.owner, one.workspace),
                move.release,
                move.spec.image,
                names.network,
                move.own,
            ),
            after=", ".join(move.own),
            needs=needs,
        ),
    )


def _stop(one: Environment, needs: tuple[str, ...]) -> tuple[Step, ...]:
    if one.state in ("stopped", "gone", "created"):
        return ()
    return (
        Step(
            id=f"stop:{one.container}",
            kind="stop environment",
            target=one.name,
            cause="its owner asks for the upgrade; files stay, what kernels hold in memory does not",
            do=YieldPlace(one.container, one.name),
            before=one.state,
            after="stopped",
            needs=needs,
        ),
    )


def _place(one: Environment, names: Names, cause: str, needs: tuple[str, ...]) -> Step:
    return Step(
        id=f"replace:{one.container}",
        kind="replace environment",
        target=one.name,
        cause=cause,
        do=TakePlace(one.container, names.next(one.container), one.name),
        before=f"{one.release} {one.version}".strip(),
        after="gone",
        needs=needs,
    )
