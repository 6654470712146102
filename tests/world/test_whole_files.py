"""Files as a whole or not at all, and folders in which one process at a time writes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from manager import whole_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def umask() -> Iterator[None]:
    """Set an umask that takes away what others may do."""
    before = os.umask(0o027)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """Give a file's mode, as chmod takes it."""
    return path.stat().st_mode & 0o7777


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(("asked", "first", "second"), [(None, 0o640, 0o664), (0o600, 0o600, 0o600), (0o644,) * 3])
def test_a_file_has_the_mode_that_was_asked_for_or_that_it_had(
    tmp_path: Path, asked: int | None, first: int, second: int
) -> None:
    """Without a mode the umask says what a new file gets; with one the umask says nothing."""
    file = tmp_path / "file"
    whole_files.write(file, "old\r\n", mode=asked)
    assert mode(file) == first

    file.chmod(0o664)
    whole_files.write(file, "ü\n", mode=asked)

    assert (mode(file), file.read_bytes()) == (second, "ü\n".encode())


def test_a_write_that_fails_leaves_the_old_text_and_nothing_else(tmp_path: Path) -> None:
    """Text that UTF-8 cannot hold is found out only while it is being written."""
    file = tmp_path / "file"
    whole_files.write(file, "old")

    with pytest.raises(UnicodeEncodeError):
        whole_files.write(file, "\udc80")

    assert ([*tmp_path.iterdir()], file.read_text()) == ([file], "old")


def test_a_file_that_is_not_to_be_replaced_stays(tmp_path: Path) -> None:
    """Of two who write it at once one is told."""
    file = tmp_path / "file"
    whole_files.write(file, "old", replace=False)

    with pytest.raises(FileExistsError):
        whole_files.write(file, "new", replace=False)

    assert ([*tmp_path.iterdir()], file.read_text()) == ([file], "old")


def test_a_private_file_makes_private_folders(tmp_path: Path) -> None:
    """What was not there is this person's alone."""
    file = tmp_path / "one" / "file"

    whole_files.write_private(file, "text")

    assert (mode(file.parent), mode(file)) == (0o700, 0o600)


def test_a_folder_is_held_by_one_and_free_after_it(tmp_path: Path) -> None:
    """Another process does not get it meanwhile, and nothing stays behind."""
    ask = (sys.executable, "-c", "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), 6)", tmp_path)

    with whole_files.alone(tmp_path):
        assert subprocess.run(ask, stderr=subprocess.DEVNULL, check=False).returncode

    assert subprocess.run(ask, check=False).returncode == 0
    assert not [*tmp_path.iterdir()]
