"""Runs the languages of a family in a container: the cell of each kernel, then the cells of the family's own tests.

The tests are files of the catalog. ``images/FAMILY/tests/NAME.py`` is a cell that every release of the family has to
run to its end, ``images/FAMILY/tests/LINE/NAME.py`` one for that release alone; the suffix says the language. A family
that extends another has that one's as well, and a file of the same name stands for it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.core.kernels import LINES
from manager.core.observed import Result
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.world import World
    from manager.core.catalog import Family, Release
    from manager.core.kernels import Kernel
    from manager.world.jupyter import CellResult

_SUFFIXES = {".py": "python", ".r": "r", ".sas": "sas"}
# A family's test may install a package, or start a kernel of its own.
_CELL_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Cell:
    """A test of a family: its file's name without the suffix, its language, and its text."""

    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where cells are run: a container, the address of its IDE on this machine, and the credential."""

    container: str
    address: str
    credential: str


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


def ask(world: World, family: Family, release: Release, place: Place) -> Iterator[Result]:
    """Give a result for each kernel (``language.ir``), its language's line (``line.r``) and each test (``test.NAME``).

    What needs a server outside of the image is ``not_run``, with the reason: nobody has seen that it works.
    """
    tests = cells(family, release)
    for kernel in family.kernels:
        named = [(f"language.{kernel.name}", kernel.cell, kernel.expects)]
        line = {"python": release.python, "r": release.r}.get(kernel.language, "")
        named += [(f"line.{kernel.language}", LINES[kernel.language], line)] if line else []
        named += [(f"test.{one.name}", one.text, "") for one in tests if one.language == kernel.language]
        for probe, text, expects in named:
            if kernel.needs:
                yield Result(probe, "not_run", f"{kernel.language} needs {kernel.needs}")
                continue
            began = time.monotonic()
            try:
                done = _run(world, kernel, text, place)
            except ManagerError as error:
                yield Result(probe, "error", f"{error.message}; {error.why}"[:500])
                continue
            shown = [one.plain for one in done.displays]
            wrong = done.error or (
                replace(kernel, cell=text, expects=expects).wrong(done.text, shown) if expects else ""
            )
            taken = round(time.monotonic() - began, 3)
            yield Result(probe, "fail" if wrong else "pass", wrong[-500:], taken)


def _run(world: World, kernel: Kernel, text: str, place: Place) -> CellResult:
    """Run a cell in a kernel of its own, or in a session of a family that has no kernels."""
    from manager.world.jupyter import CellResult, run_cell

    if not kernel.command:
        return run_cell(place.address, place.credential, text, _CELL_SECONDS, kernel.name)
    answer = world.engine.exec(place.container, (*kernel.command, text), timeout=_CELL_SECONDS)
    said = answer.stderr.decode(errors="replace").strip()
    ended = f"it ended with {answer.code}: {said}" if answer.code else ""
    return CellResult("error" if ended else "ok", answer.stdout.decode(errors="replace"), (), ended)
