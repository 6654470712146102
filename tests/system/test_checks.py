"""Checks on the real engine: a small nightly against real servers, in the image that people use."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.world import docker

if TYPE_CHECKING:
    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

RELEASE = "jupyterlab:4.6-py3.13"
SOURCE = "postgresql-17"
NIGHT = (
    "nightly", "--no-refresh", "--no-newer", "--release", RELEASE, "--connector", "postgresql", "--connector", "sqlite",
    "--source", SOURCE, "--source", "sqlite",
)  # fmt: skip


@pytest.fixture(scope="module")
def nights(ready_world: World) -> list[Any]:
    """Carry out a small nightly: two drivers of PostgreSQL against the running server, and SQLite.

    On a machine that others load as well a probe may not be able to tell; the next night asks it again, as nights do.
    What another test of this world has checked before is unchanged: the README's tour checks psycopg.
    """
    found: list[Any] = []
    while not found or (len(found) < 3 and {one["kind"] for one in found[-1]["findings"]} == {"unsure"}):
        found.append(json.loads(ready_world(*NIGHT, "-o", "json", code=None, timeout=900).stdout))
    return found


@pytest.fixture(scope="module")
def cells(ready_world: World, nights: list[Any]) -> dict[tuple[str, str], Any]:
    """Give the newest result of each driver and source."""
    names = [run["id"] for run in reversed(ready_world.json("check", "list")["runs"])]
    told = [one for name in names for one in ready_world.json("check", "show", name)["run"]["cells"]]
    return {(one["driver"], one["source"]): one for one in told if one["source"] in (SOURCE, "sqlite")}


def test_every_driver_of_a_small_nightly_is_verified_against_its_real_server(
    nights: list[Any], cells: dict[tuple[str, str], Any]
) -> None:
    """It finds nothing, and what is known of each cell says against what, and how each probe went."""
    assert nights[-1]["findings"] == []
    assert nights[0]["cells"] + nights[0]["unchanged"] == 3
    assert nights[0]["cells"] > 0
    assert cells.keys() == {("psycopg", SOURCE), ("psycopg2-binary", SOURCE), ("pysqlite3", "sqlite")}
    assert {one["verdict"] for one in cells.values()} == {"verified"}
    postgresql = cells["psycopg", SOURCE]
    assert postgresql["source_kind"] == "real"
    assert postgresql["outcomes"]["pass"] > 25
    assert postgresql["outcomes"]["fail"] == postgresql["outcomes"]["error"] == 0


def test_the_tree_that_was_checked_is_the_one_that_ships(ready_world: World, cells: dict[tuple[str, str], Any]) -> None:
    """Its digest stands in the evidence and in the label of the release's image."""
    build = next(one for one in ready_world.json("image", "list")["releases"] if one["release"] == RELEASE)["build"]

    labels = json.loads(docker("inspect", build["digest"], "--format", "{{json .Config.Labels}}"))

    assert {one["tree"] for one in cells.values()} == {labels["io.solvent.tree-kernel"]}


def test_a_second_nightly_asks_nothing(ready_world: World, nights: list[Any]) -> None:
    """Nothing changed, so what was told still holds."""
    again = json.loads(ready_world(*NIGHT, "-o", "json").stdout)

    assert (again["cells"], again["unchanged"], again["findings"]) == (0, 3, [])


def test_the_matrix_says_what_was_verified_and_what_was_not_run(ready_world: World, nights: list[Any]) -> None:
    """One driver of the release is verified against the server that was asked, and against no other."""
    found = ready_world.json("connector", "matrix")

    marks = {
        cell["source"]: cell["verdict"]
        for row in found["rows"]
        if row["driver"] == "psycopg"
        for cell in row["cells"]
        if cell["release"] == RELEASE
    }
    assert (marks[SOURCE], marks["postgresql-15"]) == ("verified", "not_run")


def test_the_servers_password_is_in_nothing_that_is_kept(ready_world: World, nights: list[Any]) -> None:
    """Neither in the database nor in what is shown; the control: it is in its own file."""
    secret = (ready_world.home / "state/sources" / SOURCE / "password").read_text()
    kept = list((ready_world.home / "state").rglob("state.db*"))

    assert len(secret) > 20
    assert kept
    assert not [path for path in kept if secret.encode() in path.read_bytes()]
    assert secret not in ready_world("check", "show", "-o", "json").stdout


def test_a_sandbox_that_is_killed_could_not_tell(ready_world: World, nights: list[Any]) -> None:
    """That is no failure of the driver; nothing is left running."""
    mine = f"name={ready_world.realm}-cell-"
    words = (
        "check",
        "run",
        "--connector",
        "postgresql",
        "--driver",
        "psycopg",
        "--release",
        RELEASE,
        "--source",
        SOURCE,
    )
    with subprocess.Popen(
        ready_world.command(*words, "-o", "json"), env=ready_world.environ, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        until = time.monotonic() + 120
        while not (found := docker("ps", "-q", "--filter", mine).split()) and time.monotonic() < until:
            time.sleep(0.2)
        docker("kill", *found)
        out, err = running.communicate(timeout=300)

    (cell,) = json.loads(out)["run"]["cells"]
    assert (running.returncode, cell["verdict"]) == (3, "inconclusive"), err
    assert docker("ps", "-aq", "--filter", mine).split() == []
