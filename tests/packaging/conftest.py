"""A home for the ways to run a nightly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.packaging.nights import Night

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """Give a home of its own, in which nothing waits any more afterwards."""
    made = Night(tmp_path)
    yield made
    (made.home / "wait").unlink(missing_ok=True)
