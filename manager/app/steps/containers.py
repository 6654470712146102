"""Creates and starts environments: the container, its port, its token, and the wait until the IDE answers."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import deliveries, messages, mirrors, usage
from manager.app.handover import archive
from manager.core.containers import LABEL, Publish
from manager.core.observed import Build
from manager.core.secrets import masked
from manager.errors import Failed, Interrupted, Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import CreateEnvironment, StartEnvironment
    from manager.core.containers import ContainerSpec

# 32 random bytes are 43 characters of URL-safe base64.
_TOKEN_BYTES = 32
# A first start reads a few thousand files from a cold disk; a warm one takes about a second.
_READY_SECONDS = 90


def create(world: World, action: CreateEnvironment, progress: Progress) -> ContainerSpec:
    """Create the container, on the next free host port when another program holds the planned one.

    Gives the specification that was used. Raises Refused when the name is taken meanwhile, or another command is
    launching it.
    """
    claim(world, action.spec.name, action.environment)
    try:
        return _create(world, action, progress)
    except BaseException:
        world.claims.release(action.spec.name)
        raise


def _create(world: World, action: CreateEnvironment, progress: Progress) -> ContainerSpec:
    spec = action.spec
    world.timing[spec.name] = progress.began if spec.image else time.monotonic()
    spec = filled(spec, action.release, progress)
    port = free_port(world, spec.publish[0].host_port)
    spec = _with(replace(spec, publish=(Publish(spec.publish[0].container_port, port),)), "port", str(port))
    if action.instead:
        _clear(world, action)
    try:
        world.engine.create(spec)
    except BaseException:
        listening(world, port)
        raise
    return spec


def filled(spec: ContainerSpec, release: str, progress: Progress) -> ContainerSpec:
    """Give a specification that waits for its image with that of the build which the plan has made; raises Failed."""
    if spec.image:
        return spec
    build = progress.results.get(f"image:{release}")
    if not isinstance(build, Build):
        raise Failed(f"{release} has no build", hint=f"solvent image build {release}")
    return _with(replace(spec, image=build.digest), "version", build.version)


def image_of(release: str, known: str, progress: Progress) -> str:
    """Give the image of a release that a step works in: that of the build which the plan has made, else ``known``."""
    build = progress.results.get(f"image:{release}")
    return build.digest if isinstance(build, Build) else known


def _clear(world: World, action: CreateEnvironment) -> None:
    """Remove what an interrupted launch left; by now it may be more than that."""
    left = world.engine.container(action.spec.name)
    if left is not None and left.state in ("running", "paused", "restarting"):
        raise Refused(
            f"{action.environment} was started meanwhile", hint=f"use it:  solvent env open {action.environment}"
        )
    world.engine.remove(action.spec.name)


def start(world: World, action: StartEnvironment, progress: Progress) -> float:
    """Start, hand over a fresh token and the connections, and wait; gives seconds from first request to ready.

    Those are the seconds of reading the world, and of the plan from its beginning; where the plan made the image,
    from the moment that it was there.

    Raises Refused when the environment's port is in use or another command starts it, Failed with the container's
    last lines when the IDE ends or does not answer. When the person stops it, the container goes back to what it
    was, so that the same command can be given again.
    """
    claim(world, action.container, action.environment)
    try:
        return _started(world, action, progress)
    finally:
        world.claims.release(action.container)


def claim(world: World, container: str, environment: str) -> None:
    """Keep two commands from launching or starting one environment: each would hand over a token of its own."""
    if not world.claims.take(container):
        raise Refused(
            f"{environment} is being launched or started by another command",
            hint=f"wait for it, then:  solvent env open {environment}",
        )


def _started(world: World, action: StartEnvironment, progress: Progress) -> float:
    began = world.timing.pop(action.container, progress.began)
    launch = world.catalog.family(action.release.partition(":")[0]).launch
    progress.say("secrets")
    files = [
        *deliveries.taken(world, action.connections),
        *mirrors.delivered(world, action.release, progress.say),
        *messages.given(world, action.release, action.environment),
    ]
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    container = world.engine.container(action.container)
    if container is None:
        raise Failed(f"the container of {action.environment} is gone", hint="launch it again")
    if container.state == "running":
        raise Refused(
            f"{action.environment} was started meanwhile", hint=f"use it:  solvent env open {action.environment}"
        )
    port = int(container.labels.get(LABEL + "port", "0"))
    try:
        try:
            _start(world, action, port, archive(token, files, launch.uid))
        finally:
            listening(world, port)
        # While the IDE starts, so that nobody waits for it.
        usage.used(world, container)
        messages.kept(world, action.release, action.container)
        _wait(world, action, progress, port, launch.ready)
    except Interrupted:
        world.engine.stop(action.container)
        if container.state == "created":
            world.engine.remove(action.container)
        raise
    except Failed as error:
        log = b"".join(world.engine.logs(action.container, tail=15)).decode(errors="replace").strip()
        log = masked(log, (token, *(file.content.decode() for file in files if "/secrets/" in file.path)))
        raise Failed(
            f"{action.environment} did not become ready: {error.message}",
            why=log or error.why or "it printed nothing",
            hint=f"solvent env logs {action.environment}",
        ) from error
    world.tokens[action.container] = token
    return time.monotonic() - began + world.observing


def _wait(world: World, action: StartEnvironment, progress: Progress, port: int, path: str) -> None:
    from manager.world.web import ready

    def between() -> None:
        progress.say("waiting for the IDE")
        container = world.engine.container(action.container)
        if container is None or container.state != "running":
            raise Failed("its container ended")

    progress.say("waiting for the IDE")
    ready(port, path, _READY_SECONDS, between)


def free_port(world: World, wanted: int) -> int:
    """Give the wanted host port, or the next one of the configured range that nothing listens on.

    It is claimed, as nothing listens there before the container starts; :func:`listening` gives the claim up.
    Raises Refused when every port of the range is taken.
    """
    from manager.world.web import port_free

    first, last = world.settings.port_first, world.settings.port_last
    span = last - first + 1
    for step in range(span):
        port = first + (wanted - first + step) % span
        if world.claims.take_new(_claim_of(port)):
            if port_free(port):
                return port
            world.claims.release(_claim_of(port))
    raise Refused(f"every port from {first} to {last} is taken", hint="remove an environment:  solvent env list")


def listening(world: World, port: int) -> None:
    """Give up the claim on a port that a container listens on by now, or never will."""
    world.claims.release(_claim_of(port))


def _claim_of(port: int) -> str:
    return f"port-{port}"


def _start(world: World, action: StartEnvironment, port: int, handed: bytes) -> None:
    try:
        world.engine.start(action.container, handed)
    except Refused as error:
        raise Refused(
            f"{action.environment} cannot start: {error.message}",
            why=error.why or f"its port {port} stays the same, so that its address does",
            hint=f"free port {port}, or  solvent env remove {action.environment}  and launch it again: files stay",
        ) from error


def _with(spec: ContainerSpec, label: str, value: str) -> ContainerSpec:
    """Give the specification with one label changed."""
    key = LABEL + label
    return replace(spec, labels=tuple((k, value if k == key else v) for k, v in spec.labels))
