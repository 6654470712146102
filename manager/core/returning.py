"""Bringing back an environment whose container is gone: made again from what was launched, on the same bytes.

Nothing is invented: without its image it waits for the bytes, and without its files it says that they are lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.actions import CreateEnvironment
from manager.core.copies import pull_steps
from manager.core.mounts import from_labels
from manager.core.observed import readable
from manager.core.offers import networks
from manager.core.plan import Plan, Step, fingerprint
from manager.core.starting import start_step, startable
from manager.core.workspaces import make_volumes
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog
    from manager.core.containers import ContainerSpec
    from manager.core.lifecycle import Schedule
    from manager.core.names import Names
    from manager.core.observed import Environment, Observed


def plan_return(
    catalog: Catalog,
    observed: Observed,
    environment: Environment,
    spec: ContainerSpec,
    *,
    names: Names,
    today: date,
    new_workspace: bool,
    announced: Schedule | None = None,
) -> Plan:
    """Plan to make the container of an environment again, and to start it.

    Raises Refused as a start does; without the image's bytes; and without the workspace's volume, unless an empty
    one is asked for (``new_workspace``). A specification that says more than its labels is refused as well: several
    people may write to the database, and none of them decides which folders of the host another one brings along.
    """
    readable(observed)
    one = environment
    fitting(one, spec, names)
    release, build, notes = startable(catalog, observed, one, today, announced)
    pulled, said = pull_steps(observed, observed.build(one.digest))
    if not observed.present(one.digest) and not pulled:
        raise Refused(
            f"the image of {one.name} is gone: build {one.version} of {one.release}",
            why="; ".join(("an environment comes back on the bytes that it had, and the engine has them not", *said)),
            hint=f"build it:  solvent image build {one.release}   and launch anew on its files:\n"
            f"solvent env remove {one.name}\n"
            f"solvent env launch {one.release} --name {one.name} --workspace {one.workspace}",
        )
    ground = make_volumes(observed, names, one.owner, one.name, one.workspace, one.family)
    lacking = {step.target for step in ground}
    _files(one, new_workspace=new_workspace, lost=names.workspace(one.owner, one.workspace) in lacking)
    if names.home(one.owner, one.family) in lacking:
        notes += (f"your home for {one.family} is gone, and its settings with it: an empty one is made",)
    network = networks(observed, names, one.networks)
    create = Step(
        id=f"create:{one.container}",
        kind="create environment",
        target=one.name,
        cause="its container is gone; it is made again as it was launched",
        do=CreateEnvironment(one.name, one.release, spec),
        before="gone",
        after=one.release,
        needs=tuple(step.id for step in (*pulled, *network, *ground)),
    )
    start = start_step(one.container, one.name, one.release, one.connections, "it was gone", (create.id,))
    return Plan(
        subject=f"start {one.name}",
        as_of=today,
        steps=(*pulled, *network, *ground, create, start),
        notes=notes,
        fingerprint=fingerprint(one, spec, release.schedule if release else None, build, pulled),
        result=one.name,
    )


def fitting(one: Environment, spec: ContainerSpec, names: Names) -> None:
    """Refuse a remembered container that is not the one that its own labels describe."""
    ours = {names.workspace(one.owner, one.workspace), names.home(one.owner, one.family)}
    volumes = {mount.source for mount in spec.mounts if mount.kind == "volume"}
    folders = {mount for mount in spec.mounts if mount.kind == "bind"}
    listed = {granted.mount for granted in from_labels(dict(spec.labels))}
    if (spec.name, spec.image) != (one.container, one.digest) or volumes != ours or folders != listed:
        raise Refused(
            f"what is remembered of {one.name} does not fit together, so it is not brought back",
            why="name, image, volumes and folders are not those of its labels; somebody has edited the database",
            hint=f"launch anew on its files:  solvent env remove {one.name}\n"
            f"solvent env launch {one.release} --name {one.name} --workspace {one.workspace}",
        )


def _files(one: Environment, *, new_workspace: bool, lost: bool) -> None:
    """Refuse to put an empty workspace in the place of lost files unless it is asked for."""
    if lost and not new_workspace:
        raise Refused(
            f"workspace {one.workspace} of {one.name} is gone, and its files with it",
            why="its volume was removed without Solvent; nothing here can bring the files back",
            hint=f"put a backup of the volume back, or start with an empty one:\n"
            f"solvent env start {one.name} --new-workspace",
        )
    if new_workspace and not lost:
        raise UsageError(
            f"workspace {one.workspace} of {one.name} is there",
            hint=f"start it with its files:  solvent env start {one.name}",
        )
