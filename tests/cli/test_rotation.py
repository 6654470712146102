"""A password that was changed reaches a running environment by ``env start``; what is said names no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.runtime import RuntimeEngine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

OLD, NEW = "old-p4ssword", "new-p4ssword"


@pytest.fixture
def rotated(solvent: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give a world with a running environment whose connection has another password by now."""
    solvent.engine = RuntimeEngine(tmp_path / "run")
    solvent.build()
    monkeypatch.setenv("PGPASSWORD", OLD)
    solvent("connection", "add", "sales", "--connector", "postgresql", "--url", "postgresql://ana@db/sales",
            "--secret", "password=env:PGPASSWORD")  # fmt: skip
    assert solvent("env", "launch", "jupyterlab", "--name", "work", "--connection", "sales").code == 0
    monkeypatch.setenv("PGPASSWORD", NEW)
    return solvent


def test_start_delivers_to_a_running_environment_and_converges(rotated: World) -> None:
    """It says which connection has new files; a second time there is nothing to do."""
    checked = rotated("env", "start", "work", "--check")
    started = rotated("env", "start", "work", "--progress", "none")
    again = rotated("env", "start", "work", "--check")

    assert (checked.code, again.code) == (3, 0)
    assert (started.code, started.out) == (0, "work\n")
    assert started.err == "note: new files of sales: a notebook reads them when it connects next\n"
    assert not [one for one in (checked, started, again) if NEW in one.out + one.err or OLD in one.out + one.err]
    assert isinstance(rotated.engine, RuntimeEngine)
    (container,) = rotated.engine.specs
    assert rotated.engine.handed(container)["sales/secrets/password"] == NEW


def test_programs_read_which_connections_were_delivered(rotated: World) -> None:
    """The key is there whenever an environment is started, empty where nothing was delivered."""
    assert rotated("env", "start", "work", "-o", "json").json["delivered"] == ["sales"]
    found = rotated("env", "start", "work", "-o", "json").json
    assert (found["delivered"], found["environment"]["state"]) == ([], "running")


def test_a_secret_that_is_gone_is_refused_and_named(rotated: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 5, and the environment keeps what it has."""
    monkeypatch.delenv("PGPASSWORD")

    ran = rotated("env", "start", "work")

    assert ran.code == 5
    assert "the password of connection sales cannot be read" in ran.err
    assert "hint: read -rs PGPASSWORD && export PGPASSWORD" in ran.err
    assert isinstance(rotated.engine, RuntimeEngine)
    (container,) = rotated.engine.specs
    assert rotated.engine.handed(container)["sales/secrets/password"] == OLD


def test_a_launch_that_lacks_a_secret_makes_nothing(solvent: World) -> None:
    """Neither workspace nor container: the command can be given again as it is."""
    solvent.build()
    solvent("connection", "add", "sales", "--connector", "postgresql", "--url", "postgresql://ana@db/sales",
            "--secret", "password=env:SOLVENT_NEVER_SET")  # fmt: skip

    ran = solvent("env", "launch", "jupyterlab", "--name", "work", "--connection", "sales")

    assert ran.code == 5
    assert "env:SOLVENT_NEVER_SET" in ran.err
    assert solvent.engine.specs == {}
    assert solvent.engine.volumes({}) == ()
