"""Puts an environment's successor in its place: made beside it, started where it was; or the old one is back."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.app import leftovers, mirrors
from manager.app.handover import archive
from manager.app.layers import PREFIXES
from manager.app.sandbox import ended
from manager.app.steps import containers
from manager.core.containers import ContainerSpec, Mount
from manager.core.environments import runtime_tmpfs
from manager.core.secrets import masked
from manager.core.snapshots import Arrived
from manager.errors import Failed, Interrupted, ManagerError, Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.upgrade_actions import CreateSuccessor, InstallOwn, StartSuccessor, TakePlace, YieldPlace

# Some hundred megabytes of wheels over an office's line.
_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Installed:
    """A person's own packages in their place for another release; ``note`` says what is left to do, "" for nothing."""

    requirements: tuple[str, ...]
    note: str = ""


def create(world: World, action: CreateSuccessor, progress: Progress) -> ContainerSpec:
    """Create the successor beside the old container; gives what it was made from.

    Raises Refused when another command works on the environment.
    """
    containers.claim(world, action.container, action.environment)
    try:
        spec = containers.filled(action.spec, action.release, progress)
        # What an earlier run left was never used: it had not taken the place.
        world.engine.remove(spec.name)
        world.engine.create(spec)
    except BaseException:
        world.claims.release(action.container)
        raise
    return spec


def yield_place(world: World, action: YieldPlace) -> None:
    """Stop the old container, so that its port is free."""
    try:
        containers.claim(world, action.container, action.environment)
        world.engine.stop(action.container)
    except BaseException:
        world.claims.release(action.container)
        raise


def start(world: World, action: StartSuccessor, progress: Progress) -> Arrived:
    """Start the successor and wait until it answers; gives what it was made from and the seconds that took.

    Where it does not, or where the person stops it, it is removed and the old one runs again, before the error goes on.
    """
    spec = progress.results.get(f"create:{action.container}")
    if not isinstance(spec, ContainerSpec):
        raise Failed(f"the successor of {action.start.environment} is gone", hint="run the command again")
    began = time.monotonic()
    try:
        containers.claim(world, action.container, action.start.environment)
        containers.start(world, action.start, progress)
        if action.leaves == "stopped":
            world.engine.stop(action.start.container)
    except ManagerError as error:
        try:
            raise _undone(world, action, error, progress) from error
        finally:
            world.claims.release(action.container)
    except BaseException:
        world.claims.release(action.container)
        raise
    world.tokens[action.container] = world.tokens.pop(action.start.container, "")
    return Arrived(spec, time.monotonic() - began)


def take_place(world: World, action: TakePlace) -> None:
    """Remove the old container and give the successor its name.

    Raises Refused when the old one was started meanwhile. What is done already is fine.
    """
    containers.claim(world, action.container, action.environment)
    try:
        if world.engine.container(action.successor) is None:
            return
        old = world.engine.container(action.container)
        if old is not None and old.state in ("running", "paused", "restarting"):
            raise Refused(
                f"{action.environment} was started meanwhile",
                hint=f"stop it and go on:  solvent env stop {action.environment}  and  "
                f"solvent env upgrade {action.environment}",
            )
        world.engine.remove(action.container)
        world.engine.rename(action.successor, action.container)
    finally:
        world.claims.release(action.container)


def install(world: World, action: InstallOwn, progress: Progress) -> Installed:
    """Install packages with pip in a sandbox of the release, as its own kernel would, through the mirrors.

    An upgrade goes on without them: what went wrong is in the note, with what to type inside.
    """
    launch = world.catalog.family(action.release.partition(":")[0]).launch
    progress.say(f"installing {', '.join(action.requirements)}")
    hidden = [login.password.reveal() for _, login in mirrors.reach(world, "python").logins]
    files = mirrors.delivered(world, action.release, progress.say)
    try:
        with leftovers.passing(world) as labels:
            spec = ContainerSpec(
                name=f"{world.names.realm}-sandbox-{secrets.token_hex(4)}",
                image=containers.image_of(action.release, action.image, progress),
                labels=labels,
                command=(
                    f"{PREFIXES['kernel']}/bin/python",
                    "-m",
                    "pip",
                    "install",
                    "--no-input",
                    *action.requirements,
                ),
                mounts=(Mount(action.volume, launch.workspace),),
                tmpfs=runtime_tmpfs(launch.uid),
                networks=(action.network,),
                memory=2 * 1024**3,
                cpus=world.settings.cpus,
                pids=256,
                stdin=True,
            )
            code, said = ended(world, spec, archive(secrets.token_urlsafe(32), files, launch.uid), _SECONDS)
    except Failed as error:
        code, said = 1, f"{error.message}: {error.why}"
    if code == 0:
        return Installed(action.requirements)
    reason = masked(_reason(said), hidden)
    way = f"install them inside, once that is mended:  pip install {' '.join(action.requirements)}"
    return Installed(action.requirements, f"your own packages are not installed for {action.release}: {reason}; {way}")


def _reason(said: str) -> str:
    """Give pip's last complaint in one line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    complaints = [line for line in lines if line.startswith("ERROR: ")]
    return (complaints or lines or ["it said nothing"])[-1].removeprefix("ERROR: ")[:300]


def _undone(world: World, action: StartSuccessor, error: ManagerError, progress: Progress) -> ManagerError:
    """Bring the old one back; gives the error that says so."""
    name, undoing = action.start.environment, progress.undoing()
    with suppress(ManagerError):
        # Whatever it still runs would keep the port.
        world.engine.remove(action.start.container)
    if action.back is None:
        after = f"{name} is as it was"
    else:
        try:
            containers.start(world, action.back, undoing)
            after = f"{name} runs again on {action.back.release}"
        except ManagerError as second:
            after = f"{name} is stopped, on {action.back.release}: {second.message}"
            return Failed(f"{error.message}; {after}", why=error.why, hint=f"start it again:  solvent env start {name}")
    if isinstance(error, Interrupted):
        return Interrupted(f"stopped; {after}", hint=error.hint)
    return Failed(
        f"{error.message}; {after}",
        why=error.why,
        hint=f"what would change:  solvent env upgrade {name} --dry-run",
    )
