"""A world in memory, as the use cases' tests have it."""

from tests.app.conftest import world

__all__ = ["world"]
