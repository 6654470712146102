"""Bases from a registry: a real one on this machine's loopback, up and down, and the setting that decides."""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import re
import socket
import subprocess
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from manager.app.events import Said
from manager.app.manager import Manager
from manager.app.settings import load
from manager.core.bases import base_step
from manager.core.ingredients import base_key
from manager.core.plan import Plan
from manager.errors import Failed, ManagerError, Refused, Unreachable
from manager.world.bases import Base
from tests.system import support_registry
from tests.system.support_running import base
from tests.system.world import World, docker, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine

REALM = f"t-reg-{os.getpid()}"
NOWHERE = "127.0.0.1:1/base@sha256:" + "0" * 64


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give Debian's registry."""
    return support_registry.program(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def registry(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a registry that answers."""
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\nhttp: {{addr: '{address}'}}\n"
    )
    with (folder / "log").open("wb") as log:
        server = support_registry.serving((program, "serve", str(config)), log)
        try:
            connection = http.client.HTTPConnection(address, timeout=10)
            connection.request("GET", "/v2/")
            assert connection.getresponse().status == 200
            yield address
        finally:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the root file system of a base, as small as can be."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "marker").write_text("a base\n")
    with tarfile.open(folder / "root.tar", "w") as archive:
        archive.add(folder / "marker", "etc/marker")
    return folder / "root.tar"


@pytest.fixture(scope="module")
def pushed(registry: str, tarball: Path) -> Iterator[str]:
    """Give a base in the registry, by digest; another Solvent made it, and it is no longer on this engine."""
    name = f"{registry}/base:trixie"
    labels = {"realm": REALM, "kind": "base", "base-key": "f" * 64, "release": "other:1", "base-digest": "sha256:1"}
    changes = [word for key, value in labels.items() for word in ("-c", f'LABEL io.solvent.{key}="{value}"')]
    docker("import", *changes, str(tarball), name)
    digest = re.search(r"sha256:[0-9a-f]{64}", docker("push", name))
    docker("rmi", name)
    assert digest
    yield f"{registry}/base@{digest[0]}"
    docker("rmi", f"{registry}/base@{digest[0]}", check=False)


@dataclass(frozen=True)
class Own:
    """A catalog of one's own in a realm of its own."""

    world: World
    root: Path

    def says(self, origin: str, image: str = "") -> None:
        """Write where bases come from, and the image of every system."""
        file = self.root / "solvent.toml"
        text = re.sub(r"(?m)^origin = .*", f'origin = "{origin}"', file.read_text())
        file.write_text(re.sub(r"(?m)^(suite = .*)", rf'\1\nimage = "{image}"', text) if image else text)

    def declares(self, table: str) -> None:
        """Write a further system, named own."""
        file = self.root / "solvent.toml"
        file.write_text(f"{file.read_text()}\n[systems.own]\n{table}")

    def make(self, system: str = "trixie") -> tuple[list[str], Manager]:
        """Bring a system's base into the engine; give what was said."""
        environ = {name: text for name, text in self.world.environ.items() if name.startswith("SOLVENT_")}
        manager = Manager(load(environ), catalog=self.root)
        steps = base_step(manager.catalog, manager.observe(), system, "a test wants it")
        events = list(manager.apply(Plan("make a base", manager.today, tuple(steps))))
        return [event.line for event in events if isinstance(event, Said)], manager


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Own]:
    """Give the catalog, trusted; everything of its realm goes at the end."""
    world = World(tmp_path / "home", REALM)
    world("init", str(tmp_path / "own"))
    yield Own(world, tmp_path / "own")
    sweep(REALM)


def test_a_base_is_pulled_by_digest_and_becomes_ours(own: Own, pushed: str) -> None:
    """Its bytes are the registry's, its labels are this realm's alone, and the next plan finds it."""
    own.says("auto", pushed)

    said, manager = own.make()

    system = manager.catalog.system("trixie")
    base = manager.engine.image(manager.names.base("trixie", base_key(system)))
    assert base
    assert any(line.startswith("pulled ") for line in said)
    assert base.layers == manager.engine.image(pushed).layers  # type: ignore[union-attr]
    ours = {key.removeprefix("io.solvent."): text for key, text in base.labels.items() if key.startswith("io.solvent.")}
    assert {key: text for key, text in ours.items() if text} == {
        "realm": REALM,
        "kind": "base",
        "system": "trixie",
        "base-key": base_key(system),
        "base-image": pushed,
    }
    plan = manager.plan_build(("notebook:7.5-py3.13",))
    assert "base:trixie" not in {step.id for step in plan.steps}
    assert "base:browser" in {step.id for step in plan.steps}


def test_a_registry_without_the_image_is_told_from_one_that_is_silent(own: Own, pushed: str) -> None:
    """It answered: nothing is bootstrapped in its place, and the hint names the line to mend."""
    own.says("auto", pushed.replace("/base@", "/other@"))

    with pytest.raises(Failed, match="no registry gives") as told:
        own.make()

    assert "solvent.toml" in told.value.hint


@pytest.mark.parametrize("image", [NOWHERE, ""], ids=["silent", "none named"])
def test_without_a_registry_auto_bootstraps(
    own: Own, image: str, tarball: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry that was tried is named; where none is named, none is missed."""
    asked: list[str] = []

    def bootstrap(suite: str, packages: tuple[str, ...], folder: Path, say: Callable[[str], None], **_: object) -> Base:
        asked.append(suite)
        return Base(tarball, (), "1" * 64, "")

    monkeypatch.setattr("manager.world.bases.bootstrap", bootstrap)
    own.says("auto", image)

    said, manager = own.make()

    assert asked == ["trixie"]
    assert [line for line in said if "no registry answers for 127.0.0.1:1" in line and "bootstrapping" in line] == (
        [line for line in said if "127.0.0.1:1" in line]
    )
    assert any("127.0.0.1:1" in line for line in said) == bool(image)
    assert manager.observe().base(base_key(manager.catalog.system("trixie")))


@pytest.mark.parametrize(
    ("image", "code", "error"), [(NOWHERE, 6, Unreachable), ("", 5, Refused)], ids=["silent", "none named"]
)
def test_registry_alone_never_bootstraps(own: Own, image: str, code: int, error: type[ManagerError]) -> None:
    """A silent registry is unreachable, and a system without an image is refused; both with a way out."""
    own.says("registry", image)

    with pytest.raises(error) as told:
        own.make()
    ended = own.world("image", "build", "notebook", "--catalog", str(own.root), code=code)

    assert told.value.hint
    assert told.value.message in ended.stderr
    assert "hint: " in ended.stderr
    assert REALM not in docker("images")


def test_a_base_whose_name_was_taken_away_gets_it_back(own: Own, pushed: str) -> None:
    """A plan finds a base by its label; the steps that stand on it find it as well."""
    from manager.app.steps.trees import base_of

    own.says("auto", pushed)
    _, manager = own.make()
    release = manager.catalog.release("notebook:7.5-py3.13", manager.today)
    reference = manager.names.base("trixie", base_key(manager.catalog.system("trixie")))
    digest = manager.engine.image(reference).digest  # type: ignore[union-attr]
    docker("tag", reference, f"{REALM}/kept:1")
    docker("rmi", reference)

    assert base_of(manager, release).digest == digest
    assert manager.engine.image(reference)


@pytest.fixture(scope="module")
def image(ready_world: World, registry: str) -> Iterator[str]:
    """Give an image of one's own in the registry, by digest: Debian 13 with Python."""
    docker("tag", base(ready_world, "trixie"), f"{registry}/debian:13")
    digest = re.search(r"sha256:[0-9a-f]{64}", docker("push", f"{registry}/debian:13"))
    docker("rmi", f"{registry}/debian:13")
    assert digest
    yield f"{registry}/debian@{digest[0]}"
    docker("rmi", f"{registry}/debian@{digest[0]}", check=False)


def test_packages_and_vendors_files_go_onto_an_image_of_ones_own(own: Own, image: str) -> None:
    """Apt installs a package, the vendor's .deb with what it depends on, and an archive is unpacked.

    The base becomes ours, names no mirror, keeps no list or log, and the next plan finds it.
    """
    sums = _vendor(own.root / "vendor")
    own.declares(
        f"""suite = "trixie"
python = "3.13"
packages = ["hello"]
base = "{image}"
[[systems.own.artifact]]
name = "odbc"
file = "vendor/odbc 18.deb"
sha256 = "{sums[0]}"
licence = "Vendor"
[[systems.own.artifact]]
name = "client"
file = "vendor/client.tar.gz"
sha256 = "{sums[1]}"
licence = "Vendor"
eula = "https://vendor.invalid/terms"
eula_accepted_by = "ana"
target = "/opt/client"
"""
    )

    _, manager = own.make("own")

    system = manager.catalog.system("own")
    base = manager.engine.image(manager.names.base("own", base_key(system)))
    assert base
    assert base.layers[: len(manager.engine.image(image).layers)] == manager.engine.image(image).layers  # type: ignore[union-attr]
    script = (
        "hello; cat /opt/vendor/odbc /opt/client/lib/version; dpkg-query --show netbase vendor-odbc;"
        " find /etc/apt/sources.list* /var/lib/apt/lists /var/log /tmp -type f"
    )
    said = docker("run", "--rm", "--network", "none", "--entrypoint", "sh", base.digest, "-c", script)
    lines = said.splitlines()
    assert lines[:3] == ["Hello, world!", "driver", "19.1"]
    assert [line.split()[0] for line in lines[3:]] == ["netbase", "vendor-odbc"], said
    assert not base_step(manager.catalog, manager.observe(), "own", "again")


def test_a_base_without_the_releases_python_is_refused(own: Own, image: str) -> None:
    """The path that is looked for is named, and nothing is left on the engine."""
    own.declares(f'python = "3.12"\npackages = []\nbase = "{image}"\n')

    with pytest.raises(Failed, match=r"has no /usr/bin/python3\.12 that runs") as told:
        own.make("own")

    assert image in told.value.why
    assert REALM not in docker("images")


def _vendor(folder: Path) -> tuple[str, str]:
    """Make a vendor's package, which depends on one of Debian's, and an archive; give their hashes."""
    root = folder / "odbc"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "opt/vendor").mkdir(parents=True)
    (root / "opt/vendor/odbc").write_text("driver\n")
    (root / "DEBIAN/control").write_text(
        "Package: vendor-odbc\nVersion: 18.1\nArchitecture: all\nDepends: netbase\n"
        "Maintainer: Vendor <v@v.invalid>\nDescription: a driver\n"
    )
    package, archive = folder / "odbc 18.deb", folder / "client.tar.gz"
    subprocess.run(("dpkg-deb", "--build", "--root-owner-group", str(root), str(package)), check=True)
    with tarfile.open(archive, "w:gz") as written:
        info = tarfile.TarInfo("lib/version")
        info.size = 5
        written.addfile(info, io.BytesIO(b"19.1\n"))
    return tuple(hashlib.sha256(one.read_bytes()).hexdigest() for one in (package, archive))  # type: ignore[return-value]
