"""Behind Solvent's back on a real engine: what Docker really does when it is told to remove and to pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.system.world import World, docker

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine


@pytest.fixture
def lost(ready_world: World) -> Iterator[World]:
    """Give the world with an environment ``lost`` that runs, and take it away afterwards."""
    ready_world("env", "launch", "jupyterlab", "--name", "lost", "--progress", "none")
    yield ready_world
    ready_world("env", "remove", "lost", "--delete-workspace", "--approve-destructive", code=None)


def container(world: World) -> str:
    """Give the container's name, from the engine or from the realm."""
    named = docker("ps", "-a", "--filter", f"label=io.solvent.realm={world.realm}", "--filter",
                   "label=io.solvent.environment=lost", "--format", "{{.Names}}")  # fmt: skip
    return named.strip()


def state(world: World) -> str:
    """Give what the list says of it."""
    return next(str(one["state"]) for one in world.json("env", "list")["environments"] if one["name"] == "lost")


def test_what_docker_removes_and_pauses_is_said_and_brought_back(lost: World) -> None:
    """The same digest, port and files after ``docker rm``; lost files are said to be lost, never replaced silently."""
    name, before = container(lost), lost.environment("lost")
    docker("exec", name, "sh", "-c", "echo kept > /workspace/kept.txt")

    docker("pause", name)
    assert state(lost) == "paused"
    lost("env", "start", "lost", "--progress", "none")
    assert lost.environment("lost")["url"] == before["url"], "it goes on with its token"

    docker("rm", "-f", name)
    assert state(lost) == "gone"
    lost("env", "start", "lost", "--progress", "none")
    now = lost.environment("lost")
    assert (now["state"], now["digest"]) == ("running", before["digest"])
    assert now["url"].partition("?")[0] == before["url"].partition("?")[0]
    assert docker("exec", name, "cat", "/workspace/kept.txt") == "kept\n"

    docker("rm", "-f", name)
    docker("volume", "rm", next(line for line in docker("volume", "ls", "-q").split()
                                if line.startswith(f"{lost.realm}-ws-") and line.endswith("-lost")))  # fmt: skip
    refused = lost("env", "start", "lost", code=5).stderr
    assert "workspace lost of lost is gone, and its files with it" in refused
    matters = [(one["kind"], one["pay"]) for one in lost.json("status")["matters"] if one["subject"] == "lost"]
    assert matters == [("lost", "solvent env start lost --new-workspace")]
    lost("env", "start", "lost", "--new-workspace", "--progress", "none")
    assert state(lost) == "running"
