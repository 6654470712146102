"""The catalog's files: found, trusted, read into a Catalog, checked, described by a schema, copied.

The only home of pydantic, tomlkit and tree-sitter, which are imported when they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.world.files.loading import load
from manager.world.files.location import find, shipped_root

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.sharing import SharedConnection

__all__ = ["copy_shipped", "find", "load", "schema", "share", "shipped_root", "trust", "trusted", "unshare"]


def schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of every TOML file of a catalog, in one document with ``$defs``."""
    from manager.world.files import shape

    return shape.schema()


def copy_shipped(shipped_root: Path, target: Path, git: bool) -> str:
    """Make a catalog of one's own; see :func:`manager.world.files.starter.copy_shipped`."""
    from manager.world.files import starter

    return starter.copy_shipped(shipped_root, target, git)


def trusted(root: Path, record: Path) -> bool:
    """Say whether a place was trusted; see :func:`manager.world.files.trustees.is_trusted`."""
    from manager.world.files import trustees

    return trustees.is_trusted(root, record)


def trust(root: Path, record: Path) -> None:
    """Trust a place from now on; see :func:`manager.world.files.trustees.trust`."""
    from manager.world.files import trustees

    trustees.trust(root, record)


def share(root: Path, content: str, shared: SharedConnection) -> None:
    """Add a connection to those that a catalog shares; see :func:`manager.world.files.editing.share`."""
    from manager.world.files import editing

    editing.share(root, content, shared)


def unshare(root: Path, content: str, name: str) -> None:
    """Take a connection out of those that a catalog shares; see :func:`manager.world.files.editing.unshare`."""
    from manager.world.files import editing

    editing.unshare(root, content, name)
