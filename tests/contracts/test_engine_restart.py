"""An engine that is restarted: one of our own, because the machine's is other people's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.containers import LABEL, ContainerSpec
from manager.world.engine import glance
from manager.world.engine.docker import Docker

if TYPE_CHECKING:
    from collections.abc import Iterator


class OwnEngine:
    """A dockerd with folders and a socket of its own, beside the machine's."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "engine.sock"
        self.url = f"unix://{self.socket}"
        self.log = folder / "dockerd.log"
        # In a network of its own: with --bridge none an engine removes docker0, which may be another engine's.
        self._words = [
            "unshare", "--net",
            "dockerd", "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec"),
            "--pidfile", str(folder / "engine.pid"), "-H", self.url, "--bridge", "none", "--iptables=false",
        ]  # fmt: skip
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(self._words, stdout=log, stderr=log, start_new_session=True)
        until = time.monotonic() + 60
        while subprocess.run(("docker", "-H", self.url, "version"), capture_output=True, check=False).returncode:
            assert self._running.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()

    def end(self) -> None:
        """End it, and what runs in it with it."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait(timeout=60)
            self._running = None


@pytest.fixture
def own() -> Iterator[OwnEngine]:
    """Give an engine of one's own, which runs."""
    if os.geteuid() != 0:
        pytest.skip("only root may start an engine")
    # The path of a socket file has room for 108 characters, and pytest's folders have long names.
    folder = Path(tempfile.mkdtemp(prefix="solvent-engine-"))
    engine = OwnEngine(folder)
    engine.start()
    yield engine
    engine.end()
    for left in sorted(line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()):
        if left.startswith(str(folder)):
            subprocess.run(("umount", "-l", left), check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.engine
def test_a_restarted_engine_is_the_same_one_and_lists_what_ended(own: OwnEngine, rootfs: Path) -> None:
    """Its id stays, so what is remembered is still of it; containers are there, ended, and start again."""
    labels = {LABEL + "realm": "t-own"}
    engine = Docker(own.url)
    digest = engine.import_image(rootfs, "t-own/busybox:1", labels)
    spec = ContainerSpec("t-own-ana-work", digest, tuple(labels.items()), command=("/bin/sleep", "600"))
    engine.create(spec)
    engine.start(spec.name)
    before = engine.info().id

    own.end()
    assert glance.containers(own.url, labels) is None
    own.start()
    again = Docker(own.url)

    assert before
    assert again.info().id == before
    listed = glance.containers(own.url, labels)
    assert listed == again.containers(labels)
    (one,) = listed or ()
    assert (one.name, one.state) == (spec.name, "exited")
    assert one.exit_code == again.container(spec.name).exit_code  # type: ignore[union-attr]
    again.start(spec.name)
    assert again.container(spec.name).state == "running"  # type: ignore[union-attr]
    again.remove(spec.name)
