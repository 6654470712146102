"""A driver emergency on the command line: forbidden at once everywhere, allowed again, and the way out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.components import Component
from manager.core.locks import parse
from tests.cli.conftest import RELEASE
from tests.cli.test_driver_commands import LOCK, PINNED, index

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World
    from tests.fakes.indexes import Index

__all__ = ["index"]
ID = "GHSA-1111-2222-3333"
WHAT = ("--version", PINNED, "--advisory", ID, "--reason", "it leaks")
DEEP = next(pin for pin in parse(LOCK.read_text()) if pin.name == "psycopg-binary")


@pytest.fixture
def own(trusted: Path) -> tuple[str, str]:
    """Give the option that names a catalog of one's own."""
    return "--catalog", str(trusted)


@pytest.fixture
def hit(solvent: World, own: tuple[str, str]) -> World:
    """Give a world whose release has a build with the locked psycopg, and an environment ``work`` on it."""
    build = solvent.build()
    solvent.store.keep_components(build.digest, (Component("python", "psycopg", PINNED, "kernel"),))
    assert solvent("env", "launch", "jupyterlab", "--name", "work", *own).code == 0
    return solvent


def older(world: World, version: str = "99.0") -> str:
    """Put a good build there that was promoted before and has another psycopg; gives its digest."""
    labels = {"io.solvent.realm": "solvent", "io.solvent.kind": "image", "io.solvent.release": RELEASE}
    digest = world.engine.add_image(f"solvent/{RELEASE}-20261119.1", labels)
    (build,) = world.store.builds(RELEASE)
    made = datetime(2026, 11, 19, 12, tzinfo=UTC)
    superseded = type(build.status)("superseded")
    world.store.add_build(replace(build, version="20261119.1", digest=digest, created=made, status=superseded))
    world.store.record(digest, tuple(world.store.evidence(build.digest)), made)
    world.store.keep_components(digest, (Component("python", "psycopg", version, "kernel"),))
    return digest


def matters(world: World, *words: str) -> list[dict[str, Any]]:
    """Give what needs this person."""
    return list(world("status", "-o", "json", *words).json["matters"])


def test_the_shipped_catalog_refuses_it(solvent: World) -> None:
    """5, with the way to a catalog of one's own; nothing is written."""
    for command in ("quarantine", "unquarantine"):
        words = WHAT if command == "quarantine" else ("--reason", "it was the test")
        ran = solvent("connector", command, "postgresql", *words)
        assert (ran.code, ran.out) == (5, "")
        assert "solvent init" in ran.err


def test_a_quarantine_blocks_at_once_and_says_the_way_out(hit: World, own: tuple[str, str], trusted: Path) -> None:
    """Launch, start, build and upgrade end with 5 and name advisory, file and way; what runs is left alone."""
    url = "postgresql://ana@db.example/sales"
    assert hit("connection", "add", "sales", "--connector", "postgresql", "--url", url, *own).code == 0

    ran = hit("connector", "quarantine", "postgresql", *WHAT, *own)

    assert ran.code == 0, ran.err
    file = "connectors/decisions/2026-11-21-quarantine-postgresql.toml"
    assert 'version = "' + PINNED in (trusted / file).read_text()
    assert "runs on it and is not stopped" in ran.err
    assert f"quarantined  psycopg {PINNED}" in ran.out
    assert f"{RELEASE}  20261120.1  quarantined" in ran.out
    commands = [line for line in ran.out.splitlines() if "  " not in line and ". solvent" in line]
    assert [line.split()[2:4] for line in commands] == [
        ["image", "lock"], ["image", "build"], ["image", "build"], ["env", "upgrade"],
    ]  # fmt: skip
    assert commands[-1].startswith(f"4. solvent env upgrade --affected-by {ID}")

    assert hit("env", "list", *own, "-o", "json").json["environments"][0]["state"] == "running"
    for words in (
        ("env", "launch", "jupyterlab", "--name", "other"),
        ("env", "launch", "jupyterlab", "--name", "other", "--build", "20261120.1"),
        ("image", "build", RELEASE),
        ("image", "promote", RELEASE, "20261120.1"),
        ("env", "upgrade", "work", "--to", "jupyterlab:4.5-py3.11"),
        ("connection", "test", "sales"),
    ):
        ran = hit(*words, *own)
        assert ran.code == 5, (words, ran.err)
        assert (ID in ran.err, file in ran.err, "image lock" in ran.err) == (True, True, True), ran.err
    hit("env", "stop", "work", *own)
    stopped = hit("env", "start", "work", *own)
    assert (stopped.code, ID in stopped.err, file in stopped.err) == (5, True, True), stopped.err


def test_allowed_again_everything_goes_on(hit: World, own: tuple[str, str], trusted: Path) -> None:
    """By a further file; twice is once."""
    hit("connector", "quarantine", "postgresql", *WHAT, *own)
    assert "nothing to do" in hit("connector", "quarantine", "postgresql", *WHAT, *own).err

    ran = hit("connector", "unquarantine", "postgresql", "--version", PINNED, "--reason", "a false alarm", *own)

    assert (ran.code, ran.out) == (0, "connectors/decisions/2026-11-21-unquarantine-postgresql-2.toml\n"), ran.err
    assert len(list((trusted / "connectors/decisions").glob("*.toml"))) == 2
    again = hit("connector", "unquarantine", "postgresql", "--reason", "once more", *own)
    assert (again.code, "is not quarantined" in again.err) == (0, True)
    hit("env", "stop", "work", *own)
    assert hit("env", "start", "work", *own).code == 0
    assert hit("image", "promote", RELEASE, "20261120.1", *own).code == 0
    assert hit("env", "launch", "jupyterlab", "--name", "other", *own).code == 0


@pytest.mark.parametrize("version", ["<0.1", "98.0"])
def test_a_range_that_nothing_is_in_blocks_nothing(hit: World, own: tuple[str, str], version: str) -> None:
    """The negative control; it is noted, and stands for what comes."""
    words = ("--version", version, "--advisory", ID, "--reason", "it leaks")

    ran = hit("connector", "quarantine", "postgresql", *words, *own, "-o", "json")

    assert ran.code == 0
    assert f"no build that is known here has psycopg {version}" in ran.err
    assert (ran.json["builds"], ran.json["affected"], ran.json["way_out"]["steps"]) == ([], [], [])
    assert hit("env", "launch", "jupyterlab", "--name", "other", *own).code == 0
    hit("env", "stop", "work", *own)
    assert hit("env", "start", "work", *own).code == 0
    assert not [one for one in matters(hit, *own) if one["kind"] == "quarantine"]


def test_the_channel_falls_back_to_the_newest_good_build_without_it(hit: World, own: tuple[str, str]) -> None:
    """People who launch get that one; those who stand on the other can be upgraded to it by the advisory's id."""
    digest = older(hit)

    ran = hit("connector", "quarantine", "postgresql", *WHAT, *own, "-o", "json")

    assert [step["kind"] for step in ran.json["steps"]] == ["write decision", "fall back"]
    assert hit.store.channels() == {(RELEASE, "stable"): digest}
    assert hit("env", "launch", "jupyterlab", "--name", "other", *own).code == 0
    assert "running, and stopped only by name" in hit("env", "upgrade", "--affected-by", ID, *own).err
    hit("env", "stop", "work", *own)
    for by in (ID, f"psycopg=={PINNED}"):
        plan = hit("env", "upgrade", "--affected-by", by, *own, "--dry-run", "-o", "json").json
        assert "work" in {step["target"] for step in plan["steps"]}
        assert "other" not in {step["target"] for step in plan["steps"]}
    assert hit("env", "upgrade", "--affected-by", "psycopg==1", *own, "--dry-run", "-o", "json").json["steps"] == []


def test_a_fall_back_does_not_go_to_a_build_that_has_it_too(hit: World, own: tuple[str, str]) -> None:
    """The channel is empty then: a launch fails loudly."""
    older(hit, PINNED)

    ran = hit("connector", "quarantine", "postgresql", *WHAT, *own, "-o", "json")

    assert [step["kind"] for step in ran.json["steps"]] == ["write decision", "empty channel"]
    assert hit("env", "launch", "jupyterlab", "--name", "other", *own).code == 5


def test_a_package_that_a_driver_brings_can_be_quarantined(hit: World, own: tuple[str, str], index: Index) -> None:
    """Without being anybody's driver; a package that nobody has is a wrong word."""
    words = ("--driver", DEEP.name, "--version", f"<={DEEP.version}", "--advisory", ID, "--reason", "it leaks")
    (build,) = hit.store.builds(RELEASE)
    hit.store.keep_components(build.digest, (Component("python", DEEP.name, DEEP.version, "kernel"),))

    found = hit("connector", "quarantine", "postgresql", *words, *own, "-o", "json").json

    assert found["decision"]["distribution"] == DEEP.name
    assert [one["version"] for one in found["builds"]] == ["20261120.1"]
    assert [one["name"] for one in found["affected"]] == ["work"]
    (release,) = (one for one in found["way_out"]["releases"] if one["release"] == RELEASE)
    assert release == {
        "release": RELEASE, "pinned": DEEP.version, "to": None, "builds": ["20261120.1"], "built": False,
    }  # fmt: skip
    ran = hit("connector", "quarantine", "postgresql", *words[2:], "--driver", "psycopg-binery", *own)
    assert (ran.code, "did you mean psycopg-binary?" in ran.err) == (2, True)


def test_explain_status_and_affected_name_it(hit: World, own: tuple[str, str], index: Index) -> None:
    """A version that is quarantined is no candidate; whoever has one is named, whether or not its advisory is known."""
    hit("refresh", "marimo", *own)
    hit("connector", "quarantine", "postgresql", "--version", f"<=99.0,>={PINNED}", *WHAT[2:], *own)

    found = hit("connector", "explain", "postgresql", *own, "-o", "json").json["explain"]
    (pin,) = (one for one in found["pins"] if (one["release"], one["distribution"]) == (RELEASE, "psycopg"))
    assert [(one["version"], one["state"]) for one in pin["newer"]] == [("99.1", "cooling"), ("99.0", "quarantined")]
    assert f"for {ID}: it leaks; the next  solvent image lock  moves it" in pin["why"]
    assert [one["kind"] for one in found["decisions"]] == ["quarantine"]
    proposed = hit("refresh", "marimo", *own, "-o", "json").json["candidates"]
    assert not [one for one in proposed if one["subject"] == "psycopg"]

    (matter,) = (one for one in matters(hit, *own) if one["kind"] == "quarantine")
    assert "stands on it" in matter["text"]
    assert RELEASE in matter["pay"]
    assert hit("status", "--check", *own).code == 3

    said = hit("affected", ID, *own, "-o", "json").json
    assert [one["name"] for one in said["environments"]] == ["work"]
    assert [(one["distribution"], one["advisory"]) for one in said["quarantines"]] == [("psycopg", ID)]
    assert hit("affected", f"psycopg=={PINNED}", *own, "-o", "json").json["quarantines"] == said["quarantines"]
    assert hit("affected", "psycopg==1", *own, "-o", "json").json["quarantines"] == []
    # No build has it, and it is quarantined all the same.
    asked = hit("affected", "psycopg==99.0", *own, "-o", "json").json
    assert (asked["builds"], asked["quarantines"]) == ([], said["quarantines"])


def test_an_advisory_that_says_less_than_its_quarantine_hides_nothing(
    hit: World, own: tuple[str, str], tmp_path: Path
) -> None:
    """The builds are affected by its id all the same; without the quarantine they are not."""
    said = {"package": {"ecosystem": "PyPI", "name": "psycopg"}, "versions": ["0.1"]}
    (tmp_path / "one.json").write_text(json.dumps({"id": ID, "affected": [said]}))
    assert hit("refresh", "--advisories", str(tmp_path / "one.json"), "marimo", *own).code == 0
    assert hit("affected", ID, *own, "-o", "json").json["builds"] == []

    hit("connector", "quarantine", "postgresql", *WHAT, *own)

    found = hit("affected", ID, *own, "-o", "json").json
    assert found["advisory"]["id"] == ID
    assert [one["name"] for one in found["environments"]] == ["work"]


def test_the_way_out_can_be_looked_at_before(hit: World, own: tuple[str, str]) -> None:
    """With the plan, and nothing is decided."""
    words = ("connector", "quarantine", "postgresql", *WHAT, *own, "--dry-run")

    shown, found = hit(*words), hit(*words, "-o", "json").json

    assert "1. write decision psycopg" in shown.out
    assert "\n1. solvent image lock " in shown.out
    assert found["way_out"]["steps"][0]["kind"] == "lock"
    assert hit("affected", ID, *own).code == 2


@pytest.mark.parametrize("form", [("-o", "name"), ("-q",)])
def test_by_name_it_is_the_file_alone(hit: World, own: tuple[str, str], form: tuple[str, ...]) -> None:
    """Without the steps that people read."""
    ran = hit("connector", "quarantine", "postgresql", *WHAT, *own, *form)

    assert ran.out == "connectors/decisions/2026-11-21-quarantine-postgresql.toml\n"


def test_upstream_says_where_to_go(hit: World, own: tuple[str, str], index: Index) -> None:
    """The lowest version of the index that is out of it."""
    hit("refresh", "marimo", *own)

    found = hit("connector", "quarantine", "postgresql", *WHAT, *own, "-o", "json").json["way_out"]

    assert found["version"] == "99.0"
    assert "99.0 is the lowest version without the danger" in found["steps"][0]["why"]


def test_a_quarantined_version_is_not_asked_for_its_parameters(hit: World, own: tuple[str, str]) -> None:
    """Nothing installs it; what is known of it already is shown all the same."""
    hit("connector", "quarantine", "postgresql", "--version", "3.1.4", *WHAT[2:], *own)

    ran = hit("connector", "params", "postgresql", "--version", "3.1.4", *own)

    assert (ran.code, ID in ran.err) == (5, True), ran.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("postgres", *WHAT), "did you mean postgresql?"),
        (("postgresql", "--version", "three", *WHAT[2:]), "neither a version nor a range"),
        (("postgresql", *WHAT[2:]), "missing option '--version'"),
        (("postgresql", "--version", PINNED, "--reason", "it leaks"), "missing option '--advisory'"),
    ],
)
def test_bad_words_end_with_2(solvent: World, own: tuple[str, str], words: tuple[str, ...], says: str) -> None:
    """With what is wrong; nothing is written."""
    ran = solvent("connector", "quarantine", *words, *own)

    assert (ran.code, says in ran.err) == (2, True), ran.err
