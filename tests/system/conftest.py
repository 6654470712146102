"""The world of the system tests, by the name under which they know it; its fixtures come from tests/conftest.py."""

from __future__ import annotations

from tests.system.world import World, docker, sweep

__all__ = ["World", "docker", "sweep"]
