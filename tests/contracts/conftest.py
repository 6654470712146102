"""Stores, and an engine to try the port on: the fake, and (marked ``engine``) Docker with a tiny image of our own."""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import tarfile
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from manager.core.containers import LABEL, ContainerSpec
from manager.errors import ManagerError
from manager.world.engine.docker import Docker
from manager.world.store import open_store
from tests.fakes.engine import FakeEngine, Outcome
from tests.fakes.store import FakeStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.ports import Engine, Store

_APPLETS = "cat cp echo false grep head httpd id nc sh sleep touch true"
GREETING = b"from the image\n"


@dataclass
class World:
    """An engine, an image on it that has a shell, and names that nobody else uses.

    What a command does is said once, by :meth:`command`: Docker runs it, the fake believes it.
    """

    engine: Engine
    image: str
    realm: str
    ports: list[int] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, str]:
        """Give the labels of everything that a test makes."""
        return {LABEL + "realm": self.realm}

    def name(self, what: str) -> str:
        """Give a name of this test's own."""
        return f"{self.realm}-{what}"

    def command(self, line: str, outcome: Outcome | None = None) -> tuple[str, ...]:
        """Give the words that run a shell line; without an outcome it runs until it is stopped."""
        words = ("/bin/sh", "-c", line)
        if isinstance(self.engine, FakeEngine):
            self.engine.teach(words, outcome or Outcome(ends="when stopped"))
        return words

    def spec(self, what: str, command: tuple[str, ...] = ("sleep", "600"), **more: object) -> ContainerSpec:
        """Give a container that runs until it is stopped, unless another command is given."""
        labels = tuple(self.labels.items())
        spec = {"name": self.name(what), "image": self.image, "labels": labels, "command": command, **more}
        return ContainerSpec(**spec)

    def running(self, what: str, command: tuple[str, ...] = ("sleep", "600"), **more: object) -> str:
        """Start a container; give its id."""
        made = self.engine.create(self.spec(what, command, **more))
        self.engine.start(made)
        return made

    def free_port(self) -> int:
        """Give a port of 127.0.0.1 that nothing listens on."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    @contextmanager
    def taken_port(self) -> Iterator[int]:
        """Hold a port of 127.0.0.1 by listening on it, outside of the engine."""
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = int(other.getsockname()[1])
            if isinstance(self.engine, FakeEngine):
                self.engine.ports_taken.add(port)
            yield port
        if isinstance(self.engine, FakeEngine):
            self.engine.ports_taken.discard(port)


@pytest.fixture(scope="session")
def busybox(request: pytest.FixtureRequest) -> Path:
    """A statically linked busybox: the host's, or the one of Debian's package, which needs no installation."""
    kept = request.config.cache.mkdir("busybox")
    unpacked = kept / "bin" / "busybox"
    host = shutil.which("busybox")
    # ldd fails for what is linked statically.
    if host and subprocess.run(["ldd", host], check=False, capture_output=True).returncode:
        return Path(host)
    if not unpacked.exists():
        subprocess.run(["dpkg-deb", "-x", str(_package("busybox-static", kept)), str(kept)], check=True)
    return unpacked


@pytest.fixture(scope="session")
def rootfs(busybox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root file system of one program, a greeting and a user, as a tar."""
    path = tmp_path_factory.mktemp("rootfs") / "rootfs.tar"
    files = {
        "bin/busybox": (busybox.read_bytes(), 0o755),
        "srv/greeting": (GREETING, 0o644),
        "etc/passwd": (b"root:x:0:0::/:/bin/sh\nsolvent:x:1000:1000::/:/bin/sh\n", 0o644),
    }
    with tarfile.open(path, "w") as tar:
        for name, (content, mode) in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            tar.addfile(member, io.BytesIO(content))
        for applet in _APPLETS.split():
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    return path


@pytest.fixture(scope="session")
def docker_image(rootfs: Path) -> Iterator[tuple[Docker, str]]:
    """The real engine with the tiny image, which goes away in the end with all that descends from it."""
    engine = Docker()
    realm = f"t-{uuid.uuid4().hex[:6]}-base"
    digest = engine.import_image(rootfs, f"{realm}/busybox:1", {LABEL + "realm": realm})
    yield engine, digest
    remove_all(engine, {LABEL + "realm": realm})


@pytest.fixture
def fake_world() -> World:
    """The fake, prepared like the real one."""
    engine = FakeEngine()
    engine.files["/srv/greeting"] = GREETING
    return World(engine, engine.add_image("t-fake/busybox:1"), "t-fake")


@pytest.fixture
def docker_world(docker_image: tuple[Docker, str]) -> Iterator[World]:
    """Docker, with a realm of the test's own that is empty afterwards."""
    engine, image = docker_image
    world = World(engine, image, f"t-{uuid.uuid4().hex[:6]}")
    yield world
    remove_all(engine, world.labels)


@pytest.fixture(params=["fake", pytest.param("docker", marks=pytest.mark.engine)])
def world(request: pytest.FixtureRequest) -> World:
    """Both, one after the other: what is asserted of one holds for the other."""
    found: World = request.getfixturevalue(f"{request.param}_world")
    return found


def _package(name: str, folder: Path) -> Path:
    """Download a Debian package; with lists of our own when the machine has none, as a fresh one may."""
    lists, cache = folder / "lists", folder / "cache"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    own = ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache}"]
    said = ""
    for words in (["download", name], [*own, "update"], [*own, "download", name]):
        tried = subprocess.run(["apt-get", *words], check=False, cwd=folder, capture_output=True, text=True)
        said += tried.stderr
        if found := sorted(folder.glob(f"{name}_*.deb")):
            return found[-1]
    pytest.fail(f"these tests need the package {name}, and apt-get gives:\n{said}")


def remove_all(engine: Engine, labels: dict[str, str]) -> None:
    """Remove everything that carries the labels."""
    for container in engine.containers(labels):
        engine.remove(container.id)
    for image in engine.images(labels):
        # An image that another one of the same test was built from goes when that one does.
        with suppress(ManagerError):
            engine.remove_image(image.digest)
    for image in engine.images(labels):
        engine.remove_image(image.digest)
    for volume in engine.volumes(labels):
        engine.remove_volume(volume.name)
    for network in engine.networks(labels):
        engine.remove_network(network.name)


@pytest.fixture(params=["fake", "sqlite", "sqlalchemy"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give each kind of store, empty; what every other database takes is tried on a file as well."""
    scheme = {"sqlite": "sqlite", "sqlalchemy": "elsewhere"}.get(request.param, "")
    if scheme == "elsewhere":
        sa.dialects.registry.register("elsewhere", "sqlalchemy.dialects.sqlite.pysqlite", "SQLiteDialect_pysqlite")
    made: Store = open_store(f"{scheme}:///{tmp_path / 'state.db'}") if scheme else FakeStore()
    yield made
    made.close()
