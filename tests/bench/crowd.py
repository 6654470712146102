"""Twenty launches together, by turns: through one Manager with a thread each, and by twenty ``docker run``."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app.handover import archive
from manager.core.environments import LaunchRequest
from manager.world.web import port_free, ready
from tests.bench import launching
from tests.system.support_running import managed
from tests.system.world import docker

if TYPE_CHECKING:
    from manager.app.manager import Manager
    from tests.bench.launching import Same
    from tests.system.world import World

COUNT = 20
NAMES = tuple(f"crowd-{number}" for number in range(COUNT))
# All of them share the processors of one machine.
_PATIENCE = 300


def by_turns(world: World, turns: int) -> tuple[list[float], list[float]]:
    """Launch and remove twenty by turns, after one turn that does not count; gives seconds until all are ready."""
    ours, theirs = [], []
    launching.away(world)
    try:
        crowd = _crowd(world, launching.as_launched(world))
        for turn in range(turns + 1):
            one, other = _launched(world), _started(crowd)
            if turn:
                ours.append(one)
                theirs.append(other)
    finally:
        _away(world)
        launching.away(world)
    return ours, theirs


def _launched(world: World) -> float:
    """Plan and apply in one process; the time runs from the first plan."""

    def launch(manager: Manager, name: str) -> None:
        for _ in manager.apply(manager.plan_launch(LaunchRequest(launching.FAMILY, name=name))):
            pass

    def remove(manager: Manager, name: str) -> None:
        for _ in manager.apply(manager.plan_remove(name)):
            pass

    with managed(world) as manager, ThreadPoolExecutor(COUNT) as pool:
        # What a process that lives for longer has long since read: the catalog.
        assert manager.catalog.releases
        manager.observe()
        began = time.monotonic()
        list(pool.map(lambda name: launch(manager, name), NAMES))
        took = time.monotonic() - began
        list(pool.map(lambda name: remove(manager, name), NAMES))
    return took


def _started(crowd: list[Same]) -> float:
    """Run them, and wait until each is ready; take them away."""

    def start(same: Same) -> subprocess.Popen[bytes]:
        with tempfile.TemporaryFile() as stdin:
            stdin.write(archive(secrets.token_urlsafe(32), (), same.uid))
            stdin.seek(0)
            client = subprocess.Popen(same.words, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ready(same.port, "/api", _PATIENCE)
        return client

    with ThreadPoolExecutor(COUNT) as pool:
        began = time.monotonic()
        clients = list(pool.map(start, crowd))
        took = time.monotonic() - began
    docker("rm", "-f", *(f"{launching.THEIRS}-{number}" for number in range(COUNT)))
    for client in clients:
        client.wait()
    return took


def _crowd(world: World, same: Same) -> list[Same]:
    """Give each its own name, port and volumes, which carry the realm's label."""
    free = (port for port in range(18000, 18999) if port_free(port))
    made = []
    for number in range(COUNT):
        port = next(free)
        words = [word.replace(launching.THEIRS, f"{launching.THEIRS}-{number}") for word in same.words]
        published = words.index("--publish") + 1
        words[published] = words[published].replace(f":{same.port}:", f":{port}:")
        for word in words:
            if word.startswith("type=volume,source="):
                volume = word.split("=")[2].partition(",")[0]
                docker("volume", "create", "--label", f"io.solvent.realm={world.realm}", volume)
        made.append(replace(same, words=tuple(words), port=port))
    return made


def _away(world: World) -> None:
    """Take away what is left of this run or of an interrupted one."""
    for name in NAMES:
        world("env", "remove", name, "--delete-workspace", "--approve-destructive", code=None)
        world("workspace", "remove", name, "--approve-destructive", code=None)
    docker("rm", "-f", *(f"{launching.THEIRS}-{number}" for number in range(COUNT)), check=False)
