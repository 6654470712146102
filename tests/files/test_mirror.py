"""The table ``[mirror]`` of a catalog: its value, and its problems among all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.core.mirrors import NOTHING_SET
from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from conftest import Small

TABLE = """
[mirror]
python = "https://i.example/simple"
ca_bundle = "ca.pem"

[mirror.credentials]
python = "env:INDEX_LOGIN"
"""
WRONG = """
[mirror]
python = "https://ana:geheim@i.example/simple"
npm = 1
pyhton = "https://i.example"

[mirror.credentials]
apt = "geheim"
"""


def test_a_catalog_names_mirrors_for_all(small: Small) -> None:
    """The value is the catalog's, a path in it is relative to it; without the table nothing is set."""
    assert files.load(small.root, shipped=False).mirror == NOTHING_SET
    top = small.root / "solvent.toml"
    top.write_text(top.read_text() + TABLE)

    found = files.load(small.root, shipped=False).mirror

    assert found.python == "https://i.example/simple"
    assert found.ca_bundle == str(small.root / "ca.pem")
    line = top.read_text().splitlines().index('python = "env:INDEX_LOGIN"') + 1
    assert dict(found.origins)["credentials.python"] == f"{top}:{line}"


def test_its_problems_are_told_with_their_lines_and_no_password(small: Small) -> None:
    """All at once, by the shape and by the values."""
    top = small.root / "solvent.toml"
    before = len(top.read_text().splitlines())
    top.write_text(top.read_text() + WRONG)

    with pytest.raises(CatalogError) as told:
        files.load(small.root, shipped=False)

    assert [(one.key, one.line - before) for one in told.value.problems] == [
        ("mirror.python", 3),
        ("mirror.npm", 4),
        ("mirror.pyhton", 5),
        ("mirror.credentials.apt", 8),
    ]
    assert "geheim" not in "".join(f"{one} {one.hint}" for one in told.value.problems)
