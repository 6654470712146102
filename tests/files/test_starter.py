"""A catalog of one's own from the shipped one."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from manager.errors import CatalogError, Refused
from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Small


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide this machine's git configuration: no name, no address."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "some-other-repository"))


def test_a_copy_is_a_valid_catalog_with_a_name_and_a_first_commit(
    tmp_path: Path, nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It loads, is not the shipped one, has its folder's name, and everything is committed."""
    target = tmp_path / "new" / "My Team"

    commit = files.copy_shipped(files.shipped_root(), target, git=True)

    copy, shipped = files.find(target)
    catalog = files.load(copy, shipped)
    assert (copy, shipped, catalog.name) == (target, False, "my-team")
    assert catalog.families[0].releases[0].ide_version
    monkeypatch.delenv("GIT_DIR")
    assert _git(target, "rev-parse", "HEAD") == commit
    assert _git(target, "status", "--porcelain") == ""
    assert _git(target, "log", "--format=%an") == "Solvent"


def test_comments_survive_the_change_of_name(tmp_path: Path) -> None:
    """Only the line with the name differs."""
    files.copy_shipped(files.shipped_root(), tmp_path / "mine", git=False)

    before = (files.shipped_root() / "solvent.toml").read_text().splitlines()
    after = (tmp_path / "mine" / "solvent.toml").read_text().splitlines()
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        ('name = "solvent"', 'name = "mine"')
    ]


def test_without_git_there_is_a_catalog_and_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git is a convenience, on request and where it is installed."""
    empty = tmp_path / "bin"
    empty.mkdir()

    asked_not = files.copy_shipped(files.shipped_root(), tmp_path / "a", git=False)
    monkeypatch.setenv("PATH", str(empty))
    not_there = files.copy_shipped(files.shipped_root(), tmp_path / "b", git=True)

    assert (asked_not, not_there) == ("", "")
    assert [(tmp_path / name / ".git").exists() for name in "ab"] == [False, False]


def test_an_empty_folder_is_filled_and_another_one_refused(tmp_path: Path) -> None:
    """Nothing that is there is overwritten."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")

    files.copy_shipped(files.shipped_root(), tmp_path / "empty", git=False)

    assert (tmp_path / "empty" / "solvent.toml").is_file()
    for taken in ("full", "file"):
        with pytest.raises(Refused, match="there already"):
            files.copy_shipped(files.shipped_root(), tmp_path / taken, git=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "full"]


def test_a_copy_that_does_not_load_leaves_nothing_behind(small: Small, tmp_path: Path) -> None:
    """All or nothing: the checks come before the folder gets its name."""
    small.edit("images/lab/family.toml", "port = 8888", "port = 0")

    with pytest.raises(CatalogError):
        files.copy_shipped(small.root, tmp_path / "mine", git=True)

    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_a_copy_can_be_read_by_the_team(tmp_path: Path) -> None:
    """The folder's mode follows the umask, whatever a temporary folder had."""
    before = os.umask(0o022)
    try:
        files.copy_shipped(files.shipped_root(), tmp_path / "mine", git=False)
    finally:
        os.umask(before)

    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o755
