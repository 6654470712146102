"""The archive of packages: by hash, whole or not at all, and nothing of it is anybody else's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed
from manager.world.archive import Archive, Packed

if TYPE_CHECKING:
    from pathlib import Path


def packed(name: str, content: bytes) -> Packed:
    """Name a file by what is in it."""
    return Packed(name, hashlib.sha256(content).hexdigest())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Give an archive that has nothing yet."""
    return Archive(tmp_path / "archive")


def test_a_kept_file_lies_on_and_a_taken_one_does_not(archive: Archive, tmp_path: Path) -> None:
    """Both are in the archive under their hash and name."""
    (tmp_path / "a.deb").write_bytes(b"a")
    (tmp_path / "b.whl").write_bytes(b"b")
    first, second = packed("a.deb", b"a"), packed("b.whl", b"b")

    archive.keep(tmp_path / "a.deb", first)
    archive.take(tmp_path / "b.whl", second)

    assert (tmp_path / "a.deb").exists()
    assert not (tmp_path / "b.whl").exists()
    assert [archive.path(one).read_bytes() for one in (first, second)] == [b"a", b"b"]
    assert archive.size() == 2
    assert [archive.wrong(one) for one in (first, second)] == ["", ""]


def test_a_file_of_another_hash_is_not_kept(archive: Archive, tmp_path: Path) -> None:
    """Nothing of it stays behind."""
    (tmp_path / "a.whl").write_bytes(b"other")

    with pytest.raises(Failed, match=r"a\.whl is not the file that it should be"):
        archive.keep(tmp_path / "a.whl", packed("a.whl", b"a"))

    assert not archive.has(packed("a.whl", b"a"))
    assert not [one for one in archive.folder.rglob("*") if one.is_file()]


def test_a_changed_and_a_missing_file_are_told_apart(archive: Archive, tmp_path: Path) -> None:
    """Whoever builds from the archive asks before."""
    (tmp_path / "a.deb").write_bytes(b"a")
    one = packed("a.deb", b"a")
    archive.keep(tmp_path / "a.deb", one)
    archive.path(one).unlink()
    assert archive.wrong(one) == "missing"
    archive.path(one).write_bytes(b"b")
    assert archive.wrong(one) == "changed"


def test_a_list_is_one_that_sha256sum_checks(archive: Archive, tmp_path: Path) -> None:
    """Without Solvent, too, the archive can be held against its hashes."""
    (tmp_path / "a b.deb").write_bytes(b"a")
    one = packed("a b.deb", b"a")
    archive.keep(tmp_path / "a b.deb", one)
    archive.record("base-00", [one, one])

    assert archive.listed("base-00") == (one,)
    assert archive.listed("base-01") is None
    checked = subprocess.run(
        ["sha256sum", "--check", "lists/base-00"], cwd=archive.folder, capture_output=True, text=True, check=True
    )
    assert checked.stdout.endswith("a b.deb: OK\n")


def test_what_no_list_names_is_forgotten(archive: Archive, tmp_path: Path) -> None:
    """A package that two lists name stays until both are gone."""
    both, one = packed("both.whl", b"both"), packed("one.whl", b"1")
    for name, content in (("both.whl", b"both"), ("one.whl", b"1")):
        (tmp_path / name).write_bytes(content)
        archive.keep(tmp_path / name, packed(name, content))
    archive.record("tree-a", [both, one])
    archive.record("tree-b", [both])

    assert archive.forget(["tree-a"]) == 1
    assert (archive.lists(), archive.has(both), archive.has(one)) == (("tree-b",), True, False)
    assert archive.forget(["tree-b", "tree-c"]) == 4
    assert archive.size() == 0


def test_what_killed_processes_left_is_removed_a_day_later(archive: Archive) -> None:
    """The control is what was begun an hour ago: somebody may be at it."""
    for name, hours in (("old", 25), ("npm/old", 25), ("new", 1), ("npm/new", 1)):
        place = archive.made(name.rpartition("/")[0] or ".") / f".unfinished-{name.rpartition('/')[2]}"
        (place / "file").mkdir(parents=True)
        when = time.time() - hours * 3600
        os.utime(place, (when, when))

    archive.forget(())

    left = sorted(one.relative_to(archive.folder).as_posix() for one in archive.folder.rglob(".unfinished-*"))
    assert left == [".unfinished-new", "npm/.unfinished-new"]


def test_a_choice_holds_as_long_as_its_file_is_there(archive: Archive, tmp_path: Path) -> None:
    """Then the question is asked again."""
    one = packed("a.whl", b"a")
    archive.choose("question", one)
    assert archive.choice("question") is None
    (tmp_path / "a.whl").write_bytes(b"a")
    archive.take(tmp_path / "a.whl", one)

    assert archive.choice("question") == one
    assert archive.choice("another") is None


@pytest.mark.parametrize(("shared", "mode"), [(True, 0o2775), (False, 0o755)])
def test_every_folder_on_the_way_is_the_groups_where_the_archive_is(tmp_path: Path, shared: bool, mode: int) -> None:
    """The one who loads first locks nobody out; the control is an archive of one person."""
    before = os.umask(0o022)
    try:
        Archive(tmp_path / "archive", shared=shared).made("npm/_cacache/index-v5")
    finally:
        os.umask(before)

    for name in (".", "npm", "npm/_cacache", "npm/_cacache/index-v5"):
        assert (tmp_path / "archive" / name).stat().st_mode & 0o7777 == mode
