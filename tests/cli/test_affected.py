"""``refresh --advisories`` and ``affected``: who is hit, and by what."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.components import Component
from manager.core.locks import parse
from manager.errors import Unreachable
from tests.cli.conftest import RELEASE
from tests.cli.test_driver_commands import LOCK, index

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World
    from tests.fakes.indexes import Index

__all__ = ["index"]
ID = "GHSA-1111-2222-3333"
# A package that nobody asked for, which others bring.
DEEP = next(pin for pin in parse(LOCK.read_text()) if pin.name == "psycopg-binary")


def document(name: str = "psycopg-binary", **more: Any) -> dict[str, Any]:
    """Give an advisory about every version below 999."""
    events = [{"introduced": "0"}, {"fixed": "999"}]
    affected = [{"package": {"ecosystem": "PyPI", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]
    return {"id": ID, "modified": "", "aliases": ["CVE-2026-1"], "summary": "it leaks", "affected": affected, **more}


@pytest.fixture
def advisory(tmp_path: Path) -> Path:
    """Give a file with an advisory, and one about what nobody has."""
    file = tmp_path / "osv.json"
    file.write_text(json.dumps([document(), document("nobody-has-it", id="GHSA-9999-9999-9999")]))
    return file


def test_an_advisory_is_held_against_every_package_of_the_locks(solvent: World, index: Index, advisory: Path) -> None:
    """Transitive ones too; kept for the next time, and only what concerns something here."""
    ran = solvent("refresh", "marimo", "--advisories", str(advisory), "-o", "json")

    assert "note: advisories: 2 read, 1 kept" in ran.err
    (one,) = (one for one in ran.json["candidates"] if one["kind"] == "advisory")
    assert (one["subject"], one["version"], one["releases"]) == ("psycopg-binary", "999", ["marimo:0.25-py3.13"])
    assert (
        one["why"]
        == f"{ID}: it leaks is about psycopg-binary {DEEP.version} in marimo:0.25-py3.13; 999 is not affected"
    )
    assert one["command"] == "solvent image lock marimo:0.25-py3.13 --upgrade psycopg-binary"
    assert [each["kind"] for each in solvent("refresh", "marimo", "-o", "json").json["candidates"]] == [
        "advisory",
        "driver",
    ]


def test_advisories_come_from_folders_and_archives_and_need_no_network(
    solvent: World, index: Index, advisory: Path, tmp_path: Path
) -> None:
    """What is none in them is left out with a note."""
    index.pages.clear()
    (tmp_path / "feed" / "PyPI").mkdir(parents=True)
    (tmp_path / "feed" / "PyPI" / "a.json").write_text(json.dumps(document()))
    (tmp_path / "feed" / "bad.json").write_text("{")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.json", json.dumps(document()))
        archive.writestr("README.md", "no advisory")

    folder = solvent("refresh", "marimo", "--advisories", str(tmp_path / "feed"))
    archived = solvent("refresh", "marimo", "--advisories", str(tmp_path / "all.zip"))

    assert (folder.code, archived.code) == (0, 0)
    assert "bad.json is left out" in folder.err
    assert ID in archived.out
    # Nothing of it concerns anything here, and nobody answers: what was asked for is done all the same.
    (tmp_path / "home/state/advisories.json").unlink()
    advisory.write_text(json.dumps(document("nobody-has-it")))
    assert solvent("refresh", "marimo", "--advisories", str(advisory)).code == 0
    assert solvent("refresh", "marimo").code == 6


def test_a_database_that_does_not_answer_is_no_silent_index(
    solvent: World, index: Index, advisory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked for may be done, but only of indexes it is no matter that they are silent."""

    def silent() -> None:
        raise Unreachable("the database does not answer")

    monkeypatch.setattr(solvent.store, "channels", silent)

    ran = solvent("refresh", "marimo", "--advisories", str(advisory), "-o", "json")

    assert (ran.code, ran.error["message"]) == (6, "the database does not answer")


@pytest.mark.parametrize("content", [None, "", "{", "[1]", "PK\x03\x04 nonsense"])
def test_what_has_no_advisory_is_refused(solvent: World, index: Index, tmp_path: Path, content: str | None) -> None:
    """2, and what the form is; an empty folder too."""
    file = tmp_path / "file"
    if content is None:
        file.mkdir()
    else:
        file.write_text(content)

    ran = solvent("refresh", "--advisories", str(file))

    assert (ran.code, "in the format of OSV" in ran.err) == (2, True), ran.err
    assert solvent("refresh", "--advisories", str(tmp_path / "missing")).code == 2


def test_a_damaged_archive_is_refused(solvent: World, index: Index, tmp_path: Path) -> None:
    """Whatever its compression makes of it: its directory is whole, and what is packed is not."""
    file = tmp_path / "all.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.json", json.dumps(document("psycopg")) * 20)
    content = bytearray(file.read_bytes())
    content[60:80] = bytes(20)
    file.write_bytes(content)

    ran = solvent("refresh", "--advisories", str(file))

    assert (ran.code, f"{file} cannot be read" in ran.err) == (2, True), ran.err


def test_a_package_or_an_advisory_names_builds_environments_and_people(
    launched: World, index: Index, advisory: Path
) -> None:
    """By what was read inside; the JSON has the keys of schema 1."""
    (digest,) = {one.digest for one in launched.store.builds()}
    launched.store.keep_components(digest, (
        Component("python", "psycopg-binary", DEEP.version, "kernel"), Component("debian", "libpq5", "17.6-0+deb13u1"),
    ))  # fmt: skip
    assert launched("affected", ID).code == 2
    launched("refresh", "marimo", "--advisories", str(advisory))

    for subject in (ID, "CVE-2026-1", "psycopg-binary<999", "libpq5<17.7"):
        ran = launched("affected", subject, "-o", "json")
        assert (ran.code, ran.json["subject"]) == (0, subject)
        assert [one["release"] for one in ran.json["builds"]] == [RELEASE]
        assert [one["name"] for one in ran.json["environments"]] == ["work"]
        assert ran.json["people"][0]["environments"] == ["work"]
        assert launched("affected", subject, "--check").code == 3
    assert ran.json["builds"][0]["components"][0]["name"] == "libpq5"
    assert launched("affected", "psycopg-binary<0.1", "--check").code == 0
    shown = launched("affected", ID).out
    assert "it leaks" in shown
    assert f"psycopg-binary {DEEP.version}" in shown
    assert launched("affected", ID, "-q").out.endswith("/work\n")


@pytest.mark.parametrize(
    ("subject", "says"), [("CVE-2020-9999", "no advisory CVE-2020-9999 is known"), ("a b c", "cannot be read")]
)
def test_what_cannot_be_asked_is_said(solvent: World, subject: str, says: str) -> None:
    """2, with the next command."""
    ran = solvent("affected", subject)

    assert (ran.code, says in ran.err) == (2, True)
