"""Environments: asked for, read from the labels of their containers, and what a container of one must be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core import takeover
from manager.core.containers import LABEL, STATES, ContainerSpec, Mount, Publish, Tmpfs
from manager.core.delivery import PLACE
from manager.core.mounts import from_labels, labelled
from manager.core.observed import Environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.catalog import Launch, Release
    from manager.core.mounts import Granted
    from manager.core.names import Names
    from manager.core.observed import Build, Container
    from manager.core.takeover import Takeover


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """What a person asks for; empty strings are filled in by the planner.

    ``release`` is ``family`` or ``family:line``; ``memory`` is in bytes, ``cpus`` in cores, and 0 of a limit stands
    for the one in the settings; ``networks`` are those of the connections' sources. ``git`` is the repository that a
    new workspace is cloned from (``URL#REF``), ``git_secret`` a reference to what its server asks for. ``mounts``
    are names of the administrator's list (``data:ro``), ``granted`` what that list gives for them. ``takeover`` is
    the container whose files it takes over at its first start. ``build`` is the version to pin, instead of the build
    that the channel gives.
    """

    release: str
    name: str = ""
    workspace: str = ""
    connections: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    memory: int = 0
    cpus: float = 0.0
    pids: int = 0
    candidate: bool = False
    git: str = ""
    git_secret: str = ""
    mounts: tuple[str, ...] = ()
    granted: tuple[Granted, ...] = ()
    takeover: Takeover | None = None
    build: str = ""


# What the entry point ends with when no credentials come: EX_CONFIG of sysexits.h.
_NO_CREDENTIALS = 78


# Put together once: ten thousand environments are read in one command.
_ENVIRONMENT, _OWNER, _RELEASE, _VERSION, _PORT, _WORKSPACE, _CONNECTIONS, _PIN = (
    LABEL + key for key in ("environment", "owner", "release", "version", "port", "workspace", "connections", "pin")
)


def environment_of(container: Container) -> Environment:
    """Read an environment from the labels that it was created with."""
    label = container.labels.get
    connections = label(_CONNECTIONS, "")
    return Environment(
        name=label(_ENVIRONMENT, container.name),
        owner=label(_OWNER, ""),
        release=label(_RELEASE, ""),
        version=label(_VERSION, ""),
        digest=container.image,
        container=container.name,
        state=STATES.get(container.state, container.state),
        port=int(port) if (port := label(_PORT, "")).isdecimal() else 0,
        workspace=label(_WORKSPACE, ""),
        connections=tuple(filter(None, connections.split(","))) if connections else (),
        networks=container.networks,
        created=container.created,
        mounts=from_labels(container.labels),
        takeover=takeover.from_labels(container.labels),
        pin=label(_PIN, ""),
        unserved=container.exit_code == _NO_CREDENTIALS and container.state == "exited",
    )


def environments_of(containers: Iterable[Container], names: Names) -> tuple[Environment, ...]:
    """Read environments out of containers, by owner and name; what is not labelled as one of the realm is left out.

    A container that carries our labels under another name than they lead to was made by hand, and is none.
    """
    labels = names.filter("environment").items()
    found = (environment_of(one) for one in containers if labels <= one.labels.items())
    ours = (one for one in found if one.container == names.environment(one.owner, one.name))
    return tuple(sorted(ours, key=lambda one: (one.owner, one.name)))


def successors_of(containers: Iterable[Container], names: Names) -> tuple[Environment, ...]:
    """Read what upgrades that were cut short have left beside environments."""
    found = map(environment_of, containers)
    return tuple(one for one in found if one.container == names.next(names.environment(one.owner, one.name)))


def environment_spec(
    names: Names,
    owner: str,
    release: Release,
    launch: Launch,
    request: LaunchRequest,
    build: Build | None,
    port: int,
) -> ContainerSpec:
    """Give the container of an environment; ``build`` is None while the plan still has to make it.

    The IDE's own port is published on 127.0.0.1; a source's network comes second, because an internal
    network publishes nothing.
    """
    labels = names.labels(
        "environment",
        owner=owner,
        environment=request.name,
        family=release.family,
        release=release.name,
        version=build.version if build else "",
        workspace=request.workspace,
        connections=",".join(request.connections),
        **({"mounts": labelled(request.granted)} if request.granted else {}),
        **({"pin": request.build} if request.build else {}),
        **({"takeover": takeover.labelled(request.takeover)} if request.takeover else {}),
        port=str(port),
    )
    return ContainerSpec(
        name=names.environment(owner, request.name),
        image=build.digest if build else "",
        labels=labels,
        environment=(*launch.environment, ("SOLVENT_RELEASE", release.name)),
        hostname=request.name.replace("_", "-").replace(".", "-"),
        mounts=(
            Mount(names.workspace(owner, request.workspace), launch.workspace),
            Mount(names.home(owner, release.family), launch.home),
            *(one.mount for one in request.granted),
        ),
        tmpfs=runtime_tmpfs(launch.uid),
        networks=(names.network, *request.networks),
        publish=(Publish(launch.port, port),),
        memory=request.memory,
        cpus=request.cpus,
        pids=request.pids,
        stdin=True,
    )


def runtime_tmpfs(uid: int) -> tuple[Tmpfs, ...]:
    """Give the file systems in memory of every IDE container; /tmp is executable because build tools need it."""
    return (
        Tmpfs("/tmp", "rw,exec,nosuid,nodev,size=1g,mode=1777"),  # noqa: S108 - the container's own
        Tmpfs(PLACE, f"rw,noexec,nosuid,nodev,size=16m,mode=0700,uid={uid},gid={uid}"),
    )


def pick_port(name: str, taken: Iterable[int], first: int, last: int) -> int | None:
    """Give the port for a container's name: the same one again when it is free, else the next free one.

    Both ends of the range are included; None when all are taken.
    """
    used = set(taken)
    span = last - first + 1
    begin = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % span
    return next(
        (port for step in range(span) if (port := first + (begin + step) % span) not in used),
        None,
    )
