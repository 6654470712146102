"""What several files of system tests begin with; the world itself comes from tests/conftest.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.world import World


@pytest.fixture
def own(solvent: World, tmp_path: Path) -> Path:
    """Give a catalog of one's own, valid and trusted, as ``solvent init`` makes it but for git."""
    root = tmp_path / "own"
    files.copy_shipped(files.shipped_root(), root, git=False)
    files.trust(root, solvent.home / "config/trusted")
    return root
