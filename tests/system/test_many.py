"""Twenty processes at once, each a command that a person could have typed: nothing is lost, and nothing left over."""

from __future__ import annotations

import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from manager.world.store import open_store
from tests.system.faults import listing, unlabelled
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

COUNT = 20
NAMES = [f"many-{number}" for number in range(COUNT)]


def at_once(world: World, lines: Sequence[tuple[str, ...]]) -> list[str]:
    """Run commands side by side; give what went wrong with each that did not end well."""
    running = [
        subprocess.Popen(
            world.command(*words, "--progress", "none"), env=world.environ, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        for words in lines
    ]  # fmt: skip
    ended = [(one.communicate(timeout=600)[1], one.returncode) for one in running]
    return [told for told, code in ended if code]


def test_twenty_processes_lose_nothing_and_leave_nothing(ready_world: World) -> None:
    """All run on ports of their own, the history has each step once and verifies, and removing leaves what was."""
    before = listing(ready_world.realm)
    limits = ("--memory", "1g", "--cpus", "1")

    assert at_once(ready_world, [("env", "launch", "jupyterlab", "--name", one, *limits) for one in NAMES]) == []

    listed = {one["name"]: one for one in ready_world.json("env", "list")["environments"] if one["name"] in NAMES}
    assert sorted(listed) == sorted(NAMES)
    assert {one["state"] for one in listed.values()} == {"running"}
    label = f"label=io.solvent.realm={ready_world.realm}"
    ports = docker("ps", "--filter", label, "--filter", "name=-many-", "--format", "{{.Ports}}").splitlines()
    assert len(ports) == len(set(ports)) == COUNT
    gone = [("env", "remove", one, "--delete-workspace", "--approve-destructive") for one in NAMES]
    assert at_once(ready_world, gone) == []

    assert {**listing(ready_world.realm), "images": set()} == {**before, "images": set()}
    assert list(unlabelled(ready_world.realm)) == []
    with closing(open_store(f"sqlite:///{ready_world.home}/state/state.db")) as store:
        rows = [(one.target, one.kind) for one in store.history(limit=10_000) if one.target in NAMES]
        assert store.verify() == ""
    for kind in ("create environment", "start environment", "remove environment"):
        assert sorted(target for target, each in rows if each == kind)[-COUNT:] == sorted(NAMES)
    assert not list(ready_world.home.glob("*/claims/port-*"))
