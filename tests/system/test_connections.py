"""Connections on a real engine: secrets by reference, drivers in a sandbox, two lines in a notebook."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.app.quickstart import CONNECT
from tests.system.support_running import cell
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

PLANTED = "s3cr3t-planted-in-clear"
SOURCE = "postgresql-17"


@pytest.fixture
def saved(ready_world: World) -> Iterator[tuple[World, str]]:
    """Save a connection to the running source with a wrong password in clear; give what that printed."""
    url = f"postgresql://solvent:{PLANTED}@{SOURCE}/sample"
    done = ready_world("connection", "add", "clear", "--connector", "postgresql", "--source", SOURCE, "--url", url)
    yield ready_world, done.stdout + done.stderr
    ready_world("connection", "remove", "clear", code=None)


def test_a_password_in_clear_is_kept_for_its_owner_only_and_never_shown(saved: tuple[World, str]) -> None:
    """It is warned about, replaced by a reference to a file of mode 0600, and goes with the connection."""
    world, said = saved

    shown = world.json("connection", "show", "clear")["connection"]
    outputs = [said, world("connection", "list", "-o", "wide").stdout, world("connection", "show", "clear").stdout]

    kind, _, path = shown["secrets"]["password"].partition(":")
    assert kind == "file"
    assert Path(path).read_text(encoding="utf-8") == PLANTED
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    assert "warning: the password was given in clear" in said
    assert not [text for text in (*outputs, str(shown)) if PLANTED in text]

    world("connection", "remove", "clear")
    assert not Path(path).exists()


def test_connections_are_listed_without_their_secrets(ready_world: World) -> None:
    """A secret is its reference, which says where it is and not what."""
    listed = {one["name"]: one for one in ready_world.json("connection", "list")["connections"]}

    found = listed["warehouse"]
    assert {"name", "connector", "parameters", "secrets", "source", "shared"} <= found.keys()
    assert (found["connector"], found["source"], found["shared"]) == ("postgresql", SOURCE, False)
    assert found["secrets"]["password"].startswith("file:")
    assert "password" not in found["parameters"]


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2-binary"])
def test_a_test_passes_with_each_driver_by_its_name(ready_world: World, driver: str) -> None:
    """The sandbox runs the locked version and says which; every probe has an answer."""
    report = ready_world.json("connection", "test", "warehouse", "--driver", driver)["test"]

    assert (report["driver"], report["outcome"]) == (driver, "pass")
    assert report["version"]
    assert [probe["id"] for probe in report["probes"]] == ["import", "connect", "select 1", "sqlalchemy"]


def test_a_wrong_password_fails_as_the_driver_says_it_and_is_in_no_output(saved: tuple[World, str]) -> None:
    """The class of the driver's exception is the reason; what came after it did not run."""
    world, _ = saved

    table = world("connection", "test", "clear", code=3)
    told = world("connection", "test", "clear", "-o", "json", code=3)

    assert '"outcome": "fail"' in told.stdout
    for text in (table.stdout, table.stderr, told.stdout, told.stderr):
        assert "OperationalError" in text
        assert "password authentication failed" in text
        assert PLANTED not in text
    assert "error: clear does not work\n  why:  connect: OperationalError" in table.stderr
    assert not docker("ps", "-aq", "--filter", f"name={world.realm}-sandbox"), "a sandbox was left behind"


COUNT = "select count(*) from customers"
SQLALCHEMY = f"""\
{CONNECT}
with engine.connect() as connection:
    print(connection.scalar(sqlalchemy.text("{COUNT}")))"""
PSYCOPG = f"""\
import psycopg, pathlib
connection = psycopg.connect(pathlib.Path("/run/solvent/connections/warehouse/dsn").read_text())
print(connection.execute("{COUNT}").fetchone()[0])"""
PSYCOPG2 = f"""\
import psycopg2, pathlib
connection = psycopg2.connect(pathlib.Path("/run/solvent/connections/warehouse/dsn").read_text())
cursor = connection.cursor()
cursor.execute("{COUNT}")
print(cursor.fetchone()[0])"""


@pytest.mark.parametrize("code", [SQLALCHEMY, PSYCOPG, PSYCOPG2], ids=["sqlalchemy", "psycopg", "psycopg2"])
def test_two_lines_in_a_notebook_reach_the_warehouse(ready_world: World, code: str) -> None:
    """The environment's own kernel finds URL and keyword string as files; each driver takes them as they are."""
    assert int(cell(ready_world, "quickstart", code)) > 0


def test_a_stopped_source_is_named_and_quickstart_mends_what_hangs_on_it(ready_world: World) -> None:
    """A test is not run, a launch makes nothing; then the environment gets the source's new password."""
    ready_world("source", "stop", SOURCE)

    tried = ready_world("connection", "test", "warehouse", "-o", "json", code=3)
    launched = ready_world("env", "launch", "jupyterlab", "--name", "dry", "--connection", "warehouse", code=5)

    assert '"outcome": "not_run"' in tried.stdout
    assert f"solvent source start {SOURCE}" in tried.stderr
    assert f"error: connection warehouse leads to {SOURCE}, which is not running" in launched.stderr
    assert f"hint: start it:  solvent source start {SOURCE}" in launched.stderr
    assert ready_world("env", "show", "dry", code=2), "nothing was made"

    mended = ready_world("quickstart", "--progress", "plain")
    assert "deliver connections" in mended.stderr
    assert "stop environment" not in mended.stderr
    assert " orders " in mended.stderr
