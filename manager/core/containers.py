"""What a container is asked to be. Every one is hardened: there is no field that would loosen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# Reverse-DNS as the OCI image specification asks for labels; no label, never changed.
LABEL = "io.solvent."
# What the engine calls a container's state, in our word, where that is another one.
STATES = {"exited": "stopped", "dead": "stopped"}


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume (by name) or a host folder (by absolute path) inside a container."""

    source: str
    target: str
    read_only: bool = False
    kind: Literal["volume", "bind"] = "volume"


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """A file system in memory; ``options`` as in mount(8), for example ``rw,exec,size=512m,mode=1777``."""

    target: str
    options: str


@dataclass(frozen=True, slots=True)
class Publish:
    """A port of the container on a port of 127.0.0.1."""

    container_port: int
    host_port: int


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """A container to create: no capability, no new privileges, a read-only root file system, and limits.

    ``image`` is a digest or a reference; ``command`` and ``entrypoint`` are the image's own when None;
    ``networks`` holds names, the first is the one that ports are published through; ``none`` alone is no network,
    ``container:NAME`` alone that of another container, its loopback included. ``memory`` is in bytes; with
    ``stdin`` the container waits for :meth:`Engine.start` to hand it bytes. ``resolver`` are options
    of name resolution as in resolv.conf(5), such as ``timeout:1``.
    """

    name: str
    image: str
    labels: tuple[tuple[str, str], ...]
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: tuple[tuple[str, str], ...] = ()
    user: str = ""
    hostname: str = ""
    mounts: tuple[Mount, ...] = ()
    tmpfs: tuple[Tmpfs, ...] = ()
    networks: tuple[str, ...] = ("none",)
    publish: tuple[Publish, ...] = ()
    memory: int = 4 * 1024**3
    cpus: float = 0.0
    pids: int = 1024
    stdin: bool = False
    resolver: tuple[str, ...] = ()
