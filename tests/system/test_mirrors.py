"""An internal index and Debian mirror with an authority and logins of their own: builds, and tools inside."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.ingredients import base_key
from tests.system.support_mirror import PORT, SERVER, Place, place, wheels
from tests.system.support_running import cell, managed
from tests.system.support_search import forms, home_places
from tests.system.support_small import RELEASE, REPOSITORY, small_catalog
from tests.system.world import World, docker, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.engine, pytest.mark.slow]

CANDIDATE = Path(__file__).with_name("candidate.py")


@pytest.fixture(scope="module")
def company(ready_world: World, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Give what a company has, for the loopback and for the environments' network: real wheels, real packages."""
    with managed(ready_world) as manager:
        key = base_key(manager.catalog.system("trixie"))
        gateway = docker(
            "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", manager.names.network
        ).strip()
    debs = ready_world.home / "cache" / "bases" / key[:16] / "debs"
    made = place(tmp_path_factory.mktemp("company"), debs, "trixie", (gateway,))
    wheels(made.folder / "wheels", ("ipykernel", "pip", "iniconfig==2.*"), "3.13")
    return made


@dataclass(frozen=True)
class Isolated:
    """A world whose commands run where there is a loopback with the company's server, and no other network."""

    world: World
    catalog: Path
    place: Place

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a network namespace of its own; give how it ended, both streams together."""
        alone = ("unshare", "--net", sys.executable, str(SERVER), str(self.place.folder), str(PORT))
        environ = {
            name: text
            for name, text in self.world.environ.items()
            if not name.startswith(("UV_", "PIP_")) and not name.lower().endswith("_proxy")
        }
        environ |= {"UV_CACHE_DIR": str(self.world.home / "uv"), "PYTHONPATH": str(REPOSITORY)}
        return subprocess.run(
            (*alone, *words), env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )

    def lock(self) -> subprocess.CompletedProcess[str]:
        """Resolve the release's locks."""
        return self.run(*self.world.command("image", "lock", RELEASE, "--catalog", str(self.catalog)))

    def build(self) -> subprocess.CompletedProcess[str]:
        """Build the release up to its candidate."""
        return self.run(sys.executable, str(CANDIDATE), str(self.catalog), RELEASE)


def isolated(company: Place, folder: Path, table: str) -> Isolated:
    """Make a catalog with this table ``[mirror]`` and a world of its own."""
    root = small_catalog(folder / "catalog", table)
    made = Isolated(World(folder / "home", f"t-mirror-{os.getpid()}"), root, company)
    made.world("catalog", "trust", str(root))
    return made


def test_a_build_needs_nothing_but_the_mirrors(company: Place, tmp_path: Path) -> None:
    """Lock, base, trees and image are made where nothing else answers; no login is in anything that is left."""
    since = time.time()
    one = isolated(company, tmp_path, company.table)
    # The addresses are the catalog's, the logins are the person's.
    (one.world.home / "config").mkdir(parents=True, exist_ok=True)
    (one.world.home / "config/config.toml").write_text(company.credentials)
    try:
        locked, built = one.lock(), one.build()
        _keep("lock", locked.stdout)
        _keep("build", built.stdout)

        assert locked.returncode == 0, locked.stdout
        assert built.returncode == 0, built.stdout
        assert "Network is unreachable" in built.stdout
        assert {"/simple/ipykernel/", "/simple/pip/"} <= set(company.requests(200, "python"))
        assert any(path.endswith("/InRelease") for path in company.requests(200, "apt"))
        assert _left(one, since, locked.stdout + built.stdout) == {"planted"}
    finally:
        sweep(one.world.realm)


def _left(one: Isolated, since: float, printed: str) -> set[str]:
    """Give the places that hold a login: image, its history and layers, the home with database and caches, output.

    One is planted, so that a search that finds nothing would be noticed.
    """
    mine = docker(
        "images", "--all", "-q", "--no-trunc", "--filter", f"label=io.solvent.realm={one.world.realm}"
    ).split()
    assert mine, "no image was made"
    places = [("output", printed.encode()), *home_places(one.world.home, since)]
    places += [(f"history {image}", docker("history", "--no-trunc", image).encode()) for image in mine]
    places += [("inspect", docker("inspect", *mine).encode())]
    # All of them at once: layers that they share are written once.
    places += [("layers", subprocess.run(("docker", "save", *mine), capture_output=True, check=True).stdout)]
    places += [(str(path), path.read_bytes()) for path in one.catalog.rglob("*") if path.is_file()]
    places += [("planted", base64.b64encode(one.place.logins["apt"].encode()))]
    assert any(b"etc/debian_version" in content for _, content in places), "no layer was read"
    # A login in base64 holds its password's middle, too.
    secrets = [form for login in one.place.logins.values() for form in forms(login.partition(":")[2])]
    return {place for place, content in places if any(form in content for form in secrets)}


@pytest.mark.parametrize("without", ["authority", "logins"])
def test_without_authority_or_logins_it_fails_and_says_what_is_missing(
    company: Place, tmp_path: Path, without: str
) -> None:
    """The controls: index and mirror are unreachable then, exit 6, and the hint names the keys."""
    own = "".join(line for line in company.table.splitlines(keepends=True) if not line.startswith("ca_bundle"))
    table = own + company.credentials if without == "authority" else company.table
    two = isolated(company, tmp_path, table)
    locks = two.catalog / "images/jupyterlab/locks/1-py3.13"
    locks.mkdir(parents=True)
    for kind in ("ide", "kernel"):
        (locks / f"{kind}.lock").write_text("iniconfig==2.3.1 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    with ThreadPoolExecutor(2) as both:
        build = both.submit(two.build)
        locked, built = two.lock(), build.result()
    _keep(f"without {without}", locked.stdout + built.stdout)

    assert locked.returncode == 6, locked.stdout
    assert "mirror.python, mirror.ca_bundle  and  mirror.credentials.python" in locked.stdout
    assert built.returncode == 6, built.stdout
    assert "mirror.apt, mirror.ca_bundle  and  mirror.credentials.apt" in built.stdout
    assert not docker("images", "-q", "--filter", f"label=io.solvent.realm={two.world.realm}").split()


@pytest.fixture
def mirrored(company: Place, ready_world: World) -> Iterator[str]:
    """Give an environment whose settings name the mirrors, which answer on the environments' network."""
    with managed(ready_world) as manager:
        gateway = docker(
            "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", manager.names.network
        ).strip()
    with socket.socket() as free:
        free.bind((gateway, 0))
        port = free.getsockname()[1]
    config = ready_world.home / "config/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    before = config.read_text() if config.exists() else ""
    server = subprocess.Popen((sys.executable, str(SERVER), str(company.folder), str(port)))
    try:
        table = company.table.replace(company.address, f"https://{gateway}:{port}")
        config.write_text(f"{before}\n{table}\n{company.credentials}")
        ready_world("env", "launch", "jupyterlab", "--name", "mirrored")
        yield "mirrored"
    finally:
        server.kill()
        server.wait()
        config.write_text(before)
        ready_world("env", "remove", "mirrored", "--delete-workspace", "--approve-destructive", code=None)


def test_pip_and_apt_inside_ask_the_mirrors(company: Place, mirrored: str, ready_world: World) -> None:
    """In a notebook and in a shell alike; the engine knows nothing of it."""
    told = cell(ready_world, mirrored, "!pip install iniconfig")
    shown = ready_world("env", "shell", mirrored, "--", "sh", "-c", "pip config debug; apt-get update").stdout
    container = docker("ps", "-q", "--filter", "label=io.solvent.environment=mirrored").strip()
    known = docker("inspect", container) + docker("logs", container)

    assert "Successfully installed iniconfig" in told
    assert "/wheels/iniconfig-2.3.1-py3-none-any.whl" in company.requests(200, "python")
    assert "trixie InRelease" in shown
    assert "/run/solvent/mirror" not in known
    assert not [login for login in company.logins.values() if login.partition(":")[2] in known + told]


def _keep(title: str, text: str) -> None:
    """Write what a run printed where ``MIRROR_TRANSCRIPT`` says, for a person who wants to read it."""
    if file := os.environ.get("MIRROR_TRANSCRIPT"):
        with Path(file).open("a") as kept:
            kept.write(f"=== {title}\n{text}\n")
