"""The catalog's files: found, trusted, read into a Catalog, checked, described by a schema, copied, begun from others.

The only home of pydantic, tomlkit, tree-sitter and PyYAML, which are imported when they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.world.files.loading import load
from manager.world.files.location import find, shipped_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from manager.core.adopted import AdoptedImage
    from manager.core.driver_decisions import DriverDecision
    from manager.core.overrides import Override
    from manager.core.recipes.notes import Neighbour
    from manager.core.recipes.translation import Recipe
    from manager.core.scaffold import Scaffold
    from manager.core.sharing import SharedConnection

__all__ = [
    "adopt",
    "adopted_text",
    "copy_shipped",
    "decide",
    "decision_text",
    "find",
    "load",
    "neighbours",
    "recipe",
    "scaffold_text",
    "schema",
    "share",
    "shipped_root",
    "standing",
    "trust",
    "trusted",
    "unshare",
    "write_scaffold",
]


def schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of every TOML file of a catalog, in one document with ``$defs``."""
    from manager.world.files import shape

    return shape.schema()


def copy_shipped(shipped_root: Path, target: Path, git: bool) -> str:
    """Make a catalog of one's own; see :func:`manager.world.files.starter.copy_shipped`."""
    from manager.world.files import starter

    return starter.copy_shipped(shipped_root, target, git)


def standing(root: Path, besides: Iterable[Path]) -> frozenset[tuple[str, int, int]]:
    """Give every file with its time and size; see :func:`manager.world.files.stand.standing`."""
    from manager.world.files import stand

    return stand.standing(root, besides)


def trusted(root: Path, record: Path) -> bool:
    """Say whether a place was trusted; see :func:`manager.world.files.trustees.is_trusted`."""
    from manager.world.files import trustees

    return trustees.is_trusted(root, record)


def trust(root: Path, record: Path) -> None:
    """Trust a place from now on; see :func:`manager.world.files.trustees.trust`."""
    from manager.world.files import trustees

    trustees.trust(root, record)


def adopted_text(root: Path, content: str, image: AdoptedImage) -> str:
    """Give the text that an adopted image comes to; see :func:`manager.world.files.adopted.text_of`."""
    from manager.world.files import adopted

    return adopted.text_of(root, content, image)


def adopt(root: Path, content: str, image: AdoptedImage) -> str:
    """Write an adopted image into a catalog; see :func:`manager.world.files.adopted.write`."""
    from manager.world.files import adopted

    return adopted.write(root, content, image)


def share(root: Path, content: str, shared: SharedConnection) -> None:
    """Add a connection to those that a catalog shares; see :func:`manager.world.files.editing.share`."""
    from manager.world.files import editing

    editing.share(root, content, shared)


def unshare(root: Path, content: str, name: str) -> None:
    """Take a connection out of those that a catalog shares; see :func:`manager.world.files.editing.unshare`."""
    from manager.world.files import editing

    editing.unshare(root, content, name)


def decide(root: Path, content: str, decision: Override | DriverDecision) -> str:
    """Add a decision to a catalog, as a file; see :func:`manager.world.files.deciding.write`."""
    from manager.world.files import deciding

    return deciding.write(root, content, decision)


def decision_text(root: Path, content: str, decision: Override | DriverDecision) -> str:
    """Give the text that a decision comes to; see :func:`manager.world.files.deciding.text_of`."""
    from manager.world.files import deciding

    return deciding.text_of(root, content, decision)


def recipe(path: Path) -> Recipe:
    """Read a file that a release can be made from; see :func:`manager.world.files.recipes.read`."""
    from manager.world.files import recipes

    return recipes.read(path)


def neighbours(folder: Path) -> Callable[[str], Neighbour | None]:
    """Give what reads files below a folder; see :func:`manager.world.files.recipes.neighbours`."""
    from manager.world.files import recipes

    return recipes.neighbours(folder)


def scaffold_text(root: Path, content: str, scaffold: Scaffold, owner: str) -> str:
    """Give the text that a scaffold comes to; see :func:`manager.world.files.scaffolding.text_of`."""
    from manager.world.files import scaffolding

    return scaffolding.text_of(root, content, scaffold, owner)


def write_scaffold(root: Path, content: str, scaffold: Scaffold, owner: str) -> str:
    """Write a scaffold into a catalog; see :func:`manager.world.files.scaffolding.write`."""
    from manager.world.files import scaffolding

    return scaffolding.write(root, content, scaffold, owner)
