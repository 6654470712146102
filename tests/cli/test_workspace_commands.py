"""``solvent workspace``, and what ``env launch`` says of git, folders and budgets: streams and exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

URL = "https://git.example/team/work.git"
PLANTED = "pl4nted-s3cret"


def clones(world: World, **end: str) -> None:
    """Teach the engine how a clone ends."""
    line = json.dumps({"branch": "main", "commit": "a" * 40, "reason": "", **end}).encode()
    world.engine.teach(("/usr/bin/python3", "-I", "-c"), Outcome(stdout=line + b"\n"))


def volume(world: World) -> str:
    """Name the volume of the only workspace."""
    (found,) = world.engine.volumes({"io.solvent.kind": "workspace"})
    return found.name


def test_a_list_tells_size_users_times_and_origin(solvent: World) -> None:
    """The table, and JSON with all its keys, old and new."""
    solvent.build()
    clones(solvent, outcome="cloned")
    solvent("env", "launch", "jupyterlab", "--name", "work", "--git", f"{URL}#main")
    solvent.engine.sizes[volume(solvent)] = 5 * 1024**2

    table = solvent("workspace", "list").out
    (one,) = solvent("workspace", "list", "-o", "json").json["workspaces"]

    assert table.splitlines()[0].split() == ["NAME", "SIZE", "ENVIRONMENTS", "CREATED", "LAST", "USED", "GIT"]
    assert "5.0 MB" in table
    assert f"{URL}#main" in table
    before = {"name", "owner", "volume", "environments", "created"}
    assert one.keys() == before | {"used_by", "bytes", "measured", "budget", "last_used", "git"}
    assert (one["bytes"], one["git"], one["environments"]) == (5 * 1024**2, f"{URL}#main", ["work"])
    assert one["budget"] == {"bytes": 20 * 1024**3, "state": "within"}


def test_over_its_budget_is_warned_of_everywhere_and_blocks_nothing(
    launched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In list, show, status and at a start; standard output stays the result."""
    monkeypatch.setenv("SOLVENT_WORKSPACE_BUDGET", "1g")
    launched.engine.sizes[volume(launched)] = 2 * 1024**3

    assert "warning: workspace work is over its budget of 1.0 GB" in launched("workspace", "list").err
    assert "warning: workspace work is over its budget" in launched("workspace", "show", "work").err
    assert launched("env", "stop", "work").code == 0
    started = launched("env", "start", "work")
    assert (started.code, started.out) == (0, "work\n")
    assert "warning: workspace work held 2.0 GB" in started.err
    (matter,) = launched("status", "-o", "json").json["matters"][:1]
    assert (matter["kind"], matter["pay"]) == ("budget", "solvent workspace show work")


def test_a_clone_that_is_there_is_noted(launched: World) -> None:
    """The launch goes on, and says that nothing was cloned."""
    clones(launched, outcome="same")

    ran = launched("env", "launch", "jupyterlab", "--name", "two", "--workspace", "work", "--git", URL)

    assert ran.code == 0
    assert "note: workspace work is this clone already, on main: it is left as it is" in ran.err


@pytest.mark.parametrize(
    "address", [f"https://ana:{PLANTED}@git.example/w.git", f"https://{PLANTED}@git.example/w.git"]
)
def test_a_password_in_the_address_is_refused_and_repeated_nowhere(solvent: World, address: str) -> None:
    """Not even where an argument is quoted."""
    solvent.build()

    for words in (("--git", address), (f"--git={address}",), ("--git", address, "--dry-run", "--name", address)):
        ran = solvent("env", "launch", "jupyterlab", *words)
        assert ran.code == 2
        assert PLANTED not in ran.out + ran.err
    assert solvent.engine.volumes({}) == ()


def test_a_folder_that_nobody_lists_is_refused_with_who_lists_them(solvent: World) -> None:
    """Exit code 2, and nothing is made."""
    solvent.build()

    ran = solvent("env", "launch", "jupyterlab", "--mount", "data")

    assert (ran.code, solvent.engine.volumes({})) == (2, ())
    assert "there is no mount 'data'" in ran.err
    assert "/etc/solvent/config.toml" in ran.err


def test_listed_folders_are_shown(solvent: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By ``config show``, and by ``env show`` where one came along."""
    from manager.app import settings

    machine = tmp_path / "machine.toml"
    machine.write_text(f'[mounts.data]\npath = "{tmp_path}"\n')
    monkeypatch.setattr("tests.cli.conftest.load", lambda: settings.load(machine_file=machine))
    solvent.build()

    assert solvent("env", "launch", "jupyterlab", "--name", "work", "--mount", "data").code == 0

    assert f"{tmp_path} at /mnt/data ro" in solvent("config", "show").out
    assert "data at /mnt/data ro" in solvent("env", "show", "work").out
    assert solvent("env", "show", "work", "-o", "json").json["environment"]["mounts"] == [
        {"name": "data", "path": str(tmp_path), "target": "/mnt/data", "mode": "ro"}
    ]
