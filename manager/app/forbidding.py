"""What the quarantines of versions in a catalog come to: builds by what was read inside them, locks by their pins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager.core import forbidding
from manager.core.catalog import canonical_name
from manager.core.locks import versions_of
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Catalog, Lock
    from manager.core.observed import Build


def marked(catalog: Catalog, world: World) -> Catalog:
    """Give a catalog whose locks say what is forbidden in them; a lock that cannot be read says nothing."""
    names = {canonical_name(one.dist) for one in forbidding.standing(catalog.driver_decisions, world.today)}

    def pins(lock: Lock) -> tuple[tuple[str, str], ...]:
        try:
            text = "" if lock.kind == "npm" else Path(lock.path).read_text(encoding="utf-8")
        except OSError:
            return ()
        # A launch waits for it, and to read all of every lock takes longer than all the rest.
        return versions_of(text, names)

    return forbidding.marked(catalog, pins, world.today)


def judged(builds: tuple[Build, ...], catalog: Catalog, world: World) -> tuple[Build, ...]:
    """Give builds with those quarantined that hold a version which a catalog, with its locks marked, forbids."""
    standing = forbidding.standing(catalog.driver_decisions, world.today)
    if not standing or not builds:
        return builds
    store = world.store
    locks = forbidding.of_locks(catalog)
    return forbidding.barred(builds, standing, forbidding.inside(standing, store.containing), store.listed(), locks)


def refuse(world: World, dist: str, version: str, verb: str) -> None:
    """Raise Refused where a version of a distribution is quarantined: nothing here gets it to do something with it."""
    catalog = world.catalog
    standing = forbidding.standing(catalog.driver_decisions, world.today) if catalog.quarantines_versions else ()
    for hit in forbidding.forbidden(standing, [(dist, version)]):
        raise Refused(
            f"{dist} {version} is quarantined for {hit.by.advisory}, so it is not {verb}",
            why=f"{hit.by.place}, decided by {hit.by.by} on {hit.by.day}: {hit.by.reason}",
            hint=f"name another version; a false alarm:  {hit.lift}",
            where=str(hit.by.place),
        )
