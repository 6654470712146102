"""Finds, loads, trusts and starts catalogs."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.core.artifacts import files_of
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.app.settings import Settings
    from manager.app.world import World
    from manager.core.catalog import Catalog

# Where the cache keeps vendors' files, by hash.
ARTIFACTS = "artifacts"


def find(where: Path | None, settings: Settings) -> tuple[Path, bool]:
    """Give the catalog's root and whether it is the shipped one.

    In this order: the place given, ``SOLVENT_CATALOG``, the nearest ``solvent.toml`` upward, the configured
    default, the shipped one.
    """
    from manager.world import files

    return files.find(Path.cwd(), where, os.environ.get("SOLVENT_CATALOG"), settings.catalog)


def option(world: World) -> str:
    """Give what a command of this catalog has to say besides, where it would use another one without a word."""
    found, _ = find(None, world.settings)
    root = Path(world.catalog.root)
    return "" if found == root else f" --catalog {shlex.quote(str(root))}"


def load(where: Path | None, settings: Settings) -> Catalog:
    """Load the catalog; raises CatalogError with every problem, Refused for a place that nobody has trusted."""
    from manager.world import files

    root, shipped = find(where, settings)
    if not shipped and not files.trusted(root, _record(settings)):
        raise Refused(
            f"the catalog at {root} is not trusted yet",
            why="a catalog is code: its Dockerfiles and probes run with the rights of the container engine",
            hint=f"read it, then:  solvent catalog trust {root}",
            where=str(root),
        )
    return _with_missing(files.load(root, shipped=shipped, record=settings.cache_dir / "judged"), settings)


def seen(where: Path | None, settings: Settings) -> frozenset[tuple[str, int, int]] | None:
    """Give what tells whether a catalog is the one that was read: its files with their times and sizes.

    None where that cannot be told. Of what lies outside it, the record of those trusted and vendors' files count.
    """
    from manager.errors import ManagerError
    from manager.world import files

    try:
        root, _ = find(where, settings)
        return files.standing(root, (_record(settings), settings.cache_dir / ARTIFACTS))
    except (ManagerError, OSError):
        return None


def _with_missing(catalog: Catalog, settings: Settings) -> Catalog:
    """Say in the catalog which vendors' files are not here: neither in their place nor kept from an earlier build."""
    named = files_of(catalog)
    if not named:
        return catalog
    from manager.world.artifacts import is_here

    cache = settings.cache_dir / ARTIFACTS
    return replace(catalog, missing=tuple(one.origin for one in named if not is_here(one, cache)))


def validate(where: Path | None, settings: Settings) -> Catalog:
    """Load a catalog whether it is trusted or not: nothing of it is run. Raises CatalogError."""
    from manager.world import files

    root, shipped = find(where, settings)
    return files.load(root, shipped=shipped)


def editable(catalog: Catalog) -> None:
    """Raise Refused for the shipped catalog: what it says is not decided here."""
    if catalog.shipped:
        raise Refused(
            "the shipped catalog is read-only",
            hint="make one of your own:  solvent init DIR   and name it:  --catalog DIR",
            where=catalog.root,
        )


def present(world: World) -> None:
    """Raise Refused on a day that is only looked at (``--as-of``): what is written is of today."""
    if world.looking:
        raise Refused(
            f"this is how {world.today} looks; a catalog is written today",
            hint="look at it with --dry-run, or leave out --as-of",
        )


def schema() -> dict[str, Any]:
    """Give the JSON Schema of the catalog's files."""
    from manager.world import files

    return files.schema()


def trust(place: Path | None, settings: Settings) -> Path:
    """Trust a catalog, for this person; gives its root. Raises CatalogError when there is none."""
    from manager.world import files

    root, shipped = find(place, settings)
    if not shipped:
        files.load(root, shipped=False)
        files.trust(root, _record(settings))
    return root


def init(target: Path, settings: Settings) -> Path:
    """Start a catalog of one's own from the shipped one, in git, trusted; raises Refused for a folder in use."""
    from manager.world import files

    files.copy_shipped(files.shipped_root(), target, git=True)
    files.trust(target, _record(settings))
    return target.resolve()


def _record(settings: Settings) -> Path:
    return settings.config_dir / "trusted"
