"""Taking over the files of a container that nobody manages: which of them, where to, and when.

They are copied. The container and its volumes stay as they are, so nothing that goes wrong here loses a file, two
containers never write to one volume, and the copies can belong to whoever works in the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from manager.core.actions import TakeFiles
from manager.core.plan import Plan, Step, fingerprint, in_order
from manager.core.takeover import Files, Takeover, state
from manager.core.workspaces import find, usage_of
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.adoption import Unmanaged
    from manager.core.containers import Mount
    from manager.core.names import Names
    from manager.core.observed import Environment, Observed

When = Literal["at start", "now"]
# Under these names people keep what they work on; any other volume goes into a folder of its own.
_WORK = ("work", "workspace", "notebooks", "project", "projects", "src")


@dataclass(frozen=True, slots=True)
class TakeoverRequest:
    """What a person asks for; "" is filled in. ``when`` says whether the files are taken at once or at the next start.

    ``volumes`` and ``folders`` (absolute paths inside the container) narrow what is taken.
    """

    name: str
    release: str = ""
    owner: str = ""
    workspace: str = ""
    volumes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    when: When = "at start"


def sources_of(container: Unmanaged, volumes: tuple[str, ...], folders: tuple[str, ...]) -> tuple[Files, ...]:
    """Choose what is taken: what is named, or every volume that the container writes to.

    Raises UsageError for a volume that it has not and a folder that is no absolute path, Refused for a container
    whose files lie in no volume.
    """
    mine = {one.source: one for one in container.mounts if one.kind == "volume"}
    unknown = [name for name in volumes if name not in mine]
    if unknown:
        there = ", ".join(mine) or "none"
        raise UsageError(f"{container.name} has no volume {unknown[0]!r}", hint=f"it has: {there}")
    wrong = [path for path in folders if not path.startswith("/") or path.strip("/") in ("", "proc", "sys", "dev")]
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no folder that can be taken", hint="an absolute path, such as /home/ana")
    chosen = [mine[name] for name in volumes] if volumes else [one for one in mine.values() if not one.read_only]
    chosen = [] if folders and not volumes else chosen
    if not chosen and not folders:
        raise Refused(
            f"{container.name} keeps no files in a volume",
            why="what was saved in it lies in the container itself",
            hint=f"say which folder:  solvent adopt environment {container.name} --folder /home/NAME ...",
        )
    return (*_placed(chosen, alone=not folders), *(Files("", path.rstrip("/"), _last(path)) for path in folders))


def left_out(container: Unmanaged, sources: tuple[Files, ...], granted: Iterable[str]) -> tuple[str, ...]:
    """Say which mounts are not taken, and why; ``granted`` are the host's paths that the environment brings along."""
    taken, along = {one.volume for one in sources}, set(granted)
    notes = []
    for mount in container.mounts:
        if mount.kind == "volume" and mount.source not in taken:
            why = "the container only reads it" if mount.read_only else "it was not named"
            notes.append(f"volume {mount.source[:40]} at {mount.target} is not taken: {why}")
        elif mount.kind == "bind" and mount.source not in along:
            notes.append(
                f"host folder {mount.source} at {mount.target} is not taken: the administrator's list does not grant it"
            )
    return tuple(notes)


def taking(
    observed: Observed,
    names: Names,
    environment: Environment,
    needs: tuple[str, ...] = (),
    *,
    while_running: bool = False,
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Plan to take over what an environment is still to take over; gives the step, if it takes one, and notes.

    Raises Refused for a volume that is gone and, unless ``while_running``, while a container still writes to one.
    """
    takeover = environment.takeover
    name = names.workspace(environment.owner, environment.workspace)
    volume = find(observed, name)
    done = volume is not None and state(usage_of(observed, volume).origin) == "done"
    if takeover is None or done or environment.state != "created":
        return (), ()
    _there(observed, environment, takeover)
    writers = _writers(observed, takeover)
    told = tuple(f"{who} runs and goes on writing to {what}" for who, what in writers)
    if told and not while_running:
        raise Refused(
            f"{environment.name} cannot take over the files of {takeover.container} yet",
            why="; ".join(told) + ": what is written after the copy would be missing here",
            hint=f"its owner stops it:  docker stop {writers[0][0]}   or copy them as they are now:  "
            f"solvent adopt environment {takeover.container} --as {environment.name} --now",
        )
    step = Step(
        id=f"take:{name}",
        kind="take over files",
        target=environment.workspace,
        cause=f"{environment.name} continues {takeover.container}; its files are copied, and stay where they are",
        do=TakeFiles(environment.workspace, name, takeover, environment.release, environment.digest),
        after=", ".join(map(str, takeover.sources)),
        needs=needs,
    )
    return (step,), tuple(f"{one}; what it writes after the copy stays there alone" for one in told)


def defined(plan: Plan, observed: Observed, names: Names, environment: Environment, when: When) -> Plan:
    """Make a plan to launch an environment one that defines it: its files are taken now, or when it is started."""
    takeover = environment.takeover
    if takeover is None:
        return plan
    create = next(step for step in plan.steps if step.kind == "create environment")
    taken, notes = taking(observed, names, environment, create.needs, while_running=True)
    cause = f"it continues {takeover.container}, whose files it takes over " + (
        "now" if when == "now" else "at its start"
    )
    made = replace(create, cause=cause, needs=(*create.needs, *(step.id for step in taken if when == "now")))
    steps = [made if step is create else step for step in plan.steps]
    if when == "now":
        steps += taken
    else:
        steps = [step for step in steps if step.kind != "start environment"]
    return replace(
        plan,
        subject=f"adopt {takeover.container} as {environment.name}",
        steps=in_order(steps),
        notes=plan.notes + notes + _shared(observed, takeover) + _rest(environment, when),
        fingerprint=fingerprint(plan.fingerprint, takeover, when),
    )


def _placed(mounts: list[Mount], *, alone: bool) -> tuple[Files, ...]:
    """Give volumes their folders: what people work on goes to the top, or the only one there is."""
    ordered = sorted(mounts, key=lambda one: (_last(one.target) not in _WORK, one.target))
    top = ordered[0] if ordered and alone and (len(ordered) == 1 or _last(ordered[0].target) in _WORK) else None
    found: list[Files] = []
    for one in ordered:
        folder = "" if one is top else _last(one.target)
        same = sum(other.folder.partition("~")[0] == folder for other in found) if folder else 0
        found.append(Files(one.source, one.target, f"{folder}~{same + 1}" if same else folder))
    return tuple(found)


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2] or "files"


def _there(observed: Observed, environment: Environment, takeover: Takeover) -> None:
    """Refuse to take what is gone: it is no empty workspace that was asked for."""
    volumes = {one.name for one in observed.volumes}
    containers = {one.id for one in observed.foreign}
    gone = [
        one for one in takeover.sources if (one.volume not in volumes if one.volume else takeover.id not in containers)
    ]
    if gone:
        raise Refused(
            f"{gone[0]} of {takeover.container} is gone, and its files with it",
            why=f"{environment.name} was to take it over at its first start",
            hint=f"remove the environment, and launch another:  solvent env remove {environment.name}",
        )


def _writers(observed: Observed, takeover: Takeover) -> tuple[tuple[str, str], ...]:
    """Give the containers that run and write to what is to be taken, each with what that is."""
    found = []
    for one in observed.foreign:
        if one.state not in ("running", "restarting"):
            continue
        writes = {mount.source for mount in one.mounts if not mount.read_only}
        for source in takeover.sources:
            if source.volume in writes or (not source.volume and one.id == takeover.id):
                found.append((one.name, str(source)))
    return tuple(sorted(found))


def _shared(observed: Observed, takeover: Takeover) -> tuple[str, ...]:
    """Say which volumes several containers write to: only one of them is adopted here."""
    notes = []
    for source in takeover.sources:
        users = sorted(
            one.name
            for one in observed.foreign
            if any(mount.source == source.volume and not mount.read_only for mount in one.mounts)
        )
        if source.volume and len(users) > 1:
            notes.append(f"{', '.join(users)} write to one volume, {source.volume}")
    return tuple(notes)


def _rest(environment: Environment, when: When) -> tuple[str, ...]:
    """Say what is not taken by its nature, and what comes next."""
    settings = "settings and packages that were installed by hand are not taken over: those of the release are used"
    if when == "now":
        return (settings,)
    return (settings, f"take its files over and start it:  solvent env start {environment.name}")
