"""The whole shipped catalog: every release that can be built here is built, proven and promoted, in one command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from manager.core.lifecycle import Stage
from manager.world import files, jupyter
from tests.system.support_browser import asked, container, network_beside
from tests.system.support_proving import derived, page_of, spoilt
from tests.system.support_rebuilding import made_elsewhere
from tests.system.support_running import cell, managed
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.catalog import Family, Release
    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

CATALOG = files.load(files.shipped_root(), shipped=True)
# What only a vendor has: its package is not to be had from a package registry.
NOT_HERE = ("rstudio",)
# What every build is asked, whatever its family.
ALWAYS = {
    "contents.labels",
    "contents.lock",
    "contents.read",
    "image.health",
    "image.logins",
    "image.secrets",
    "image.size",
    "image.starts-offline",
    "inside.capabilities",
    "inside.health",
    "inside.leaks",
    "inside.limit-cpu",
    "inside.limit-memory",
    "inside.limit-pids",
    "inside.listens",
    "inside.private",
    "inside.privileges",
    "inside.root",
    "inside.temporary",
    "inside.user",
    "inside.volume-/home/solvent",
    "inside.volume-/workspace",
    "kernel.capabilities",
    "kernel.prefix",
    "kernel.user",
    "line.python",
    "page.console",
    "page.loads",
    "page.refuses",
}
# What lets everybody into an IDE whose way in is not Jupyter's.
MARIMO = "/opt/solvent/ide/lib/python3.13/site-packages/solvent_marimo.py"
OPENED = {
    "marimo": f"""sed -i 's,"--token-password-file"\\, "/run/solvent/token","--no-token",' {MARIMO}""",
    "code-server": "sed -i 's/auth: password/auth: none/' /opt/solvent/bin/prepare",
}
# Reads the sample database from R, with what an environment is given for the connection.
R_READS = """
library(DBI)
given <- function(...) file.path("/run/solvent/connections/warehouse", ...)
at <- jsonlite::fromJSON(given("parameters.json"))$parameters
warehouse <- dbConnect(RPostgreSQL::PostgreSQL(), host = at$host, port = as.integer(at$port), dbname = at$database,
                       user = at$user, password = readLines(given("secrets", "password"), warn = FALSE))
cat(dbGetQuery(warehouse, "select count(*) > 0 as filled from orders")$filled)
invisible(dbDisconnect(warehouse))
"""
# Asks what is there without a server: the registered ODBC drivers, and a statement by each embedded database.
ANSWERS = """
import json, pyodbc, pysqlite3, sqlalchemy
def one(*words, **more):
    with sqlalchemy.create_engine(*words, **more).connect() as connection:
        return connection.execute(sqlalchemy.text("select 1")).scalar()
odbc = pyodbc.connect("DRIVER=SQLite3;Database=:memory:").execute("select 1").fetchone()[0]
said = {"drivers": pyodbc.drivers(), "odbc": odbc, "duckdb": one("duckdb://"), "sqlite": one("sqlite://")}
print(json.dumps(said | {"pysqlite3": one("sqlite://", module=pysqlite3)}))
"""
R_CODE = "answer <- 6 * 7; cat('the answer is', answer)"
EMPTY = {"cell_type": "code", "execution_count": None, "id": "one", "metadata": {}, "outputs": [], "source": ""}


def _buildable(release: Release) -> bool:
    # By the day on which the tests run, as the command does it.
    from manager.world.clock import SystemClock

    return release.family not in NOT_HERE and release.stage(SystemClock().today()) is not Stage.RETIRED


BUILT = tuple(one for one in CATALOG.releases if _buildable(one))


@pytest.fixture(scope="module")
def whole(ready_world: World) -> Any:
    """Build everything; gives what the command printed."""
    return json.loads(ready_world("image", "build", "--all", "-o", "json", timeout=3600).stdout)


def _launched(world: World, release: str, name: str, *words: str) -> tuple[str, str]:
    """Launch an environment; give its address and its credential."""
    url = world("env", "launch", release, "--name", name, *words).stdout.strip()
    return f"http://127.0.0.1:{urlsplit(url).port}", parse_qs(urlsplit(url).query)["token"][0]


@pytest.fixture
def launched(ready_world: World, whole: Any) -> Iterator[str]:
    """Give a name for an environment, and take it away."""
    yield "of-the-catalog"
    ready_world("env", "remove", "of-the-catalog", "--delete-workspace", "--approve-destructive", code=None)


def test_one_command_builds_all_and_names_what_it_leaves_out(whole: Any) -> None:
    """What is retired, and what needs a vendor's file; everything else is promoted."""
    skipped = {one["release"] for one in whole["skipped"]}

    assert skipped == {one.name for one in CATALOG.releases} - {one.name for one in BUILT}
    assert all(one["reason"] for one in whole["skipped"])
    assert {one["release"]: one["status"] for one in whole["builds"]} == {one.name: "promoted" for one in BUILT}


@pytest.mark.parametrize("release", [one.name for one in BUILT])
def test_each_release_has_proven_itself(ready_world: World, whole: Any, release: str) -> None:
    """Hardening, page and size; every language of its family, the lines that it names, and the family's own tests."""
    shown = ready_world.json("image", "show", release)["release"]
    family = CATALOG.family(shown["family"])
    evidence = {one["id"]: one["outcome"] for one in shown["evidence"]}

    assert shown["builds"][-1]["status"] == "promoted"
    assert shown["builds"][-1]["size"] <= family.size_budget
    assert evidence.keys() >= ALWAYS
    waiting = {f"language.{one.name}" for one in family.kernels if one.needs}
    assert {one: said for one, said in evidence.items() if said != "pass"} == dict.fromkeys(waiting, "not_run")
    assert {f"language.{one.name}" for one in family.kernels} <= evidence.keys()
    assert {f"test.{name}" for name in _tests(family)} <= evidence.keys()
    assert shown["r"] is None or evidence["line.r"] == "pass"
    assert {f"kernel.imports-{name}" for name in _imported(_release(release))} <= evidence.keys()


def test_r_is_made_again_elsewhere_layer_by_layer(ready_world: World, whole: Any) -> None:
    """On the older system, where a mirror's index and the packages differ most in what they call required."""
    results = made_elsewhere(ready_world, "jupyterlab-r:4.5-r4.2")

    assert {name: one["reason"] for name, one in results.items() if one["outcome"] != "pass"} == {}


@pytest.mark.parametrize("family", OPENED)
def test_a_page_that_everybody_is_let_into_fails(ready_world: World, whole: Any, family: str) -> None:
    """The way in of each IDE that is no Jupyter is asked for: without its credential the image does not pass."""
    found = CATALOG.family(family)
    # With a parameter that the page does not know: nobody waits for a form that does not come.
    asked_by_url = replace(found, launch=replace(found.launch, auth="token"))
    with managed(ready_world) as manager:
        digest = manager.store.channels()[found.releases[0].name, "stable"]
        with derived(manager, digest, spoilt(OPENED[family])) as opened:
            results, _ = page_of(manager, opened, asked_by_url)

    assert results["page.loads"].outcome == "pass"
    assert results["page.refuses"].outcome == "fail"
    assert results["page.refuses"].reason.startswith("the page is served without the credential")


def _release(name: str) -> Release:
    return next(one for one in BUILT if one.name == name)


def _imported(release: Release) -> set[str]:
    return {one.import_name for name in release.connectors for one in CATALOG.connector(name).drivers}


def _tests(family: Family) -> set[str]:
    folders = [Path(folder, "tests") for folder in family.folders]
    return {one.stem for folder in folders for one in folder.glob("*") if one.suffix in (".py", ".r")}


def test_a_package_set_is_one_layer_more(ready_world: World, whole: Any) -> None:
    """IDE and drivers are those of the release without them, byte for byte; what a set lacks is said."""
    release = CATALOG.family("jupyterlab-data").releases[0]
    plain, built = (_groups(_built(whole, f"{family}:{release.line}")) for family in ("jupyterlab", release.family))
    # More connectors bring more of what drivers share.
    shared = {"kernel runtime", "kernel dialects"}

    assert {f"kernel {name}" for name in release.sets} <= built.keys() - plain.keys()
    assert {name: built.get(name) for name in plain.keys() - shared} == {
        name: plain[name] for name in plain.keys() - shared
    }
    assert {"ide", "kernel postgresql", "kernel odbc"} <= plain.keys() - shared
    shown = ready_world.json("image", "show", release.name)["release"]
    assert [one["name"] for one in shown["sets"]] == [*release.sets]
    assert {one["name"]: one["without"] for one in shown["sets"] if one["without"]} == {"ml": ["torch"]}
    modules = {name for one in CATALOG.sets_of(release) for name in one.proven_by}
    passed = {one["id"] for one in shown["evidence"] if one["outcome"] == "pass"}
    assert modules
    assert {f"kernel.imports-{name}" for name in modules} <= passed


def _built(whole: Any, release: str) -> Any:
    (one,) = (one for one in whole["builds"] if one["release"] == release)
    return one


def _groups(build: Any) -> dict[str, str]:
    return {one["group"]: one["digest"] for one in build["layers"]}


@pytest.mark.parametrize("release", [one.name for one in BUILT if "odbc" in one.connectors])
def test_what_connectors_bring_answers(whole: Any, release: str) -> None:
    """The three ODBC drivers are registered, and what needs no server runs a statement, without a network."""
    digest = _built(whole, release)["digest"]
    python = ("--entrypoint", "/opt/solvent/kernel/bin/python", digest, "-c", ANSWERS)

    said = json.loads(docker("run", "--rm", "--network", "none", *python))

    assert {"PostgreSQL Unicode", "MariaDB Unicode", "SQLite3"} <= set(said.pop("drivers"))
    assert said == {"duckdb": 1, "odbc": 1, "pysqlite3": 1, "sqlite": 1}


@pytest.mark.parametrize(
    ("release", "warning"), [("jupyterlab:4.5-py3.11", ""), ("jupyterlab:4.4-py3.11", "deprecated")]
)
def test_an_older_release_is_launched(ready_world: World, launched: str, release: str, warning: str) -> None:
    """Its kernel is the release's Python; a deprecated one names its successor."""
    done = ready_world("env", "launch", release, "--name", launched)

    assert warning in done.stderr
    assert ("jupyterlab:4.5-py3.11" in done.stderr.replace(release, "")) == bool(warning)
    assert cell(ready_world, launched, "import sys; print(sys.version_info[:2])").strip() == "(3, 11)"


def test_r_reads_a_database_through_dbi(ready_world: World, launched: str) -> None:
    """With the connection's own parameters and its password, which it reads where Python reads it."""
    address, credential = _launched(ready_world, "jupyterlab-r", launched, "--connection", "warehouse")

    result = jupyter.run_cell(address, credential, R_READS, timeout=120, kernel="ir")

    assert (result.error, result.text) == ("", "TRUE")


@pytest.mark.parametrize(
    ("release", "kernel", "where", "code"),
    [
        ("notebook", "python3", "/notebooks", None),
        ("jupyterlab-r", "ir", "/lab/tree", R_CODE),
    ],
)
def test_a_notebook_is_edited_run_and_saved(
    ready_world: World, launched: str, release: str, kernel: str, where: str, code: str | None
) -> None:
    """In Notebook 7 and with R as in JupyterLab with Python, by a person's keys in a browser."""
    _, credential = _launched(ready_world, release, launched)
    empty = {"cells": [EMPTY], "nbformat": 4, "nbformat_minor": 5}
    empty["metadata"] = {"kernelspec": {"display_name": kernel, "language": "", "name": kernel}}
    host = container(ready_world, launched)
    docker("exec", host, "sh", "-c", 'echo "$1" >/workspace/working.ipynb', "sh", json.dumps(empty))
    probes = ["opens", "edits", "runs", "saves"]
    question = {
        "url": f"http://{host}:8888",
        "token": credential,
        "notebook": "working.ipynb",
        "note": "",
        "timeout": 60,
        "shots": "",
        "page": where,
        "probes": probes,
        **({"code": code} if code else {}),
    }

    with network_beside(ready_world, launched) as network:
        answers = asked(ready_world, network, question, script="support_lab.py")

    assert answers == {f"work.{probe}": ("pass", "") for probe in probes}
