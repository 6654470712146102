"""What of a catalog's folder a bundle carries: nothing that only lies there."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from manager.app import packing
from manager.app.cargo import Cargo
from manager.core.bundles import may_carry

if TYPE_CHECKING:
    from pathlib import Path


def git(root: Path, *words: str) -> None:
    """Run git in a catalog."""
    subprocess.run(("git", *words), cwd=root, check=True, capture_output=True)


def carried(root: Path) -> tuple[set[str], str]:
    """Give the names that are carried of the catalog, and the notes."""
    cargo = Cargo(lambda _: None)
    packing._catalog(root, cargo)
    return {one.name for one in cargo.entries.values()}, " ".join(cargo.notes)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a catalog with a password and a key beside its files."""
    root = tmp_path / "within/catalog"
    for name in ("solvent.toml", "compose/compose.yaml", "compose/.env", "images/jupyterlab/id_rsa", "mine/notes"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("PASSWORD=secret")
    return root


def test_of_a_catalog_in_git_what_git_tracks_is_carried(root: Path) -> None:
    """What it does not is named; the control is tracked, and then it is carried."""
    git(root, "init", "-q")
    git(root, "add", "--", ".", ":!compose/.env", ":!images/jupyterlab/id_rsa")

    names, notes = carried(root)
    git(root, "add", "-f", "images/jupyterlab/id_rsa")
    then, _ = carried(root)

    assert names == {"solvent.toml", "compose/compose.yaml"}
    assert "not tracked by git: compose/.env, images/jupyterlab/id_rsa" in notes
    assert then == names | {"images/jupyterlab/id_rsa"}


def test_without_git_what_is_hidden_stays(root: Path) -> None:
    """Nor has a catalog git that lies in a clone of something else."""
    names, notes = carried(root)
    git(root.parent, "init", "-q")
    within, _ = carried(root)

    assert names == {"solvent.toml", "compose/compose.yaml", "images/jupyterlab/id_rsa"}
    assert "hidden: compose/.env" in notes
    assert within == names


def test_what_no_bundle_may_name_is_not_carried(root: Path) -> None:
    """A bundle that could not be loaded would be none."""
    (root / "images/.gitattributes").touch()
    git(root, "init", "-q")
    git(root, "add", ".")

    names, notes = carried(root)

    assert all(map(may_carry, names))
    assert "images/.gitattributes" in notes
