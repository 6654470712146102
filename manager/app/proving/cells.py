"""The tests of a family: cells in files of the catalog, which a build has to run to their end.

``images/FAMILY/tests/NAME.py`` is a cell of every release of the family, ``images/FAMILY/tests/LINE/NAME.py`` one of
that release alone; the suffix says the language. A family that extends another has that one's as well, and a file of
the same name stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.catalog import Family, Release

_SUFFIXES = {".py": "python", ".r": "r", ".sas": "sas"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A test of a family: its file's name without the suffix, its language, and its text."""

    name: str
    language: str
    text: str


def cells(family: Family, release: Release) -> tuple[Cell, ...]:
    """Give a family's tests for a release, by name."""
    found: dict[str, Cell] = {}
    for folder in family.folders:
        for place in (Path(folder, "tests"), Path(folder, "tests", release.line)):
            for file in sorted(place.glob("*")):
                language = _SUFFIXES.get(file.suffix.lower())
                if language:
                    found[file.name] = Cell(file.stem, language, file.read_text(encoding="utf-8"))
    return tuple(found[name] for name in sorted(found))
