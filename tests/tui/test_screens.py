"""Every list and sheet looks as it did; ``python -m tests.tui.shots`` writes anew what is meant to look otherwise."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from manager.tui.modes import LISTS
from tests.tui.shots import PICTURED, PICTURES, SCREENS, SIZES, WALK, pictures, screens

if TYPE_CHECKING:
    from pathlib import Path

_HINT = "look at what has changed; where it is meant:  python -m tests.tui.shots"


def _compared(folder: Path, ending: str, seen: dict[str, str]) -> str:
    """Give what differs between files and what is seen, as a diff."""
    kept = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob(f"*{ending}")}
    lines: list[str] = []
    for name in sorted({*kept, *seen}):
        before, now = (one.get(name, "").splitlines() for one in (kept, seen))
        lines += difflib.unified_diff(before, now, f"{folder.name}/{name}{ending}", "what is seen", lineterm="", n=1)
    return "\n".join(lines)


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_looks_as_it_did(size: str) -> None:
    """As lines of text, from the first list to the last sheet."""
    found = _compared(SCREENS / size, ".txt", screens(SIZES[size]))

    assert not found, f"{found}\n\n{_HINT}"


def test_the_pictures_are_those_of_now() -> None:
    """What the README and docs/tui.md show, and no address of another host in it but the form's own."""
    seen = pictures()
    found = _compared(PICTURES, ".svg", seen)

    assert not found, f"{len(found.splitlines())} lines of pictures differ; {_HINT}"
    assert set(seen) == set(PICTURED)
    assert all("url(http" not in svg and "@import" not in svg for svg in seen.values())


def test_the_walk_passes_every_list() -> None:
    """A list that is new is walked through, too: there is a shot of as many lists as there are."""
    lists = {
        "overview",
        "debt",
        "images",
        "connectors",
        "matrix",
        "connections",
        "sources",
        "environments",
        "workspaces",
        "runs",
    }

    assert {name for _, _, name in WALK} >= lists
    assert len(LISTS) == len(lists)
