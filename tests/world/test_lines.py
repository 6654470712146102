"""Appending lines to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed
from manager.world.lines import append

if TYPE_CHECKING:
    from pathlib import Path


def test_lines_are_appended_whole(tmp_path: Path) -> None:
    """The file is its owner's; what a killed writer left half is ended, so that every other line can be read."""
    file = tmp_path / "notices.jsonl"
    append(str(file), '{"a": "ü"}')
    with file.open("a") as half:
        half.write('{"half')
    append(str(file), "{}")

    assert file.read_text() == '{"a": "ü"}\n{"half\n{}\n'
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    """With how to make it."""
    with pytest.raises(Failed, match="cannot be written") as caught:
        append(str(tmp_path / "no/such/file"), "{}")

    assert caught.value.hint == f"make its folder:  mkdir -p {tmp_path}/no/such"
