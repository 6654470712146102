"""How several processes share the tests: those of the one world in one process, the engine's other ones in another.

So each waits for the engine as little as possible. The tests that build the whole catalog are nearly as much work as
the others of the world together, so they are in the other process, which makes a world for them. (xdist's own groups
come from the names of tests, which pytest 9.2 does not let it change any more.)
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from pathlib import Path


# Those that build the whole catalog, or take a build of it that needs long.
CATALOG = ("test_catalog.py", "test_code_server.py", "test_marimo.py")


class ByEngine(LoadScopeScheduling):
    """Hands out the tests of the world and of the engine whole, and all others file by file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return kind(self.config.rootpath / file) or file


@cache
def kind(file: Path) -> str:
    """Say whether a file's tests need the ``world`` or the ``engine``, or nothing; by the names that stand in it."""
    text = file.read_text(encoding="utf-8")
    if "ready_world" in text or "first_quickstart" in text:
        return "engine" if file.name in CATALOG else "world"
    return "engine" if "pytest.mark.engine" in text else ""
