"""What a tree is made from: bases with the same Python share trees, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.app.steps.bases import _python
from manager.app.steps.trees import BASE_PYTHON, origin
from manager.core.observed import Image
from manager.world import files
from manager.world.bases import Base, DebPackage

if TYPE_CHECKING:
    from manager.core.catalog import Catalog

PYTHON = tuple(
    DebPackage(name, "3.13.5-2", "amd64", "a" * 64)
    for name in ("libpython3.13-minimal", "libpython3.13-stdlib", "python3.13", "python3.13-minimal")
)
R = DebPackage("r-base-core", "4.5.0-3", "amd64", "b" * 64)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Load the shipped catalog."""
    return files.load(files.shipped_root(), shipped=True)


def key(catalog: Catalog, packages: tuple[DebPackage, ...], layer: str, release: str = "jupyterlab:4.6-py3.13") -> str:
    """Give the key of the IDE's tree on a base of these packages, which is one layer."""
    found = next(one for one in catalog.releases if one.name == release)
    base = Base(Path("base.tar"), packages, "", "")
    labels = {BASE_PYTHON: _python(base, found.python)}
    image = Image("sha256:1", ("base",), labels, datetime(2026, 11, 21, tzinfo=UTC), 1, (layer,))
    return origin(catalog, found, "ide", image).key


def test_a_base_with_more_packages_has_the_same_trees(catalog: Catalog) -> None:
    """R beside Python changes nothing of what Python compiles: the family with R takes the tree that is there."""
    plain = key(catalog, PYTHON, "sha256:plain")

    assert key(catalog, (*PYTHON, R), "sha256:with-r") == plain
    assert key(catalog, (*PYTHON, R), "sha256:with-r", "jupyterlab-r:4.6-r4.5") == plain


def test_another_python_has_others(catalog: Catalog) -> None:
    """A newer package of the interpreter compiles anew."""
    newer = (replace(PYTHON[0], version="3.13.5-3", sha256="c" * 64), *PYTHON[1:])

    assert key(catalog, newer, "sha256:plain") != key(catalog, PYTHON, "sha256:plain")


def test_where_the_python_is_not_known_the_layers_count(catalog: Catalog) -> None:
    """As for a base that was pulled or is one's own."""
    assert key(catalog, (R,), "sha256:one") != key(catalog, (R,), "sha256:two")
