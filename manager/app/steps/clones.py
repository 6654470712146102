"""Fills a workspace with a git clone: in a sandbox of the release, which sees the workspace and the network alone.

What the server asks for travels over standard input, as an environment's secrets do.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from manager.app import usage
from manager.app.mirrors import reach
from manager.app.sandbox import script
from manager.app.steps.containers import image_of
from manager.core.clones import Cloned
from manager.core.containers import ContainerSpec, Mount
from manager.core.environments import runtime_tmpfs
from manager.core.secrets import masked
from manager.errors import Failed, ManagerError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import CloneWorkspace, RemoveVolume

# Half an hour is a repository of some ten GB over an office's line.
_SECONDS = 1800
_USER = "git"
# How git says it, and what helps.
_HINTS = (
    ("could not read Username", "its server asks who you are:  --git-secret env:NAME  (a token, or user:password)"),
    ("Authentication failed", "the secret is not right: a token, or user:password"),
    ("Could not resolve host", "see to the server's name; behind a proxy, name it with  proxy  in [mirror]"),
    ("certificate", "its certificate is signed by none that the image knows"),
    ("has no branch", "see what there is:  git ls-remote {url}"),
    ("not found", "see to the address; a private repository is not found without  --git-secret env:NAME"),
)


def clone(world: World, action: CloneWorkspace, progress: Progress) -> Cloned:
    """Clone into a workspace that is empty; leave one that is this clone already.

    A clone that fails, or that the person stops, leaves the workspace empty, and takes it away again where this
    plan made it. Raises Refused for a workspace with other files, Failed with git's own reason.
    """
    if not world.claims.take(action.volume):
        raise Refused(f"workspace {action.workspace} is being filled by another command", hint="wait for it")
    name = world.names.clone(action.volume)
    done = False
    try:
        # What a killed command left: nobody else works on it while we have the claim.
        world.engine.remove(name)
        answer = _asked(world, action, name, progress)
        # Before anything is remembered: a launch that knows the clone does not look for what is left of it.
        world.engine.remove(name)
        ended = _judged(action, answer)
        usage.touched(world, action.volume, str(action.origin))
        done = True
        return ended
    finally:
        with suppress(ManagerError):
            if not done:
                # It takes away what it has begun before it ends.
                world.engine.stop(name)
        with suppress(ManagerError):
            world.engine.remove(name)
            if not done and f"volume:{action.volume}" in progress.results:
                world.engine.remove_volume(action.volume)
        world.claims.release(action.volume)


def remove(world: World, action: RemoveVolume) -> None:
    """Remove a volume, with what a killed clone left on it, and forget what is remembered of it."""
    if not world.claims.take(action.name):
        raise Refused(f"volume {action.name} is being filled by another command", hint="wait for it")
    try:
        world.engine.remove(world.names.clone(action.name))
        world.engine.remove_volume(action.name)
    finally:
        world.claims.release(action.name)
    with suppress(ManagerError):
        world.store.forget_usage(action.name)


def _asked(world: World, action: CloneWorkspace, name: str, progress: Progress) -> dict[str, Any]:
    """Run the sandbox to its end; give its answer."""
    launch = world.catalog.family(action.release.partition(":")[0]).launch
    user, password = _credentials(world, action.secret)
    way = reach(world)
    proxied = [login.password.reveal() for _, login in way.logins]
    hidden = [password, *proxied, *(quote(one, safe="") for one in proxied)]
    asked = {
        "workspace": launch.workspace, "url": action.origin.url, "ref": action.origin.ref, "user": user,
        "password": password, "seconds": _SECONDS,
        "environment": dict(way.proxy()), "authorities": way.bundle, "hidden": hidden,
    }  # fmt: skip
    spec = ContainerSpec(
        name=name,
        image=image_of(action.release, action.image, progress),
        labels=world.names.labels("sandbox", owner=world.settings.owner),
        entrypoint=("/usr/bin/python3", "-I", "-c", script("clone")),
        mounts=(Mount(action.volume, launch.workspace),),
        tmpfs=runtime_tmpfs(launch.uid),
        networks=(action.network,),
        memory=2 * 1024**3,
        cpus=world.settings.cpus,
        pids=256,
        stdin=True,
    )
    progress.say(f"cloning {action.origin}")
    world.engine.create(spec)
    world.engine.start(name, json.dumps(asked).encode())
    until = time.monotonic() + _SECONDS + 30
    for line in _lines(world.engine.logs(name, follow=True)):
        if "outcome" in line:
            return line
        progress.say(str(line.get("say", "")))
        if time.monotonic() > until:
            break
    said = b"".join(world.engine.logs(name, tail=5)).decode(errors="replace").strip()
    raise Failed(f"{action.origin} was not cloned", why=masked(said[-300:], hidden) or "the sandbox gave no answer")


def _judged(action: CloneWorkspace, answer: dict[str, Any]) -> Cloned:
    reason, commit = str(answer.get("reason", "")), str(answer.get("commit", ""))
    where = str(answer.get("branch", "")) or commit[:12] or "no commit"
    match answer["outcome"]:
        case "cloned":
            return Cloned(action.workspace, str(action.origin), commit)
        case "same":
            note = f"workspace {action.workspace} is this clone already, on {where}: it is left as it is"
            return Cloned(action.workspace, str(action.origin), commit, note)
        case "other":
            raise Refused(
                f"workspace {action.workspace} is not empty, so nothing is cloned into it",
                why=reason,
                hint="choose another one:  --workspace NAME",
            )
    hint = next((hint for sign, hint in _HINTS if sign in reason), "see to the address, and launch again")
    raise Failed(f"{action.origin} was not cloned", why=reason, hint=hint.format(url=action.origin.url))


def _credentials(world: World, reference: str) -> tuple[str, str]:
    """Give user and password of ``user:password`` or of a token, which most servers take with any user."""
    from manager.world import secrets

    if not reference:
        return "", ""
    value = world.prepared_secrets.take(reference, secrets.resolve).reveal()
    if "\n" in value:
        raise Failed("the secret of the git server has more than one line", hint="a token, or user:password")
    user, colon, password = value.partition(":")
    return (user, password) if colon else (_USER, value)


def _lines(chunks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Read JSON lines out of chunks; other lines are left out."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            with suppress(ValueError, RecursionError):
                found = json.loads(line)
                if isinstance(found, dict):
                    yield found
