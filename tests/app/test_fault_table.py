"""Killed at any boundary of engine, database and files: the next run ends as if there had been no kill."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.app import fault_fates, faults
from tests.app.fault_commands import COMMANDS, Command
from tests.fakes.boundaries import Kill

# What each command must at least have passed: a table without these would say nothing.
PASSES = {
    "env launch": {"engine.create_volume", "engine.create", "engine.start", "store.append", "files.claim"},
    "env launch --git URL": {"engine.create", "engine.logs", "store.keep_usage"},
    "env launch --connect NAME": {"engine.start", "store.append"},
    "env launch, of what has no build": {"engine.import_image", "store.add_build", "engine.start"},
    "image build": {
        "engine.import_image", "engine.load", "engine.tag", "engine.create_volume", "store.add_build",
        "store.record", "store.move_channel", "store.set_status", "files.folder", "files.pack", "files.rename",
    },
    "env start": {"engine.start", "store.append"},
    "env start, of what is gone": {"engine.create", "engine.start", "store.append", "store.specification"},
    "env start, after a rotation": {"engine.exec", "store.append"},
    "env stop": {"engine.stop", "store.append"},
    "env remove": {"engine.remove", "engine.remove_volume", "store.forget_usage", "store.append"},
    "env upgrade": {
        "engine.wait", "engine.create", "engine.stop", "engine.start", "engine.remove", "engine.rename", "store.append",
    },
    "env upgrade, of what is stopped": {"engine.create", "engine.start", "engine.stop", "engine.rename"},
    "env upgrade --back": {"engine.create", "engine.stop", "engine.rename", "store.snapshot_specification"},
    "env remove, of what is gone": {"store.append"},
    "image promote": {"store.move_channel", "store.set_status", "engine.tag", "store.append"},
    "image rollback": {"store.move_channel", "store.set_status", "engine.tag", "store.append"},
    "image quarantine": {"store.set_status", "store.move_channel", "store.append"},
    "image prune": {"store.set_status", "engine.remove_image", "store.append"},
}  # fmt: skip


@pytest.mark.parametrize("command", [*COMMANDS, *fault_fates.COMMANDS], ids=lambda command: command.words)
def test_a_command_that_was_killed_is_finished_by_the_next_run(command: Command) -> None:
    """At every boundary, before and after it; engine, database and folders are what an undisturbed run leaves."""
    found = faults.faults(command)

    assert {one.kill.name for one in found} >= PASSES[command.words]
    wrong = [one for one in found if one.wrong]
    assert not wrong, faults.table(wrong)


def test_a_leftover_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the sweep, a killed build leaves its sandboxes, and the table says so."""
    build = next(one for one in COMMANDS if one.words == "image build")
    with monkeypatch.context() as patch:
        patch.setattr("manager.app.leftovers.sweep", lambda _world: None)
        (one,) = faults.faults(build, [Kill("engine.create_volume", 1, "after")])

    assert "volumes ['solvent-check-" in one.wrong


def test_a_run_that_does_not_go_on_is_found() -> None:
    """Another negative control: whoever gives up after the kill has not what an undisturbed run leaves."""
    launch = next(one for one in COMMANDS if one.words == "env launch")
    idle = replace(launch, again=lambda _manager: None)

    (one,) = faults.faults(idle, [Kill("engine.create", 1, "after")])

    assert "containers [('solvent-" in one.wrong
    assert "'created')] instead of" in one.wrong
