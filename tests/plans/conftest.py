"""A world for each plan, with every base and a promoted build of lab:4 where a test asks for ``ready``."""

from __future__ import annotations

import pytest

from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    """Give a world in which nothing was done yet."""
    return World()


@pytest.fixture
def ready() -> World:
    """Give a world with bases and one promoted build of lab:4."""
    made = World()
    made.bases()
    made.build()
    return made
