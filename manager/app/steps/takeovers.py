"""Copies the files of a container that nobody manages into a workspace, through the engine: nothing runs for it.

Two containers of ours are made and never started: one that has the old volumes, read-only, and one that has the
workspace. What the engine reads out of the first, as it can read whatever its owner is, is written into the second as
files of whoever works in the environment.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from manager.app import usage
from manager.app.steps.containers import image_of
from manager.core.amounts import show_size
from manager.core.containers import ContainerSpec, Mount
from manager.core.takeover import Took, origin, state
from manager.core.workspaces import CREATED
from manager.errors import Failed, ManagerError, Refused, UsageError
from manager.world.carrying import END, Cargo, carried, empty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import TakeFiles
    from manager.core.takeover import Files

_EVERY = 100_000_000


def take(world: World, action: TakeFiles, progress: Progress) -> Took:
    """Fill the workspace, if it is empty or an earlier takeover into it was interrupted.

    Raises Refused while another command fills it, Failed for files that cannot be read or written; what was copied by
    then is copied again by the next run.
    """
    if not world.claims.take(action.volume):
        raise Refused(f"workspace {action.workspace} is being filled by another command", hint="wait for it")
    reader, writer = f"{world.names.clone(action.volume)}-from", world.names.clone(action.volume)
    try:
        # What a killed command left: nobody else works on it while we have the claim.
        _clear(world, reader, writer)
        _make(world, action, progress, reader, writer)
        launch = world.catalog.family(action.release.partition(":")[0]).launch
        if not _begun(world, action) and not empty(world.engine.archive(writer, launch.workspace)):
            note = f"workspace {action.workspace} has files already: nothing of {action.takeover.container} was copied"
            return Took(action.takeover.container, note=note)
        usage.touched(world, action.volume, origin(action.takeover.container, done=False))
        cargo = Cargo()
        world.engine.copy_in(writer, launch.workspace, _stream(world, action, progress, launch.uid, cargo))
        usage.touched(world, action.volume, origin(action.takeover.container, done=True))
        return Took(action.takeover.container, cargo.files, cargo.size, tuple(sorted(cargo.owners)), tuple(cargo.left))
    finally:
        with suppress(ManagerError):
            _clear(world, reader, writer)
        world.claims.release(action.volume)


def _make(world: World, action: TakeFiles, progress: Progress, reader: str, writer: str) -> None:
    """Make the two containers; they are never started, so the image's programs do not run."""
    launch = world.catalog.family(action.release.partition(":")[0]).launch
    image = image_of(action.release, action.image, progress)
    labels = world.names.labels("sandbox", owner=world.settings.owner)
    sources = [Mount(one.volume, place, read_only=True) for one, place in _places(action) if one.volume]
    if sources:
        world.engine.create(ContainerSpec(name=reader, image=image, labels=labels, mounts=tuple(sources)))
    workspace = (Mount(action.volume, launch.workspace),)
    world.engine.create(ContainerSpec(name=writer, image=image, labels=labels, mounts=workspace))


def _clear(world: World, *containers: str) -> None:
    for name in containers:
        world.engine.remove(name)


def _begun(world: World, action: TakeFiles) -> bool:
    """Say whether an earlier takeover into the same volume was interrupted."""
    volume = world.engine.volume(action.volume)
    made = "" if volume is None else volume.labels.get(CREATED, "")
    known = (one for one in world.store.usages() if (one.volume, one.made) == (action.volume, made))
    return any(state(one.origin) == "begun" for one in known)


def _stream(world: World, action: TakeFiles, progress: Progress, uid: int, cargo: Cargo) -> Iterator[bytes]:
    told = 0
    for source, place in _places(action):
        progress.say(f"copying {source} of {action.takeover.container}")
        for block in carried(_read(world, action, source, place), source.folder, uid, cargo):
            yield block
            if cargo.size - told > _EVERY:
                told = cargo.size
                progress.say(f"copying {source} of {action.takeover.container}: {show_size(cargo.size)}")
    yield END


def _read(world: World, action: TakeFiles, source: Files, place: str) -> Iterator[bytes]:
    reader = f"{world.names.clone(action.volume)}-from"
    try:
        if source.volume:
            return world.engine.archive(reader, place)
        return world.engine.archive(action.takeover.id, source.target)
    except UsageError as error:
        raise Failed(f"{source} of {action.takeover.container} cannot be read", why=error.message) from error


def _places(action: TakeFiles) -> list[tuple[Files, str]]:
    return [(one, f"/from/{number}") for number, one in enumerate(action.takeover.sources)]
