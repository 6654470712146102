"""``connector params`` on drivers of a few lines: the probe runs on them as it would in the container."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from manager.app.settings import load
from manager.core.ingredients import base_key
from manager.core.names import Names
from manager.errors import Unreachable
from manager.world import files
from tests.fakes import drivers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

NEWER = """
import socket
def connect(host=None, port=1, user=None, password=None, login=None, ssl=True, **kwargs):
    socket.create_connection((host, port))
"""
OLDER = """
import socket
def connect(host=None, port=1, user=None, password=None, Login=None, region='eu', ssl=False):
    socket.create_connection((host, port))
"""
CONNECTOR = """
id = "stub"
title = "Stub"
kind = "database"
tier = "community"
owners = ["platform"]
url_template = "{scheme}://{password}@{host}/{database}"
[[driver]]
dist = "stub"
import = "stub"
main = true
url_scheme = "stub"
contract = { method = "signature", of = ["stub:connect"], sentinels = ["host", "user"], floor = 4 }
[[driver]]
dist = "silent"
import = "silent"
role = "companion"
[[parameter]]
name = "host"
required = true
[[parameter]]
name = "region"
[[parameter]]
name = "password"
secret = true
[[parameter]]
name = "database"
"""


PINS = {"stub": "9.9", "postgresql": "3.3.9"}


@pytest.fixture
def index(solvent: World, trusted: Path, monkeypatch: pytest.MonkeyPatch) -> drivers.Index:
    """Give an index with versions of the stub, a catalog that has it, and an engine with one base."""
    place = trusted / "connectors" / "stub" / "connector.toml"
    place.parent.mkdir()
    place.write_text(CONNECTOR, encoding="utf-8")
    monkeypatch.setenv("SOLVENT_CATALOG", str(trusted))
    system = files.load(trusted, False).system("trixie")
    solvent.engine.add_image(Names().base("trixie", base_key(system)), {"io.solvent.realm": "solvent"})
    found = drivers.Index(
        {"1.0": OLDER, "2.0": NEWER, "3.0": drivers.SHORT, "4.0": drivers.HANGS, "5.0": drivers.CRASHES,
         "6.0": drivers.LIES}
    )  # fmt: skip
    found.serve(solvent.engine, monkeypatch)
    solvent.open = lambda catalog, as_of, opened=solvent.open: opened(catalog or trusted, as_of)  # type: ignore[method-assign]
    return found


def test_the_parameters_of_a_version_are_shown(solvent: World, index: drivers.Index) -> None:
    """As a table, by name, and as JSON with the keys of schema 1."""
    table = solvent("connector", "params", "stub", "--version", "1.0")
    named = solvent("connector", "params", "stub", "--version", "1.0", "-q")
    found = solvent("connector", "params", "stub", "--version", "1.0", "-o", "json").json

    assert table.code == 0
    assert "region" in table.out
    assert "'eu'" in table.out
    # What is treated as any other has no column of it.
    assert table.out.splitlines()[0].split() == ["PARAMETER", "TYPE", "DEFAULT", "NEEDS"]
    assert named.out.split() == ["Login", "host", "password", "port", "region", "ssl", "user"]
    assert {"connector", "version", "count", "parameters"} <= found.keys()
    assert (found["connector"], found["version"], found["count"]) == ("stub", "1.0", 7)
    assert found["parameters"]["password"] == {
        "default": "None", "effective_default": None, "type": "", "secret": True, "aliases": [],
        "disposition": "accepted",
    }  # fmt: skip


def test_two_versions_are_compared_with_the_connections_that_feel_it(solvent: World, index: drivers.Index) -> None:
    """A removed parameter that is swallowed from now on is told twice, worst first."""
    added = solvent("connection", "add", "warehouse", "--connector", "stub", "--set", "host=a", "--set", "region=us")
    assert added.code == 0, added.err
    assert solvent("connection", "add", "plain", "--connector", "stub", "--set", "host=a").code == 0

    ran = solvent("connector", "params", "stub", "--from", "1.0", "--to", "2.0", "-o", "json")
    found = ran.json

    assert (ran.code, found["from"], found["to"]) == (0, "1.0", "2.0")
    assert found["counts"] == {"added": 0, "removed": 1, "changed": 4}
    assert [(one["kind"], one["name"], one["before"], one["after"], one["severity"]) for one in found["changes"]] == [
        ("removed", "region", "'eu'", None, "high"),
        ("disposition", "Login", "accepted", "ignored", "high"),
        ("disposition", "region", "accepted", "ignored", "high"),
        ("default", "ssl", "False", "True", "high"),
        ("renamed", "Login", "Login", "login", "medium"),
    ]
    felt = {one["name"]: [(each["kind"], each["name"]) for each in one["changes"]] for one in found["connections"]}
    assert felt == {
        "plain": [("default", "ssl")],
        "warehouse": [("removed", "region"), ("disposition", "region"), ("default", "ssl")],
    }


def test_the_comparison_is_readable(solvent: World, index: drivers.Index) -> None:
    """A section for each kind of change, and a sentence at the end."""
    ran = solvent("connector", "params", "stub", "--from", "1.0", "--to", "2.0")

    titles = ("removed", "renamed", "treated otherwise", "other default")
    assert [word for word in titles if f"\n{word}\n" not in ran.out] == []
    assert "1 removed, 4 changed; 4 of them of high severity" in ran.err


def test_what_was_asked_once_is_asked_no_more(solvent: World, index: drivers.Index) -> None:
    """Neither index nor engine is needed again; another way of asking is another question."""
    for _ in range(3):
        assert solvent("connector", "params", "stub", "--from", "1.0", "--to", "2.0").code == 0
    assert sorted(index.installed) == ["1.0", "2.0"]

    place = load().cache_dir / "contracts"
    for one in place.glob("stub-1.0-*"):
        one.write_text(one.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    assert solvent("connector", "params", "stub", "--version", "1.0").code == 0
    assert sorted(index.installed) == ["1.0", "1.0", "2.0"]


@pytest.mark.parametrize(
    ("version", "words"),
    [("3.0", "hollow: it lacks user"), ("4.0", "I am about to hang"), ("5.0", "my last words")],
)
def test_a_driver_that_cannot_be_asked_is_an_error_and_no_contract(
    solvent: World, index: drivers.Index, version: str, words: str
) -> None:
    """Short, hanging or crashing: exit 1, nothing on stdout, nothing kept."""
    ran = solvent("connector", "params", "stub", "--version", version, "-o", "json")

    assert (ran.code, ran.out) == (1, "")
    assert words in ran.error["message"] + ran.error["why"]
    assert list((load().cache_dir / "contracts").glob("stub-*")) == []


def test_a_version_with_less_than_half_of_the_one_before_is_hollow(solvent: World, index: drivers.Index) -> None:
    """Although it has the sentinels and stands above the floor."""
    index.sources["1.5"] = "def connect(host=None, user=None, a=1, b=2, c=3, d=4, e=5, f=6, g=7, h=8, i=9): pass\n"
    index.sources["1.6"] = "def connect(host=None, user=None, a=1, b=2): pass\n"

    ran = solvent("connector", "params", "stub", "--from", "1.5", "--to", "1.6", "-o", "json")

    assert ran.code == 1
    assert "less than half of the 11" in ran.error["message"]


def test_garbage_is_no_answer_and_hides_none(solvent: World, index: drivers.Index) -> None:
    """A driver that writes to every open file changes nothing of its contract."""
    assert solvent("connector", "params", "stub", "--version", "6.0", "-o", "json").json["count"] == 6


def test_the_container_is_closed_and_gone(solvent: World, index: drivers.Index) -> None:
    """No network, nothing writable, none of this person's variables; nothing is left of it."""
    seen = []
    solvent.engine.before.append(lambda method, words: seen.append((method, words)))

    assert solvent("connector", "params", "stub", "--version", "1.0").code == 0

    spec = next(words[0] for method, words in seen if method == "create")
    assert spec.networks == ("none",)
    assert all(mount.read_only for mount in spec.mounts)
    assert {name for name, _ in spec.environment} == {"HOME", "LANG", "USER"}
    assert dict(spec.labels)["io.solvent.kind"] == "sandbox"
    assert solvent.engine.containers({"io.solvent.kind": "sandbox"}) == ()
    assert [one for one in (load().cache_dir / "contracts").iterdir() if one.is_dir()] == []


def test_a_version_that_never_was_names_its_neighbours(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2; a version that is none at all is told so before anything is asked."""
    from packaging.version import Version

    monkeypatch.setattr("manager.app.contracts._published", lambda *_: [Version(one) for one in ("1.0", "1.9", "7.0")])
    ran = solvent("connector", "params", "stub", "--version", "1.8", "-o", "json")

    assert (ran.code, ran.error["code"]) == (2, 2)
    assert "1.9" in ran.error["hint"]
    assert solvent("connector", "params", "stub", "--version", "../etc").code == 2


def test_a_version_that_is_there_and_fits_no_python_is_not_said_to_be_missing(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wheels for another platform only, or for another Python."""
    from packaging.version import Version

    monkeypatch.setattr("manager.app.contracts._published", lambda *_: [Version("1.8")])
    ran = solvent("connector", "params", "stub", "--version", "1.8", "-o", "json")

    assert ran.code == 1
    assert "no wheel of stub 1.8 fits" in ran.error["message"]


def test_a_package_that_vanished_is_said_to_be_gone(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In uv's words, and never as a contract without parameters."""
    from manager.errors import Failed

    def gone(*_words: object, **_more: object) -> None:
        raise Failed("resolving: uv found no way", why="Because stub was not found in the package registry, ...")

    monkeypatch.setattr("manager.world.resolver.beside", gone)
    ran = solvent("connector", "params", "stub", "--version", "1.0", "-o", "json")

    assert (ran.code, ran.error["message"]) == (1, "the index has no stub")


def test_an_index_that_does_not_answer_is_unreachable(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 6; what was kept is shown nevertheless."""
    assert solvent("connector", "params", "stub", "--version", "1.0").code == 0

    def silent(*_words: object, **_more: object) -> None:
        raise Unreachable("the package index does not answer")

    monkeypatch.setattr("manager.world.resolver.beside", silent)

    assert solvent("connector", "params", "stub", "--version", "2.0").code == 6
    assert solvent("connector", "params", "stub", "--version", "1.0").code == 0


def test_a_contract_is_kept_beside_the_connector_and_read_first(
    solvent: World, index: drivers.Index, trusted: Path
) -> None:
    """In a catalog of one's own; it is used by everybody, without index and engine."""
    ran = solvent("connector", "params", "stub", "--version", "1.0", "--keep", "-q")
    file = trusted / "connectors" / "stub" / "contracts" / "stub-1.0.json"

    assert ran.code == 0, ran.err
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert (kept["schema"], kept["distribution"], len(kept["parameters"])) == (1, "stub", 7)

    for one in (load().cache_dir / "contracts").glob("stub-*"):
        one.unlink()
    assert solvent("connector", "params", "stub", "--version", "1.0", "-q").out == ran.out
    assert index.installed == ["1.0"]
    assert solvent("catalog", "validate").code == 0


def test_what_is_treated_otherwise_has_a_column_of_its_own(solvent: World) -> None:
    """With its heading."""
    ran = solvent("connector", "params", "mysql", "--version", "1.2.4")

    assert ran.out.splitlines()[0].split()[-1] == "TREATED"
    assert "warned" in ran.out


def test_the_shipped_catalog_keeps_nothing_new(solvent: World) -> None:
    """Exit 5, before anything is asked."""
    ran = solvent("connector", "params", "postgresql", "--version", "3.3.9", "--keep", "-o", "json")

    assert (ran.code, ran.error["code"]) == (5, 5)


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--to", "2.0"), 2), (("--from", "1.0", "--version", "2.0"), 2), (("--from", "1.0", "--keep"), 2),
     (("--driver", "nobody"), 2), (("--driver", "silent"), 5)],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(
    solvent: World, index: drivers.Index, words: tuple[str, ...], code: int
) -> None:
    """Options that contradict each other, a driver that there is not, one that nothing says how to ask."""
    assert solvent("connector", "params", "stub", *words).code == code


def test_a_saved_connection_is_held_against_a_version(solvent: World, index: drivers.Index) -> None:
    """Exit 3 with what is removed and ignored, and with a default that turns; 0 where nothing is wrong."""
    solvent("connection", "add", "warehouse", "--connector", "stub", "--set", "host=a", "--set", "region=us")
    lint = ("connection", "lint", "warehouse", "-o", "json")

    fine = solvent(*lint, "--to", "1.0")
    worse = solvent(*lint, "--from", "1.0", "--to", "2.0")

    assert (fine.code, fine.json["findings"], fine.json["version"]) == (0, [], "1.0")
    assert worse.code == 3
    assert {"connection", "connector", "version", "findings"} <= worse.json.keys()
    found = [(one["parameter"], one["kind"], one["severity"]) for one in worse.json["findings"]]
    assert found == [("region", "disposition", "high"), ("ssl", "default", "high")]
    assert "2 findings in warehouse" in worse.err
    table = solvent("connection", "lint", "warehouse", "--to", "2.0")
    assert (table.code, "stub 2.0 ignores it" in table.out) == (3, True)


def test_all_connections_are_looked_at_without_a_name(solvent: World, index: drivers.Index, trusted: Path) -> None:
    """Each by its own connector; a version belongs to a name."""
    solvent("connection", "add", "warehouse", "--connector", "postgresql", "--url", "postgresql://ana@db/sales")

    ran = solvent("connection", "lint", "-o", "json")

    assert [one["connection"] for one in ran.json["connections"]] == ["warehouse"]
    # Another catalog's connection is looked at with that catalog.
    solvent("connection", "add", "other", "--connector", "stub", "--set", "host=a")
    shutil.rmtree(trusted / "connectors" / "stub")
    ran = solvent("connection", "lint", "-o", "json")
    assert [one["connection"] for one in ran.json["connections"]] == ["warehouse"]
    assert solvent("connection", "lint", "other").code == 2
    assert solvent("connection", "lint", "--to", "2.0").code == 2
    assert solvent("connection", "lint", "warehouse", "--from", "2.0").code == 2
    assert solvent("connection", "lint", "nothing").code == 2


def test_what_cannot_be_judged_keeps_no_other_from_being(
    solvent: World, index: drivers.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named with its reason; 6 where the others have nothing, 3 where they have; alone it is the error itself."""

    def silent(*_words: object, **_more: object) -> None:
        raise Unreachable("the package index does not answer")

    monkeypatch.setattr("manager.world.resolver.beside", silent)
    monkeypatch.setattr("manager.app.contracts.default_version", lambda _world, one, _driver: PINS[one.id])
    solvent("connection", "add", "aaa", "--connector", "stub", "--set", "host=a")
    solvent("connection", "add", "warehouse", "--connector", "postgresql", "--url", "postgresql://ana@db/sales")

    fine = solvent("connection", "lint", "-o", "json")

    found = {one["connection"]: one for one in fine.json["connections"]}
    assert fine.code == 6
    assert found["warehouse"]["unjudged"] is None
    assert (found["aaa"]["version"], found["aaa"]["findings"]) == (None, [])
    assert found["aaa"]["unjudged"] == "the package index does not answer"
    assert "1 of 2 connections could not be judged: aaa" in fine.err
    assert solvent("connection", "lint", "aaa").code == 6
    assert solvent("connection", "lint", "warehouse").code == 0
    table = solvent("connection", "lint")
    assert (
        table.code,
        "aaa could not be judged" in table.err,
        "takes all of its parameters as they are" in table.err,
    ) == (
        6,
        True,
        True,
    )
