"""Docker behind the Engine port: the only place that imports docker, and one adapter to the rest of the world."""

from __future__ import annotations

from manager.world.engine.docker import Docker

__all__ = ["Docker"]
