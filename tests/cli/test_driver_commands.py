"""Drivers as people ask for them: ``refresh``, ``connector list``, ``explain``, ``hold``, ``unhold``; on loopback."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.settings import load
from manager.app.takeable import Takeable, takeable
from manager.core.locks import parse
from tests.cli.conftest import RELEASE, REPOSITORY
from tests.fakes.clock import TODAY
from tests.fakes.indexes import Index, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import World

LOCK = REPOSITORY / "images/jupyterlab/locks/4.6-py3.13/kernel.lock"
PINNED = next(pin.version for pin in parse(LOCK.read_text()) if pin.name == "psycopg")
WHY = ("--reason", "the year is closed first")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """Serve an index that has newer drivers: one that may be taken, one that cools, one that was taken back."""
    with serving() as made:
        made.python("psycopg", (PINNED, "2025-11-21"), ("99.0", "2026-09-01"), ("99.1", "2026-11-20"))
        made.python("marimo", ("0.1", "2026-01-01"))
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{made.address}/simple")
        yield made


@pytest.fixture
def own(trusted: Path) -> tuple[str, str]:
    """Give the option that names a catalog of one's own."""
    return "--catalog", str(trusted)


def drivers(solvent: World, *words: str) -> list[dict[str, Any]]:
    """Give the drivers that ``refresh marimo`` proposes."""
    found = solvent("refresh", "marimo", "-o", "json", *words).json["candidates"]
    return [one for one in found if one["kind"] == "driver"]


def test_newer_drivers_are_proposed_with_their_reason_and_command(solvent: World, index: Index) -> None:
    """The newest that has cooled down; what cools, and what did not answer, are notes."""
    ran = solvent("refresh", "marimo", "-o", "json")

    (one,) = ran.json["candidates"]
    assert (one["kind"], one["subject"], one["version"], one["released"]) == ("driver", "psycopg", "99.0", "2026-09-01")
    assert (one["connectors"], one["releases"]) == (["postgresql"], ["marimo:0.25-py3.13"])
    assert one["command"] == "solvent image lock marimo:0.25-py3.13 --upgrade psycopg"
    assert "has cooled down" in one["why"]
    assert "psycopg 99.1 cools down until 2026-11-27, for 1 release" in ran.json["waiting"]
    assert any(note.startswith("psycopg2-binary, sqlalchemy: ") and "answers 404" in note for note in ran.json["notes"])
    assert solvent("refresh", "marimo", "--check").code == 3


def test_a_pin_that_was_yanked_is_said(solvent: World, index: Index) -> None:
    """With the reason that the index gives; explain says it too."""
    index.python("psycopg", (PINNED, "2025-11-21"), yanked="it eats rows")

    assert f"psycopg {PINNED}, which 1 release pins, was yanked: it eats rows" in solvent("refresh", "marimo").err
    assert "it was yanked since: it eats rows" in solvent("connector", "explain", "postgresql").out
    index.python("psycopg", ("99.0", "2026-09-01"))
    solvent("refresh", "marimo")
    assert "the index has this version no more" in solvent("connector", "explain", "postgresql").out


def test_the_list_says_what_refresh_learnt_and_asks_nobody(solvent: World, index: Index) -> None:
    """Null before anybody asked; afterwards from what was kept, with no index at all."""
    keys = ("newest", "released", "libyears", "hold")
    (before,) = [
        one for one in solvent("connector", "list", "-o", "json").json["connectors"] if one["id"] == "postgresql"
    ]
    assert [before[key] for key in keys] == [None] * 4
    assert not index.asked

    solvent("refresh", "marimo")
    asked = len(index.asked)

    (after,) = [
        one for one in solvent("connector", "list", "-o", "json").json["connectors"] if one["id"] == "postgresql"
    ]
    assert [after[key] for key in keys] == ["99.1", "2026-11-20", 1.0, None]
    row = next(line for line in solvent("connector", "list").out.splitlines() if line.startswith("postgresql"))
    assert row.split()[-4:] == [PINNED, "99.1", "1.00", "-"]
    assert len(index.asked) == asked


def test_explain_says_why_a_pin_is_what_it_is_and_what_holds_newer_ones_back(solvent: World, index: Index) -> None:
    """Before anybody asked, it says so."""
    assert "nobody has asked the index about it yet" in solvent("connector", "explain", "postgresql").err
    solvent("refresh", "marimo")

    found = solvent("connector", "explain", "postgresql", "-o", "json").json["explain"]

    (pin,) = (one for one in found["pins"] if (one["release"], one["distribution"]) == (RELEASE, "psycopg"))
    assert (pin["version"], pin["newest"], pin["libyears"], pin["versions_behind"]) == (PINNED, "99.1", 1.0, 2)
    assert f"99.0 can be taken:  solvent image lock {RELEASE} --upgrade psycopg" in pin["why"]
    assert [(one["version"], one["state"], one["until"]) for one in pin["newer"]] == [
        ("99.1", "cooling", "2026-11-27"), ("99.0", "candidate", None),
    ]  # fmt: skip
    assert pin["lock"] == "images/jupyterlab/locks/4.6-py3.13/kernel.lock"
    (other,) = (one for one in found["pins"] if (one["release"], one["distribution"]) == (RELEASE, "sqlalchemy"))
    assert (other["newest"], other["newer"]) == (None, [])
    shown = solvent("connector", "explain", "postgresql")
    assert "cooling until 2026-11-27: its files came on 2026-11-20" in shown.out
    assert solvent("connector", "explain", "postgres").code == 2


def test_a_hold_is_a_file_and_stops_proposals_and_locks_until_it_is_lifted(
    solvent: World, index: Index, own: tuple[str, str], trusted: Path
) -> None:
    """With person and reason; lifted by another file, and neither is ever changed."""
    dry = solvent("connector", "hold", "postgresql", "--until", "2027-01-31", *WHY, *own, "--dry-run")
    assert 'kind = "hold"' in dry.out
    ran = solvent("connector", "hold", "postgresql", "--until", "2027-01-31", *WHY, *own)

    assert (ran.code, ran.out) == (0, "connectors/decisions/2026-11-21-hold-postgresql.toml\n")
    assert (trusted / ran.out.strip()).read_text() == dry.out
    assert drivers(solvent, *own) == []
    found = solvent("connector", "list", "-o", "json", *own).json["connectors"]
    (hold,) = (one["hold"] for one in found if one["id"] == "postgresql")
    assert (hold["until"], hold["reason"], hold["kind"]) == ("2027-01-31", WHY[1], "hold")
    lock = solvent("image", "lock", RELEASE, "--upgrade", "Psycopg", "--dry-run", *own)
    assert (lock.code, f"psycopg is held at {PINNED} in {RELEASE}" in lock.err) == (5, True)
    assert solvent("image", "lock", RELEASE, "--upgrade", "pandas", "--dry-run", *own).code == 0
    shown = solvent("connector", "explain", "postgresql", "-o", "json", *own).json["explain"]
    assert shown["decisions"][0]["file"] == ran.out.strip()
    assert all("held by" in one["why"] for one in shown["pins"] if one["newer"])

    lifted = solvent("connector", "unhold", "postgresql", "--reason", "closed", *own)

    assert lifted.out == "connectors/decisions/2026-11-21-unhold-postgresql-2.toml\n"
    assert [one["version"] for one in drivers(solvent, *own)] == ["99.0"]
    assert solvent("image", "lock", RELEASE, "--upgrade", "psycopg", "--dry-run", *own).code == 0
    assert solvent("connector", "unhold", "postgresql", "--reason", "again", *own).code == 5


def test_a_hold_for_a_version_lifts_itself_once_refresh_has_seen_it(
    solvent: World, index: Index, own: tuple[str, str]
) -> None:
    """What is waited for is asked about, whatever connector it belongs to."""
    index.python("fakesnow", ("0.9", "2026-01-01"))
    words = ("connector", "hold", "postgresql", "--driver", "psycopg", "--until-version", "fakesnow>=0.10", *WHY, *own)
    assert solvent(*words).code == 0
    assert drivers(solvent, *own) == []

    index.python("fakesnow", ("0.10", "2026-11-20"))

    assert [one["version"] for one in drivers(solvent, *own)] == ["99.0"]
    assert solvent(*words).code == 5  # It is there already.


def test_an_exception_lets_a_version_past_the_cool_down(solvent: World, index: Index, own: tuple[str, str]) -> None:
    """With an advisory, for two weeks at most."""
    words = (
        "connector",
        "unhold",
        "postgresql",
        "--driver",
        "psycopg",
        "--version",
        "99.1",
        "--advisory",
        "CVE-1",
        *own,
    )
    assert solvent(*words, "--until", "2026-12-06", "--reason", "leak").code == 5

    ran = solvent(*words, "--until", "2026-12-05", "--reason", "leak")

    assert ran.out == "connectors/decisions/2026-11-21-exception-postgresql.toml\n"
    (one,) = drivers(solvent, *own)
    assert one["version"] == "99.1"
    assert "from the cool-down until 2026-12-05 for CVE-1: leak" in one["why"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("hold", "postgresql", *WHY), 2, "say when it lifts itself"),
        (("hold", "postgresql", "--until", "2027-01-01", "--until-version", "x>=1", *WHY), 2, "one of them"),
        (("hold", "postgresql", "--until", "2027-01-01"), 2, "missing option '--reason'"),
        (("hold", "postgres", "--until", "2027-01-01", *WHY), 2, "did you mean postgresql?"),
        (("hold", "postgresql", "--driver", "psycpg", "--until", "2027-01-01", *WHY), 2, "did you mean psycopg?"),
        (("hold", "postgresql", "--until", "2026-11-21", *WHY), 5, "does not lie after"),
        (("hold", "postgresql", "--until-version", "x", *WHY), 2, "names no version"),
        (
            ("hold", "postgresql", "--until", "2027-01-01", *WHY, "--as-of", "2026-11-20"),
            5,
            "a catalog is written today",
        ),
        (("unhold", "postgresql", *WHY), 5, "nothing holds postgresql"),
        (("unhold", "postgresql", "--version", "99.1", *WHY), 2, "--version needs --driver"),
        (("unhold", "postgresql", "--advisory", "CVE-1", *WHY), 2, "go with --version"),
    ],
)
def test_bad_words_end_with_help(
    solvent: World, own: tuple[str, str], trusted: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    """Nothing is written."""
    ran = solvent("connector", *words, *own)

    assert (ran.code, says in ran.err) == (code, True), ran.err
    assert not (trusted / "connectors/decisions").exists()


@pytest.mark.parametrize("words", [("hold", "postgresql", "--until", "2027-01-01"), ("unhold", "postgresql")])
def test_the_shipped_catalog_is_read_only(solvent: World, words: tuple[str, ...]) -> None:
    """5, and the way to a catalog of one's own."""
    ran = solvent("connector", *words, *WHY)

    assert (ran.code, "solvent init" in ran.err) == (5, True)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("2026-11-01-hold-postgresql.toml", 'until = 2026-12-01\nby = ""', "by"),
        ("2026-11-02-hold-postgresql.toml", 'until = 2026-12-01\nby = "ana"', "the file's name has to begin with"),
        ("2026-11-01-hold-postgresql.toml", 'by = "ana"', "a hold says when it lifts itself"),
        ("2026-11-01-hold-postgresql.toml", 'until = 2026-12-01\nby = "ana"\nmore = 1', "unknown key"),
        ("2026-11-01-hold-postgresql.tml", 'until = 2026-12-01\nby = "ana"', "is no decision"),
        (
            "2026-11-01-hold-postgresql.toml",
            'until = 2026-12-01\nby = "ana"\ndist = "pg; rm -rf /"',
            "is not a distribution",
        ),
        ("2026-11-01-hold-postgresql.toml", 'until = 2026-12-01\nby = "ana"', ""),
    ],
)
def test_a_file_that_is_no_decision_is_a_problem_of_the_catalog(
    solvent: World, own: tuple[str, str], trusted: Path, name: str, text: str, says: str
) -> None:
    """With its place; the last one is the negative control."""
    (trusted / "connectors/decisions").mkdir()
    (trusted / "connectors/decisions" / name).write_text(
        f'kind = "hold"\nsubject = "postgresql"\nday = 2026-11-01\nreason = "why"\n{text}\n'
    )

    ran = solvent("catalog", "validate", *own)

    assert (ran.code, says in ran.err) == (4 if says else 0, True), ran.err


@pytest.mark.parametrize(("value", "code"), [('"P0D"', 0), ('"P3D"', 0), ('"7"', 4), ("7", 4)])
def test_the_cool_down_is_the_catalogs(
    solvent: World, index: Index, own: tuple[str, str], trusted: Path, value: str, code: int
) -> None:
    """A period as all others; without the table it is seven days."""
    text = (trusted / "solvent.toml").read_text()
    (trusted / "solvent.toml").write_text(text.replace('cool_down = "P7D"', f"cool_down = {value}"))

    assert solvent("catalog", "validate", *own).code == code
    if value == '"P0D"':
        assert [one["version"] for one in drivers(solvent, *own)] == ["99.1"]
        (trusted / "solvent.toml").write_text(text.replace('[drivers]\ncool_down = "P7D"', ""))
        assert [one["version"] for one in drivers(solvent, *own)] == ["99.0"]


def takes(solvent: World, root: Path) -> Takeable:
    """Give what a lock takes of psycopg."""
    with closing(solvent.open(root, None)) as manager:
        return takeable(manager, manager.catalog.release(RELEASE, TODAY), {"psycopg": PINNED})


def explained(solvent: World, *words: str) -> dict[str, Any]:
    """Give what explain says of the pin of psycopg."""
    pins = solvent("connector", "explain", "postgresql", "-o", "json", *words).json["explain"]["pins"]
    (pin,) = (one for one in pins if (one["release"], one["distribution"]) == (RELEASE, "psycopg"))
    return dict(pin)


def test_a_version_that_hurts_a_saved_connection_is_blocked(
    solvent: World, index: Index, trusted: Path, own: tuple[str, str]
) -> None:
    """By the contract that is kept: explain lists the connections, refresh proposes nothing; without them it does."""
    folder = trusted / "connectors" / "postgresql" / "contracts"
    known = json.loads((folder / f"psycopg-{PINNED}.json").read_text(encoding="utf-8"))
    del known["parameters"]["application_name"]
    newer = known | {"version": "99.0", "unheard_of": "rejected"}
    (folder / "psycopg-99.0.json").write_text(json.dumps(newer), encoding="utf-8")
    assert [one["version"] for one in drivers(solvent, *own)] == ["99.0"]
    url = "postgresql://ana@db/sales"
    assert solvent("connection", "add", "plain", "--connector", "postgresql", "--url", url, *own).code == 0
    assert [one["version"] for one in drivers(solvent, *own)] == ["99.0"]
    words = ("--url", f"{url}?application_name=x", *own)
    assert solvent("connection", "add", "sales", "--connector", "postgresql", *words).code == 0

    # A connection that cannot be read hides no other.
    (load().connections_dir / "broken.toml").write_text("connector = ")

    ran = solvent("refresh", "marimo", "-o", "json", *own)
    pin = explained(solvent, *own)

    # One person's connection is no reason for a lock that all have, and it is said to that person.
    taken = takes(solvent, trusted)
    assert (taken.targets, "psycopg!=99.0" in taken.bars) == ({"psycopg": "99.0"}, False)
    assert "99.0: it hurts saved connections: sales (application_name)" in taken.hurting["psycopg==99.0"]
    assert [one["version"] for one in ran.json["candidates"] if one["kind"] == "driver"] == ["99.0"]
    assert "warning: psycopg 99.0: it hurts saved connections: sales (application_name)" in ran.err
    assert "proposals go by shared ones alone" in ran.err
    standings = {one["version"]: one for one in pin["newer"]}
    assert (standings["99.0"]["state"], standings["99.1"]["state"]) == ("candidate", "cooling")
    assert "it hurts saved connections: sales (application_name)" in standings["99.0"]["why"]
    (hit,) = standings["99.0"]["connections"]
    assert (hit["name"], [one["parameter"] for one in hit["findings"]]) == ("sales", ["application_name"])
    assert pin["why"] == (
        f"the lock keeps it until it is upgraded; 99.0 can be taken:  solvent image lock {RELEASE} --upgrade psycopg; "
        "it hurts connections of your own:  solvent connection lint sales --to 99.0"
    )
    shared = trusted / "connectors" / "connections.toml"
    lines = ('name = "house"', 'owner = "platform"', 'connector = "postgresql"', "needs = []")
    values = 'parameters = { host = "db", database = "sales", application_name = "x" }'
    before = shared.read_text() if shared.exists() else ""
    shared.write_text("\n".join((before, "[[connection]]", *lines, values, "")))
    taken = takes(solvent, trusted)
    assert (taken.targets, taken.hurting) == ({}, {})
    assert "it hurts saved connections: house (application_name)" in taken.bars["psycopg!=99.0"]
    assert taken.bars["psycopg!=99.0"].endswith("; see  solvent connection lint house --to 99.0")
    # What everybody has blocks it, and a person's own is named beside it.
    pin = explained(solvent, *own)
    (blocked,) = (one for one in pin["newer"] if one["version"] == "99.0")
    assert (blocked["state"], [one["name"] for one in blocked["connections"]]) == ("blocked", ["house", "sales"])
    assert pin["why"] == "what is newer hurts saved connections:  solvent connection lint house --to 99.0"
    ran = solvent("refresh", "marimo", "-o", "json", *own)
    assert [one for one in ran.json["candidates"] if one["kind"] == "driver"] == []
    said = "psycopg 99.0 is blocked: it hurts saved connections: house (application_name); application_name: "
    assert any(one.startswith(said) for one in ran.json["waiting"])
    shared.write_text(before)
    # What nobody has read yet is not judged, and the command that reads it is named.
    (folder / "psycopg-99.0.json").unlink()
    table = solvent("connector", "explain", "postgresql", *own)
    assert "solvent connector params postgresql --version 99.0" in table.out
    assert [one["version"] for one in drivers(solvent, *own)] == ["99.0"]
