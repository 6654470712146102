"""What system tests do with a running environment (address, kernel), a base, and a Manager in the same world."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app.manager import Manager
from manager.app.settings import load
from manager.core.ingredients import base_key
from manager.world import jupyter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.world import World


def address(world: World, name: str) -> tuple[str, str]:
    """Give an environment's address (``http://127.0.0.1:PORT``) and its token."""
    base, _, token = world.environment(name)["url"].partition("/lab?token=")
    assert len(token) >= 43
    return base, token


def cell(world: World, name: str, code: str, timeout: float = 120) -> str:
    """Run a cell in an environment's own kernel over its published port; give what it printed."""
    result = jupyter.run_cell(*address(world, name), code, timeout=timeout)
    assert result.status == "ok", result.error
    return result.text


def base(world: World, system: str) -> str:
    """Name the image of a system's base."""
    with managed(world) as manager:
        return manager.names.base(system, base_key(manager.catalog.system(system)))


@contextmanager
def managed(world: World, catalog: Path | None = None, cache: Path | None = None) -> Iterator[Manager]:
    """Give a Manager of this process in the world, on the shipped catalog and the world's cache or others."""
    settings = load(world.environ)
    made = Manager(replace(settings, cache_dir=cache or settings.cache_dir), catalog=catalog)
    try:
        yield made
    finally:
        made.close()
