"""Which catalog is meant, and who trusts it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from manager.errors import CatalogError, Failed, Refused
from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Small


def _catalog(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "solvent.toml").write_text("")
    return folder


def test_the_order_in_which_catalogs_are_looked_for(tmp_path: Path) -> None:
    """Named on the command line, then in the environment, then around the folder, then configured, then shipped."""
    option, variable, around, configured = (_catalog(tmp_path / name) for name in "abcd")
    below = around / "images" / "lab"
    below.mkdir(parents=True)
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()

    assert files.find(below, option, str(variable), configured) == (option, False)
    assert files.find(below, None, str(variable), configured) == (variable, False)
    assert files.find(below, None, "", configured) == (around, False)
    assert files.find(nowhere, None, None, configured) == (configured, False)
    assert files.find(nowhere) == (files.shipped_root(), True)
    assert files.find(None) == (files.shipped_root(), True)


def test_the_nearest_catalog_upwards_is_taken(tmp_path: Path) -> None:
    """A catalog inside another one hides it."""
    _catalog(tmp_path / "outer")
    inner = _catalog(tmp_path / "outer" / "inner")

    assert files.find(inner) == (inner, False)


def test_the_shipped_catalog_is_known_however_it_is_found(tmp_path: Path) -> None:
    """By the working folder, by name, or through a link: it stays the shipped one."""
    shipped = files.shipped_root()
    link = tmp_path / "link"
    link.symlink_to(shipped)

    assert files.find(shipped / "images") == (shipped, True)
    assert files.find(None, shipped) == (shipped, True)
    assert files.find(None, None, str(link)) == (shipped, True)


@pytest.mark.parametrize(("there", "why"), [(True, "no solvent.toml"), (False, "no such folder")])
def test_a_named_place_that_is_no_catalog_is_an_error(tmp_path: Path, there: bool, why: str) -> None:
    """What was named is never replaced by something else."""
    place = tmp_path / "place"
    if there:
        place.mkdir()

    for named in ({"explicit": place}, {"environment": str(place)}, {"configured": place}):
        with pytest.raises(CatalogError, match=why) as caught:
            files.find(None, **named)
        assert "solvent init" in caught.value.hint


def test_a_place_is_trusted_once_for_every_way_to_write_it(small: Small, tmp_path: Path) -> None:
    """Trust is of the resolved path; the record is this person's alone."""
    record = tmp_path / "config" / "trusted.json"
    link = tmp_path / "link"
    link.symlink_to(small.root)
    assert not files.trusted(small.root, record)

    files.trust(link, record)
    files.trust(small.root, record)

    assert files.trusted(small.root, record)
    assert files.trusted(link / ".." / "small", record)
    assert not files.trusted(small.root / "images", record)
    assert record.stat().st_mode & 0o777 == 0o600
    assert record.read_text().count(str(small.root)) == 1


def test_a_link_that_moves_on_takes_no_trust_along(small: Small, tmp_path: Path) -> None:
    """What was trusted is the place, not the link that led there."""
    record, link = tmp_path / "trusted.json", tmp_path / "link"
    link.symlink_to(small.root)
    files.trust(link, record)

    link.unlink()
    link.symlink_to(_catalog(tmp_path / "other"))

    assert not files.trusted(link, record)


def test_people_who_trust_at_once_lose_nothing(tmp_path: Path) -> None:
    """The record is read and replaced under a lock."""
    record = tmp_path / "trusted.json"
    places = [_catalog(tmp_path / f"c{number}") for number in range(12)]

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda place: files.trust(place, record), places))

    assert all(files.trusted(place, record) for place in places)


def test_a_record_that_others_may_write_is_not_believed(tmp_path: Path) -> None:
    """Otherwise anybody could trust on this person's behalf."""
    record = tmp_path / "trusted.json"
    files.trust(_catalog(tmp_path / "c"), record)
    record.chmod(0o666)

    with pytest.raises(Refused, match="not believed") as caught:
        files.trusted(tmp_path / "c", record)

    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize("text", ["{", '{"a": 1}', "[1]"])
def test_a_broken_record_is_an_error_with_a_way_out(tmp_path: Path, text: str) -> None:
    """It is neither taken for empty nor overwritten."""
    record = tmp_path / "trusted.json"
    record.write_text(text)
    record.chmod(0o600)

    for ask in (files.trusted, files.trust):
        with pytest.raises(Failed) as caught:
            ask(tmp_path, record)
        assert "rm " in caught.value.hint
    assert record.read_text() == text
