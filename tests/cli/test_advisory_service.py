"""``refresh`` with the address of an archive of advisories in the settings: on loopback, whatever it answers."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_affected import DEEP, ID, document
from tests.cli.test_driver_commands import index

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, World
    from tests.fakes.indexes import Index

__all__ = ["index"]
PATH = "/osv/PyPI/all.zip"


def archive(*documents: dict[str, Any]) -> bytes:
    """Give an archive as the service has it: a file for each advisory."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for one in documents:
            file.writestr(f"{one['id']}.json", json.dumps(one))
    return made.getvalue()


@pytest.fixture
def service(index: Index, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Give an index that has an archive of advisories besides, and settings that say so."""
    index.pages[PATH] = archive(document(), document("nobody-has-it", id="GHSA-9999-9999-9999"))
    monkeypatch.setenv("SOLVENT_ADVISORIES_URL", index.address.replace("://", "://ana:hunter22@") + PATH)
    return index


def dangers(ran: Ran) -> list[str]:
    """Give the distributions that advisories are about."""
    return [one["subject"] for one in ran.json["candidates"] if one["kind"] == "advisory"]


def statuses(service: Index) -> list[int]:
    """Give what was answered about the archive."""
    return [status for path, status, _ in service.asked if path == PATH]


def refreshed(solvent: World, *more: str) -> Ran:
    """Ask upstream about one family."""
    return solvent("refresh", "marimo", "-o", "json", *more)


def test_the_archive_is_asked_for_and_again_only_when_it_changed(
    solvent: World, service: Index, tmp_path: Path
) -> None:
    """What it says of packages of the locks is kept; a withdrawn advisory goes."""
    first, second = refreshed(solvent), refreshed(solvent)

    assert (dangers(first), dangers(second)) == (["psycopg-binary"], ["psycopg-binary"])
    assert statuses(service) == [200, 304]
    kept = json.loads((tmp_path / "home" / "state" / "advisories.json").read_text())
    assert [one["id"] for one in kept] == [ID]
    service.pages[PATH] = archive(document(withdrawn="2026-11-20T00:00:00Z"))
    assert dangers(refreshed(solvent)) == []
    assert statuses(service) == [200, 304, 200]


def test_without_an_address_nobody_is_asked(
    solvent: World, service: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The default; and a file takes its place."""
    file = tmp_path / "osv.json"
    file.write_text(json.dumps(document()))
    assert dangers(refreshed(solvent, "--advisories", str(file))) == ["psycopg-binary"]
    monkeypatch.delenv("SOLVENT_ADVISORIES_URL")
    assert refreshed(solvent).code == 0
    assert statuses(service) == []


@pytest.mark.parametrize("wrong", ["gone", "half", "page", "no advisory", "damaged"])
def test_what_was_kept_counts_where_the_answer_is_none(solvent: World, service: Index, wrong: str) -> None:
    """With its day, and without the login of the address; where nothing was kept it is said, and the others count."""
    good = service.pages[PATH]
    assert dangers(refreshed(solvent)) == ["psycopg-binary"]
    service.pages[PATH] = {
        "half": archive(*(document(id=f"GHSA-0000-0000-{n:04}") for n in range(50))),
        "page": b"<html>please log in</html>",
        "no advisory": json.dumps({"hello": 1}).encode(),
        "damaged": good[:40] + b"\x00" * 40 + good[80:],
    }.get(wrong, good)
    service.broken |= {PATH} if wrong == "half" else set()
    if wrong == "gone":
        del service.pages[PATH]

    ran = refreshed(solvent)

    assert (ran.code, dangers(ran)) == (0, ["psycopg-binary"])
    assert [note for note in ran.json["notes"] if "what it said on 2026-11-21 is taken" in note and PATH in note]
    assert "hunter22" not in ran.err + ran.out


def test_nothing_kept_and_nobody_there_is_a_note_and_alone_the_error(
    solvent: World, service: Index, tmp_path: Path
) -> None:
    """6 only where nothing else answers either."""
    del service.pages[PATH]
    ran = refreshed(solvent)

    assert ran.code == 0
    assert any(note.startswith("advisories: ") and "answers 404" in note for note in ran.json["notes"])
    service.pages.clear()
    shutil.rmtree(tmp_path / "home" / "cache" / "upstream")
    assert refreshed(solvent).code == 6


def test_other_packages_make_it_another_question(
    solvent: World, service: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was left out of the last answer is not missed: the whole archive is asked for again."""
    with monkeypatch.context() as fewer:
        fewer.setattr("manager.app.dangers.names", lambda _world: {"sqlalchemy"})
        assert dangers(refreshed(solvent)) == []

    assert dangers(refreshed(solvent)) == ["psycopg-binary"]
    assert statuses(service) == [200, 200]


@pytest.mark.parametrize("text", ["osv.example/all.zip", "ftp://hunter22@osv/all.zip", "file:///etc/passwd", "http://"])
def test_what_is_no_address_is_refused(
    solvent: World, monkeypatch: pytest.MonkeyPatch, text: str, tmp_path: Path
) -> None:
    """Of a variable and of a file, without repeating it; a good one is shown without its password."""
    monkeypatch.setenv("SOLVENT_ADVISORIES_URL", text)
    ran = solvent("config", "show")
    assert (ran.code, "begins with http" in ran.err, "hunter22" in ran.err) == (2, True, False)
    monkeypatch.setenv("SOLVENT_ADVISORIES_URL", "https://ana:hunter22@osv.example/all.zip")
    shown = solvent("config", "show")
    assert ("https://ana:********@osv.example/all.zip" in shown.out, "hunter22" in shown.out) == (True, False)
    monkeypatch.delenv("SOLVENT_ADVISORIES_URL")
    (tmp_path / "home" / "config").mkdir(parents=True, exist_ok=True)
    (tmp_path / "home" / "config" / "config.toml").write_text(f'advisories_url = "{text}"\n')
    assert solvent("config", "show").code == 4


def test_the_pin_is_one_that_the_advisory_is_about() -> None:
    """The negative control of this file: the lock has what the archive names."""
    assert DEEP.name == document()["affected"][0]["package"]["name"]
