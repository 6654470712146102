"""A bundle on a machine without any network: the same lock, the same base, the same layers, the same images."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.support_small import RELEASE, REPOSITORY, small_catalog
from tests.system.world import World, docker, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ALONE = Path(__file__).with_name("alone.py")


@dataclass(frozen=True)
class Machine:
    """A home of its own with a copy of the catalog; its commands run where there is a loopback and nothing else."""

    world: World
    catalog: Path

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run ``solvent`` without a network, to a good end."""
        command = self.world.command(*words, "--catalog", str(self.catalog))
        environ = {
            name: text
            for name, text in self.world.environ.items()
            if not name.startswith(("UV_", "PIP_")) and not name.lower().endswith("_proxy")
        }
        environ |= {"UV_CACHE_DIR": str(self.world.home / "uv"), "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(
            ("unshare", "--net", sys.executable, str(ALONE), *command),
            env=environ, text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        # The first line says that nothing can be reached.
        return subprocess.CompletedProcess(done.args, code, done.stdout.partition("\n")[2], done.stderr)

    def locks(self) -> dict[str, str]:
        """Digest the catalog's locks."""
        return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in self.catalog.rglob("*.lock")}

    def image(self) -> Any:
        """Give what the engine knows of the release's one build."""
        names = docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
        mine = [one for one in names if one.startswith(f"{self.world.realm}/jupyterlab:")]
        return json.loads(docker("inspect", *mine))[0]


@dataclass(frozen=True)
class Origin:
    """The machine that has a network, what it built, and the bundle of that."""

    machine: Machine
    bundle: Path
    signers: Path
    image: Any


def machine(folder: Path, realm: str, catalog: Path) -> Machine:
    """Make a machine with a copy of a catalog."""
    shutil.copytree(catalog, folder / "catalog")
    made = Machine(World(folder / "home", realm), folder / "catalog")
    made.world("catalog", "trust", str(made.catalog))
    return made


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    """Lock, build and carry a small release where there is a network; its images are removed from the engine then."""
    folder = tmp_path_factory.mktemp("origin")
    made = machine(folder / "one", f"t-bundle-{os.getpid()}", small_catalog(folder / "catalog"))
    named = ("--catalog", str(made.catalog))
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")), check=True)
    (folder / "signers").write_text(f"ana@example.org {(folder / 'key.pub').read_text()}")
    try:
        made.world("image", "lock", RELEASE, *named)
        made.world("refresh", *named)
        made.world("image", "build", RELEASE, "--candidate", *named)
        made.world("bundle", "create", str(folder / "x.bundle"), RELEASE, "--key", str(folder / "key"), *named)
        yield Origin(made, folder / "x.bundle", folder / "signers", made.image())
    finally:
        sweep(made.world.realm)


def test_without_a_network_locks_bases_and_layers_are_the_same(origin: Origin, tmp_path: Path) -> None:
    """From the packages alone, in another realm: the index answers nothing, and nothing else was there before.

    The proof of a build publishes a port, which this namespace cannot reach, so it stays a candidate.
    """
    other = machine(tmp_path, f"{origin.machine.world.realm}-alone", origin.machine.catalog)
    try:
        other.run("bundle", "load", str(origin.bundle), "--signers", str(origin.signers))
        locked = other.run("image", "lock", RELEASE)
        other.run("image", "build", RELEASE, "--candidate")
        refreshed = other.run("refresh", "-o", "json")
        other.run("affected", "iniconfig")

        assert "does not answer" in locked.stderr + refreshed.stderr
        assert other.locks() == origin.machine.locks()
        assert other.image()["RootFS"]["Layers"] == origin.image["RootFS"]["Layers"]
        assert other.image()["Config"]["Env"] == origin.image["Config"]["Env"]
        assert json.loads(refreshed.stdout)["notes"]
    finally:
        sweep(other.world.realm)


def test_images_arrive_with_their_digests(origin: Origin, tmp_path: Path) -> None:
    """The engine has lost them; a build of the same ingredients is there then, and nothing is to be built."""
    sweep(origin.machine.world.realm)
    other = machine(tmp_path, origin.machine.world.realm, origin.machine.catalog)

    other.run("bundle", "load", str(origin.bundle), "--signers", str(origin.signers))
    again = other.run("bundle", "load", str(origin.bundle), "--signers", str(origin.signers))
    built = other.run("image", "build", RELEASE, "--candidate")

    assert other.image()["Id"] == origin.image["Id"]
    assert "nothing to do" in again.stderr
    assert "is left as it is, candidate" in built.stderr
    assert "make base" not in built.stderr


def test_the_control_needs_the_bundle(origin: Origin, tmp_path: Path) -> None:
    """Without it nothing can be locked there: the index is unreachable."""
    other = machine(tmp_path, f"{origin.machine.world.realm}-none", origin.machine.catalog)

    done = other.run("image", "lock", RELEASE, code=6)

    assert "the package index does not answer" in done.stderr
