"""Compares a catalog with the shipped one: as it is now, and as it was when the catalog was made against it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from manager.app import catalogs
from manager.core.catalog_changes import changes
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.settings import Settings
    from manager.core.catalog import Catalog
    from manager.core.catalog_changes import Change, Saying

# What a catalog's own copy of a file is: the one that is shipped now, the one that was, another one, or not there.
Copy = Literal["taken", "untouched", "edited", "absent"]
# A catalog's name is its own in any case.
_OWN_NAME = ("solvent.toml", "name")


@dataclass(frozen=True, slots=True)
class Upstream:
    """A change of the shipped catalog, what the own copy of that file is, and which own families extend it."""

    change: Change
    copy: Copy
    extended_by: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give one of ``changes`` of ``catalog diff --upstream``."""
        return change_json(self.change) | {"copy": self.copy, "extended_by": list(self.extended_by)}


def change_json(change: Change) -> dict[str, Any]:
    """Give one of ``changes`` of ``catalog diff``; values are JSON text, whole files are known by their SHA-256."""
    return {
        "file": change.file,
        "key": change.key or None,
        "kind": change.kind,
        "before": change.before or None,
        "after": change.after or None,
    }


def own(where: Path | None, settings: Settings) -> tuple[Catalog, tuple[Change, ...]]:
    """Give a catalog and what it says otherwise than the one that is shipped now, which counts as before."""
    from manager.world.files import upstream

    catalog = catalogs.validate(where, settings)
    found = changes(_shipped(), upstream.said(Path(catalog.root)))
    return catalog, tuple(one for one in found if (one.file, one.key) != _OWN_NAME)


def since(where: Path | None, settings: Settings) -> tuple[Catalog, tuple[Upstream, ...]]:
    """Give a catalog and how the shipped one changed since it was made against that.

    Raises UsageError for a catalog without a record of it.
    """
    from manager.world.files import upstream

    catalog = catalogs.validate(where, settings)
    if catalog.shipped:
        return catalog, ()
    then = upstream.recorded(Path(catalog.root))
    if then is None:
        raise UsageError(
            f"{catalog.root} has no record of the shipped catalog that it was made against",
            hint="from now on:  solvent catalog accept     (how it differs today:  solvent catalog diff)",
        )
    now, mine = _shipped(), _digests(upstream.said(Path(catalog.root)))
    old, new = _digests(then), _digests(now)
    return catalog, tuple(
        Upstream(one, _copy(mine.get(one.file), old.get(one.file), new.get(one.file)), _extended_by(catalog, one.file))
        for one in changes(then, now)
    )


def accept(where: Path | None, settings: Settings) -> Path:
    """Record the catalog that is shipped now as the one that a catalog is made against; gives the record's path.

    Raises Refused for the shipped catalog itself.
    """
    from manager.world.files import upstream

    catalog = catalogs.validate(where, settings)
    catalogs.editable(catalog)
    return upstream.record(Path(catalog.root), _shipped())


def _shipped() -> tuple[Saying, ...]:
    from manager.world import files
    from manager.world.files import upstream

    return upstream.said(files.shipped_root())


def _digests(everything: tuple[Saying, ...]) -> dict[str, str]:
    return {one.file: one.value for one in everything if not one.key}


def _copy(mine: str | None, old: str | None, new: str | None) -> Copy:
    if mine == new:
        return "taken"
    if mine is None:
        return "absent"
    return "untouched" if mine == old else "edited"


def _extended_by(catalog: Catalog, file: str) -> tuple[str, ...]:
    """Name the families that have a shipped file of another family, which changed with it."""
    parts = file.split("/")
    if parts[0] != "images" or len(parts) < 3:
        return ()
    from manager.world import files

    place = str(files.shipped_root() / parts[0] / parts[1])
    return tuple(family.id for family in catalog.families if place in family.below)
