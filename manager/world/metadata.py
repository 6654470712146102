"""What installed distributions say of themselves: which others they require."""

from __future__ import annotations

from importlib.metadata import distributions
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from pathlib import Path


def requirements(tree: Path) -> dict[str, tuple[str, ...]]:
    """Give the requirements (PEP 508) of each distribution in a tree, by its normalised name."""
    sites = [str(site) for site in tree.glob("lib/python*/site-packages")]
    return {canonicalize_name(one.metadata["Name"]): tuple(one.requires or ()) for one in distributions(path=sites)}
