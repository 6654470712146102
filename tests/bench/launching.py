"""Launches by turns: ``solvent env launch`` and ``docker run`` of the same image with the same flags."""

from __future__ import annotations

import json
import resource
import secrets
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app.handover import archive
from manager.world.web import port_free, ready
from tests.system.world import docker

if TYPE_CHECKING:
    from tests.system.world import World

FAMILY = "jupyterlab"
OURS, THEIRS = "bench", "bench-docker-run"
_PATIENCE = 90


@dataclass(frozen=True, slots=True)
class Launch:
    """One launch of ours: seconds from the first engine request to ready, of the whole command, of a processor."""

    ready: float
    whole: float
    busy: float


@dataclass(frozen=True, slots=True)
class Same:
    """A ``docker run`` that asks for what Solvent's container was asked for; ``words`` end with the image."""

    words: tuple[str, ...]
    port: int
    uid: int


def by_turns(world: World, turns: int) -> tuple[list[Launch], list[float]]:
    """Launch and remove by turns, after one turn that does not count; gives both sides in seconds."""
    ours, theirs = [], []
    away(world)
    try:
        same = as_launched(world)
        for turn in range(turns + 1):
            one, other = _launch(world), started(same)
            if turn:
                ours.append(one)
                theirs.append(other)
    finally:
        away(world)
    return ours, theirs


def _launch(world: World) -> Launch:
    began, busy = time.monotonic(), _busy()
    done = world.json("env", "launch", FAMILY, "--name", OURS, "--progress", "none")
    whole, busy = time.monotonic() - began, _busy() - busy
    world("env", "remove", OURS)
    return Launch(float(done["environment"]["ready_seconds"]), whole, busy)


def _busy() -> float:
    """Give the processor seconds of all programs that have ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def started(same: Same) -> float:
    """Run it and wait until it is ready, and take it away; gives the seconds to ready."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write(archive(secrets.token_urlsafe(32), (), same.uid))
        stdin.seek(0)
        began = time.monotonic()
        client = subprocess.Popen(same.words, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ready(same.port, "/api", _PATIENCE)
            return time.monotonic() - began
        finally:
            docker("rm", "-f", THEIRS)
            client.wait()


def as_launched(world: World) -> Same:
    """Read the flags from a container that Solvent launched."""
    world("env", "launch", FAMILY, "--name", OURS)
    container = docker("ps", "-q", "--filter", f"label=io.solvent.realm={world.realm}",
                       "--filter", f"label=io.solvent.environment={OURS}").strip()  # fmt: skip
    found = json.loads(docker("inspect", container))[0]
    world("env", "remove", OURS)
    inside, port = _port(found)
    return Same(("docker", "run", *_flags(found, f"127.0.0.1:{port}:{inside}", world.realm)), port, _uid(found))


def _flags(found: dict[str, Any], publish: str, realm: str) -> list[str]:
    """Give the words after ``docker run`` for the same container: environment and command are the image's."""
    host = found["HostConfig"]
    words = ["-i", "--name", THEIRS, "--hostname", found["Config"]["Hostname"], "--publish", publish]
    words += ["--network", host["NetworkMode"], "--memory", str(host["Memory"])]
    words += ["--memory-swap", str(host["MemorySwap"]), "--cpus", f"{host['NanoCpus'] / 1e9:g}"]
    words += ["--pids-limit", str(host["PidsLimit"]), *(["--init"] if host["Init"] else [])]
    words += [*(["--read-only"] if host["ReadonlyRootfs"] else [])]
    words += [word for name in host["CapDrop"] or () for word in ("--cap-drop", name)]
    words += [word for name in host["SecurityOpt"] or () for word in ("--security-opt", name)]
    words += [word for place, how in host["Tmpfs"].items() for word in ("--tmpfs", f"{place}:{how}")]
    words += [word for name, value in host["LogConfig"]["Config"].items() for word in ("--log-opt", f"{name}={value}")]
    for mount in host["Mounts"]:
        volume = f"{realm}-{THEIRS}-{mount['Target'].strip('/').replace('/', '-')}"
        # With the realm's label, it goes when everything of the realm goes.
        docker("volume", "create", "--label", f"io.solvent.realm={realm}", volume)
        words += ["--mount", f"type=volume,source={volume},target={mount['Target']}"]
    return [*words, found["Image"]]


def _port(found: dict[str, Any]) -> tuple[str, int]:
    (inside, _), *_ = found["HostConfig"]["PortBindings"].items()
    return inside, next(port for port in range(19000, 19999) if port_free(port))


def _uid(found: dict[str, Any]) -> int:
    return int(found["Config"]["User"].partition(":")[0])


def away(world: World) -> None:
    """Take away what is left of this run or of an interrupted one."""
    world("env", "remove", OURS, "--delete-workspace", "--approve-destructive", code=None)
    docker("rm", "-f", THEIRS, check=False)
    volumes = docker("volume", "ls", "-q", "--filter", f"name={world.realm}-{THEIRS}").split()
    if volumes:
        docker("volume", "rm", *volumes)
