"""A source of one's own on the real engine: a role that owns one schema and nothing else, and its password."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.support_search import found
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

RELEASE = "jupyterlab:4.6-py3.13"
SERVER = "postgresql-17"
VARIABLE = "SOLVENT_TEST_ESTATE"
RUN = ("check", "run", "--connector", "postgresql", "--driver", "psycopg", "--release", RELEASE)
# Of PostgreSQL: a database that nobody may do anything in, and in it one schema that is the role's.
MADE = """\
set log_statement = 'none';
set log_min_error_statement = 'panic';
\\set password '{password}'
create role tenant login nosuperuser nocreatedb nocreaterole password :'password';
create database estate;
revoke all on database estate from public;
grant connect on database estate to tenant;
\\connect estate
revoke all on schema public from public;
create schema plot authorization tenant;
"""
MAY = "select rolsuper or rolcreatedb or rolcreaterole from pg_roles where rolname = 'tenant'"
# What it owns in all databases.
OWNED = "select count(*) from pg_shdepend where refobjid = 'tenant'::regrole and deptype = 'o'"


@dataclass
class Estate:
    """The world with the source, its password and the part of it that is written alike everywhere, and all output."""

    world: World
    folder: Path
    drawn: str
    since: float = field(default_factory=time.time)
    said: dict[str, bytes] = field(default_factory=dict)

    @property
    def password(self) -> str:
        """Give the password, some of which means something else in URLs."""
        return f"pl@nt/ed {self.drawn}"

    def __call__(self, *words: str, code: int = 0) -> str:
        """Run a command, remember what it printed, and give its standard output."""
        done = self.world(*words, code=code)
        self.said[f"output of {' '.join(words)}, {len(self.said)}"] = (done.stdout + done.stderr).encode()
        return done.stdout

    def seen(self, *words: str) -> Any:
        """Run a check and look at its sandboxes meanwhile; give its one cell."""
        out, err, report = (self.folder / f"check.{name}" for name in ("out", "err", "xml"))
        command = self.world.command(*words, "-o", "json", "--junit", str(report), "--markdown", f"{report}.md")
        with (
            out.open("w") as stdout,
            err.open("w") as stderr,
            subprocess.Popen(command, env=self.world.environ, stdout=stdout, stderr=stderr) as run,
        ):
            while run.poll() is None:
                for one in docker("ps", "-aq", "--filter", f"name={self.world.realm}-cell-").split():
                    self.said[f"inspect of sandbox {one}"] = docker("inspect", one, check=False).encode()
                    self.said[f"log of sandbox {one}"] = docker("logs", one, check=False).encode()
                    self.said[f"processes of sandbox {one}"] = docker("top", one, "-eo", "args", check=False).encode()
                time.sleep(0.5)
        for file in (out, err, report, report.with_name("check.xml.md")):
            self.said[f"{file.name} of {' '.join(words)}"] = file.read_bytes()
        assert run.returncode == 0, err.read_text() + out.read_text()
        (cell,) = json.loads(out.read_text())["run"]["cells"]
        return cell

    def server(self, statements: str, database: str = "postgres") -> str:
        """Let the server's superuser do something, by the server's own socket."""
        psql = ("psql", "-h", "/run/postgresql", "-U", "postgres", "-d", database, "-XqAt", "-v", "ON_ERROR_STOP=1")
        container = f"{self.world.realm}-source-{SERVER}"
        words = ["docker", "exec", "-i", "-u", "postgres", container, *psql]
        return subprocess.run(words, input=statements, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def estate(ready_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Make the role and its schema on the server that runs, and two sources of them: by a variable, and by a file."""
    ready_world("source", "start", SERVER)
    made = Estate(ready_world, tmp_path_factory.mktemp("estate"), secrets.token_hex(16))
    file = made.folder / "password"
    file.touch(mode=0o600)
    file.write_text(made.password)
    network = f"{ready_world.realm}-sources"
    given = ("--connector", "postgresql", "--url", f"postgresql://tenant@{SERVER}/estate", "--network", network)
    able = ("--able", "schema-only", "--schema", "plot", "--version", "17")
    os.environ[VARIABLE] = made.password
    try:
        made.server(MADE.format(password=made.password))
        made("source", "add", "estate", *given, *able, "--secret", f"password=env:{VARIABLE}")
        made("source", "add", "estate-file", *given, *able, "--secret", f"password=file:{file}")
        made("source", "add", "too-much", "--connection", "estate", "--able", "fresh-database")
        yield made
    finally:
        del os.environ[VARIABLE]
        for name in ("too-much", "estate-file", "estate"):
            ready_world("source", "remove", name, code=None)
        made.server("drop database if exists estate with (force)")
        made.server("drop role if exists tenant")


@pytest.fixture(scope="module")
def cell(estate: Estate) -> Any:
    """Check the driver against it, once, and be looked at meanwhile."""
    return estate.seen(*RUN, "--source", "estate")


def test_it_is_listed_and_a_try_of_it_passes_and_is_not_kept(estate: Estate) -> None:
    """By its file as well, with another driver of the connector."""
    listed = {one["name"]: one for one in json.loads(estate("source", "list", "-o", "json"))["sources"]}
    before = estate("check", "list", "-o", "name")

    tried = json.loads(estate("source", "test", "estate-file", "--driver", "psycopg2-binary", "-o", "json"))["test"]

    assert (listed["estate"]["kind"], listed["estate"]["state"]) == ("real", "own")
    assert (tried["verdict"], tried["driver"]) == ("verified", "psycopg2-binary")
    outcomes = {one["id"]: one["outcome"] for one in tried["probes"]}
    assert (outcomes["connect.select"], outcomes["connect.place"]) == ("pass", "pass")
    assert estate("check", "list", "-o", "name") == before


def test_a_role_that_owns_one_schema_is_enough_to_be_verified(estate: Estate, cell: Any) -> None:
    """The control: the role may do nothing else, and what was made is gone again but for the schema."""
    assert (cell["source_kind"], cell["verdict"]) == ("real", "verified")
    assert cell["outcomes"]["pass"] > 60
    assert {name for name, count in cell["outcomes"].items() if count} == {"pass", "unsupported"}
    assert (estate.server(MAY), estate.server(OWNED)) == ("f", "1")


def test_what_is_not_allowed_there_is_unsupported_for_its_reason(cell: Any) -> None:
    """No database is made, no session ended, no wrong password tried on the account; values are asked all the same."""
    probes = {one["id"]: (one["outcome"], one["reason"]) for one in cell["probes"]}

    assert probes["connect.awkward-database"] == ("unsupported", "the source lets no database be created")
    assert probes["limits.killed"] == ("unsupported", "sessions of the source may not be killed")
    wrong = "a wrong password may lock an account that is somebody's own"
    assert probes["connect.wrong-password"] == ("unsupported", wrong)
    assert probes["values.decimal"][0] == "pass"
    assert [name for name, (outcome, reason) in probes.items() if outcome == "unsupported" and not reason] == []


def test_more_than_the_role_may_do_is_no_failure_of_the_driver(estate: Estate) -> None:
    """The negative control: said to be a place for databases, it is neither verified nor is the driver blocked."""
    (cell,) = json.loads(estate(*RUN, "--source", "too-much", "-o", "json", code=3))["run"]["cells"]

    assert (cell["verdict"], _counts(cell)) == ("inconclusive", {"not_run": 1})
    why = "no table can be made there (fresh-database): InsufficientPrivilege: permission denied to create database"
    assert cell["probes"][0]["reason"] == why


def test_without_its_password_it_is_not_run_and_nothing_is_blocked(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the variable or the file is missing, which is said; nobody is sought who is guilty."""
    monkeypatch.delenv(VARIABLE)
    file = estate.folder / "password"
    file.rename(f"{file}-away")
    report = estate.folder / "missing.xml"
    words = (*RUN, "--source", "estate", "--source", "estate-file", "--junit", str(report), "-o", "json")
    try:
        run = json.loads(estate(*words, code=3))["run"]
    finally:
        file.with_name("password-away").rename(file)

    cells = {one["source"]: one for one in run["cells"]}
    assert {name: (one["verdict"], _counts(one), one["guilty"]) for name, one in cells.items()} == dict.fromkeys(
        ("estate", "estate-file"), ("inconclusive", {"not_run": 1}, None)
    )
    assert f"the environment variable {VARIABLE} is not set" in cells["estate"]["probes"][0]["reason"]
    assert str(file) in cells["estate-file"]["probes"][0]["reason"]
    assert ET.parse(report).getroot().get("failures") == "0"


def test_its_password_is_in_nothing_that_a_run_leaves(estate: Estate, cell: Any) -> None:
    """Not in database, home, engine, sandboxes while they ran, reports or output; the control: where it was put."""
    for words in (("check", "show", "-o", "json"), ("connection", "show", "estate", "-o", "json"), ("source", "list")):
        estate(*words)
    assert [name for name in estate.said if name.startswith("inspect of sandbox")]
    told = {**estate.said, "the control": f"password={estate.password}".encode()}

    places = found(estate.world, {"password": estate.password, "a part of it": estate.drawn}, estate.since, told)

    assert places == {("the control", "password"), ("the control", "a part of it")}


def test_it_is_forgotten_with_its_connection(estate: Estate) -> None:
    """The last of these tests: what refers to a saved connection leaves that where it is."""
    estate("source", "remove", "too-much")
    assert "estate" in estate("connection", "list", "-o", "name").split()

    estate("source", "remove", "estate")

    assert "estate" not in estate("connection", "list", "-o", "name").split()
    assert estate("source", "list", "-o", "name").split().count("estate-file") == 1
    estate("source", "test", "estate", code=2)


def _counts(cell: Any) -> dict[str, int]:
    return {name: count for name, count in cell["outcomes"].items() if count}
