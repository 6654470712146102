"""A family's own files as a layer."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from manager.world.rootfiles import pack_files

if TYPE_CHECKING:
    from pathlib import Path


def _files(folder: Path) -> Path:
    (folder / "opt/bin").mkdir(parents=True)
    (folder / "opt/bin/start").write_text("#!/bin/sh\n")
    (folder / "opt/lib/python@PYTHON@").mkdir(parents=True)
    (folder / "opt/lib/python@PYTHON@/one.py").write_text("1\n")
    (folder / "opt/lib/python@PYTHON@/__pycache__").mkdir()
    (folder / "opt/lib/python@PYTHON@/__pycache__/one.pyc").write_text("0")
    return folder


def test_scripts_are_executable_and_folders_of_the_user_are_the_users(tmp_path: Path) -> None:
    """Modes come from the content, paths get the Python, and only home and workspace belong to the user."""
    pack_files((_files(tmp_path / "files"),), tmp_path / "out.tar", "3.13", 1000)

    with tarfile.open(tmp_path / "out.tar") as archive:
        found = {one.name: (one.mode, one.uid, one.mtime) for one in archive}
    assert found["opt/bin/start"] == (0o755, 0, 0)
    assert found["opt/lib/python3.13/one.py"] == (0o644, 0, 0)
    assert found["home"] == (0o755, 0, 0)
    assert found["home/solvent"] == found["workspace"] == (0o755, 1000, 0)
    assert not [name for name in found if "__pycache__" in name or "@" in name]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    """Neither the folder's name, nor modes or times on this machine, are in the archive."""
    first = pack_files((_files(tmp_path / "files"),), tmp_path / "one.tar", "3.13", 1000)
    other = _files(tmp_path / "elsewhere")
    (other / "opt/bin/start").chmod(0o600)

    second = pack_files((other,), tmp_path / "two.tar", "3.13", 1000)

    assert first == second
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_a_later_folder_stands_for_an_earlier_one(tmp_path: Path) -> None:
    """A file of the same path, with the Python filled in, is taken from it; the others of both are there."""
    below, above = tmp_path / "below", tmp_path / "above"
    for file, text in ((below / "etc/a", "old"), (below / "etc/b", "b"), (above / "etc/a", "new"), (above / "c", "c")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    pack_files((below, above), tmp_path / "out.tar", "3.13", 1000, ())

    with tarfile.open(tmp_path / "out.tar") as archive:
        found = {one.name: archive.extractfile(one).read().decode() for one in archive if one.isfile()}  # type: ignore[union-attr]
    assert found == {"etc/a": "new", "etc/b": "b", "c": "c"}
