"""Workspaces on a real engine: cloned from a private git server, with a folder of the machine, measured."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from manager.app.manager import Manager
from manager.app.settings import load
from manager.core.environments import LaunchRequest
from manager.errors import Failed
from tests.fakes.gitserver import repository, serving
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME = "cloned"
PASSWORD = "s3cret-of-the-git-server"


@pytest.fixture
def manager(ready_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """Give a Manager of the shared world on a machine that lists a folder; what the test launched goes afterwards."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "table.csv").write_text("a,b\n")
    folder.chmod(0o777)
    machine = tmp_path / "machine.toml"
    machine.write_text(f'[mounts.data]\npath = "{folder}"\nmode = "rw"\n')
    monkeypatch.setenv("GIT_LOGIN", f"ana:{PASSWORD}")
    made = Manager(load(ready_world.environ, machine))
    yield made
    made.close()
    ready_world("env", "remove", NAME, "--delete-workspace", "--approve-destructive", code=None)
    ready_world("workspace", "remove", NAME, "--approve-destructive", code=None)


def _inside(manager: Manager, line: str) -> str:
    container = manager.environment(NAME, url=False).environment.container
    answer = manager.engine.exec(container, ("sh", "-c", line))
    return (answer.stdout + answer.stderr).decode().strip()


def test_a_private_repository_and_a_listed_folder(ready_world: World, manager: Manager, tmp_path: Path) -> None:
    """The clone is the person's, the secret is nowhere, the folder is read-only as asked, and the size is true."""
    repository(tmp_path / "served", {"README.md": "hello\n", "big.bin": "x" * 2_000_000})
    network = docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", manager.names.network).strip()
    with serving(tmp_path / "served", login=f"ana:{PASSWORD}", address="0.0.0.0") as server:
        url = f"http://{network}:{server.port}/work.git"
        request = LaunchRequest("jupyterlab", name=NAME, git=f"{url}#topic", mounts=("data:ro",))
        # Without the secret: git's reason, and nothing is left.
        with pytest.raises(Failed, match="was not cloned") as refused:
            list(manager.apply(manager.plan_launch(request)))
        volume = manager.names.workspace(manager.settings.owner, NAME)
        left = manager.engine.volume(volume)
        asked = LaunchRequest(
            "jupyterlab", name=NAME, git=f"{url}#topic", git_secret="env:GIT_LOGIN", mounts=("data:ro",)
        )
        list(manager.apply(manager.plan_launch(asked)))

    assert "could not read Username" in refused.value.why
    assert left is None
    assert _inside(manager, "cd /workspace && cat README.md topic.txt && git status -sb && id -u") == (
        "hello\non the branch\n## topic...origin/topic\n1000"
    )
    assert _inside(manager, "cat /mnt/data/table.csv; touch /mnt/data/x") == (
        "a,b\ntouch: cannot touch '/mnt/data/x': Read-only file system"
    )
    assert _inside(manager, f"grep -rl {PASSWORD} /workspace /home /run/solvent /tmp 2>/dev/null") == ""
    container = manager.environment(NAME, url=False).environment.container
    assert PASSWORD not in docker("inspect", container, volume)
    assert docker("ps", "-aq", "--filter", f"name={manager.names.clone(volume)}") == ""
    shown = ready_world.json("workspace", "show", NAME)["workspace"]
    assert shown["git"] == f"{url}#topic"
    assert 2_000_000 < shown["bytes"] < 8_000_000
    assert shown["used_by"][0]["state"] == "running"
    history = json.dumps([entry.after + entry.cause for entry in manager.store.history(20)])
    assert PASSWORD not in history
    assert os.environ["GIT_LOGIN"] not in history
