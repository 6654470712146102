"""``env upgrade`` on a real engine: another release in the place of one that is used, and back."""

from __future__ import annotations

import http.server
import json
import secrets
import signal
import ssl
import subprocess
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from manager.app.steps import images
from manager.core.build_actions import MakeImage
from manager.core.observed import BuildStatus
from manager.world import jupyter
from tests.fakes.progress import Quiet
from tests.fakes.wheels import Shelf
from tests.system.faults import REPOSITORY
from tests.system.support_mirror import certificates
from tests.system.support_running import managed
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

LINE, NEXT = "4.6-py3.13", f"9.{secrets.randbelow(10**6)}-py3.13"
OLD, NEW = f"jupyterlab:{LINE}", f"jupyterlab:{NEXT}"
NAME, FILES = "moving", "moving-files"
NOTEBOOK = {
    "nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
    "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None,
               "source": ["%matplotlib inline\n", "import json, psycopg, solventtiny, solventgone, nowhere"]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def index(ready_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """Serve a folder as an index that host and containers reach; gives its address, its authority and the folder."""
    format_ = "{{range .IPAM.Config}}{{.Gateway}}{{end}}"
    gateway = docker("network", "inspect", f"{ready_world.realm}-environments", "--format", format_).strip()
    tmp_path = tmp_path_factory.mktemp("index")
    certificates(tmp_path, (gateway,))
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(_Silent, directory=str(folder))
    server = http.server.ThreadingHTTPServer((gateway, 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://{gateway}:{server.server_port}", tmp_path / "ca.pem", folder
    server.shutdown()
    server.server_close()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def catalog(ready_world: World, index: tuple[str, Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a catalog with a release that follows the newest one, of the same locks, its image made and promoted."""
    address, authority, _ = index
    root = tmp_path_factory.mktemp("catalog") / "own"
    ready_world("init", str(root))
    family = root / "images/jupyterlab"
    text = (family / "family.toml").read_text()
    release = text[text.index(f'[[release]]\nline = "{LINE}"') :].partition("\n\n")[0]
    text = text.replace(release, f'{release}\nsuccessor = "{NEW}"\n\n{release.replace(LINE, NEXT)}')
    (family / "family.toml").write_text(text)
    (family / "locks" / NEXT).mkdir()
    for lock in (family / "locks" / LINE).iterdir():
        (family / "locks" / NEXT / lock.name).write_text(lock.read_text())
    shared = root / "solvent.toml"
    named = f'[mirror]\npython = "{address}"\nca_bundle = "{authority}"\n'
    shared.write_text(shared.read_text().replace("[mirror]\n", named))
    with managed(ready_world, root) as manager:
        made = images.make_image(manager, MakeImage(NEW, "20260101.1"), cast("Any", Quiet()))
        # What it is proven with is the matter of other tests.
        manager.store.set_status(made.digest, BuildStatus.PROMOTED, "a test")
        manager.store.move_channel(NEW, "stable", "", made.digest)
    return root


@pytest.fixture(autouse=True)
def swept(ready_world: World, catalog: Path) -> Iterator[None]:
    """Take the environment away afterwards, with its workspace."""
    yield
    ready_world("env", "remove", NAME, "--catalog", str(catalog), code=None)
    ready_world("workspace", "remove", FILES, "--approve-destructive", code=None)


def test_an_upgrade_and_the_way_back(ready_world: World, index: tuple[str, Path, Path], catalog: Path) -> None:
    """Files, connections, name and port stay; own packages come along; what is missed is said before; back is back."""
    _, _, folder = index
    for name in ("solventtiny", "solventgone"):
        Shelf(folder).serve(name, "1.2.3")
    shared = ("--catalog", str(catalog))
    ready_world(
        "env", "launch", OLD, "--name", NAME, "--workspace", FILES, "--connection", "warehouse", *shared
    )  # fmt: skip
    put = f"open('/workspace/a.ipynb', 'w').write({json.dumps(json.dumps(NOTEBOOK))})"
    _cell(ready_world, catalog, f"{put}\n%pip install --quiet solventtiny solventgone")
    was = _shown(ready_world, catalog)
    # Meanwhile the index has one of them no more.
    for page in (folder / "solventgone").iterdir():
        page.unlink()

    done = json.loads(ready_world("env", "upgrade", NAME, "-o", "json", *shared).stdout)
    (upgrade,) = done["upgrades"]

    assert "packages that change: none" in done["notes"]
    assert [one["module"] for one in upgrade["missing_imports"]] == ["solventgone"]
    assert [(one["name"], one["after"]) for one in upgrade["own_packages"]] == [
        ("solventgone", None), ("solventtiny", "1.2.3"),
    ]  # fmt: skip
    now = _shown(ready_world, catalog)
    assert (now["release"], now["build"], now["state"]) == (NEW, "20260101.1", "running")
    assert [now[key] for key in ("name", "workspace", "connections")] == [NAME, FILES, ["warehouse"]]
    assert now["url"].partition("/lab")[0] == was["url"].partition("/lab")[0]
    look = "import solventtiny, pathlib; print(solventtiny.__file__, pathlib.Path('/workspace/a.ipynb').exists(),"
    look += "pathlib.Path('/run/solvent/connections/warehouse/url').read_text()[:8])"
    where, *rest = _cell(ready_world, catalog, look).split()
    assert where.startswith(f"/workspace/.solvent/jupyterlab-{NEXT}/")
    assert rest == ["True", "postgres"]
    assert len(_containers(ready_world)) == 1

    ready_world("env", "upgrade", NAME, "--back", *shared)
    then = _shown(ready_world, catalog)
    assert (then["release"], then["digest"], then["state"]) == (OLD, was["digest"], "running")
    assert f"/workspace/.solvent/jupyterlab-{LINE}/" in _cell(ready_world, catalog, look)
    assert len(_containers(ready_world)) == 1
    assert "nothing to go back to" in ready_world("env", "upgrade", NAME, "--back", *shared, code=5).stderr


def test_an_upgrade_that_is_killed_between_two_names_is_finished(
    ready_world: World, index: tuple[str, Path, Path], catalog: Path
) -> None:
    """By SIGKILL when the old container is gone and the new one has not its name yet: the same command goes on."""
    shared = ("--catalog", str(catalog))
    ready_world("env", "launch", OLD, "--name", NAME, "--workspace", FILES, *shared)
    line = (sys.executable, "-m", "tests.system.killing", "before engine.rename 1", "env", "upgrade", NAME, *shared)

    died = subprocess.run(
        line, env=ready_world.environ | {"PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert "was cut short" in ready_world("env", "start", NAME, *shared, code=5).stderr
    ready_world("env", "upgrade", NAME, *shared)

    now = _shown(ready_world, catalog)
    assert (now["release"], now["state"]) == (NEW, "running")
    assert _cell(ready_world, catalog, "print(6 * 7)") == "42\n"
    assert len(_containers(ready_world)) == 1


def _shown(world: World, catalog: Path) -> Any:
    return world.json("env", "show", NAME, "--catalog", str(catalog))["environment"]


def _cell(world: World, catalog: Path, code: str) -> str:
    base, _, token = _shown(world, catalog)["url"].partition("/lab?token=")
    result = jupyter.run_cell(base, token, code, timeout=120)
    assert result.status == "ok", result.error
    return result.text


def _containers(world: World) -> list[str]:
    label = f"label=io.solvent.environment={NAME}"
    mine = f"label=io.solvent.realm={world.realm}"
    return docker("ps", "-aq", "--filter", label, "--filter", mine).split()
