"""Advisories out of archives: no more is unpacked than an archive says that it has, however it is packed."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest

from manager.errors import UsageError
from manager.world import advisories

if TYPE_CHECKING:
    from pathlib import Path

TEXT = json.dumps(
    {"id": "GHSA-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "psycopg"}, "versions": ["3.3.9"]}]}
)
_LARGE = 64 * 1024**2


def archive(place: Path, packed: int, text: str | bytes = TEXT) -> Path:
    """Give an archive of one document."""
    with zipfile.ZipFile(place / "osv.zip", "w", packed) as made:
        made.writestr("GHSA-1.json", text)
    return place / "osv.zip"


def lying(file: Path, size: int) -> Path:
    """Have an archive say that its document is two bytes long."""
    file.write_bytes(file.read_bytes().replace(size.to_bytes(4, "little"), (2).to_bytes(4, "little")))
    return file


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_archives_are_packed_with_is_read(tmp_path: Path, packed: int) -> None:
    """The negative control of the next two."""
    found, wrong = advisories.read(archive(tmp_path, packed))

    assert ([one.id for one in found], wrong) == (["GHSA-1"], ())


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_unpacked_at_once_is_refused(tmp_path: Path, packed: int) -> None:
    """Whatever is in it: how much that is shows only afterwards."""
    with pytest.raises(UsageError) as caught:
        advisories.read(archive(tmp_path, packed))

    assert "GHSA-1.json is neither stored nor deflated" in caught.value.why


def test_an_archive_that_says_less_than_it_has_costs_no_memory(tmp_path: Path) -> None:
    """The document is cut to what it says, and is then no advisory."""
    file = lying(archive(tmp_path, zipfile.ZIP_DEFLATED, b" " * _LARGE), _LARGE)
    tracemalloc.start()
    try:
        with pytest.raises(UsageError):
            advisories.read(file)
        assert tracemalloc.get_traced_memory()[1] < _LARGE // 16
    finally:
        tracemalloc.stop()
