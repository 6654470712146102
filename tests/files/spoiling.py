"""Single edits that spoil a catalog, and the one problem that each must give."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from manager.errors import Problem
    from tests.files.conftest import Small


class Case(NamedTuple):
    """An edit of a file, and the one problem that it must give at the line that ``marker`` begins."""

    name: str
    old: str
    new: str
    key: str
    marker: str
    why: str
    hint: str = ""


def spoiled(catalog: Small, file: str, case: Case) -> Problem:
    """Make the edit; give the one problem that loading then has, with the right line, cause and hint, and no secret."""
    catalog.edit(file, case.old, case.new)

    with pytest.raises(CatalogError) as caught:
        files.load(catalog.root, shipped=False)

    (problem,) = caught.value.problems
    assert problem.file == file
    assert (catalog.root / file).read_text().splitlines()[problem.line - 1].startswith(case.marker)
    assert case.why in problem.why
    assert case.hint in problem.hint
    assert "hunter2" not in f"{problem} {problem.hint} {caught.value}"
    return problem
