"""What may be pruned here: what keeps each digest, and what the cache holds, with its size."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from manager.app.archiving import archive
from manager.core import references
from manager.core.amounts import show_size
from manager.core.build_actions import PruneBuild, RemoveCached, RemoveImage
from manager.core.observed import readable
from manager.core.pruning import Cached, Store, plan_prune
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager.app.world import World
    from manager.core.observed import Observed
    from manager.core.plan import Plan
    from manager.core.references import Reference


def kept(world: World, observed: Observed) -> tuple[Reference, ...]:
    """Give everything that keeps a digest: of all people, on all engines that share the state, ours or not."""
    return references.references(
        world.catalog,
        observed,
        world.today,
        remembered=world.store.environments(),
        snapshots=world.store.snapshots(),
        containers=world.engine.containers({}),
        realm=world.names.realm,
    )


def planned(world: World) -> Plan:
    """Plan what may go: builds, bases, and what the cache holds."""
    observed = world.observe()
    readable(observed)
    plan = plan_prune(
        world.catalog,
        observed,
        kept(world, observed),
        Store(tuple(_cached(world)), _current(world, observed), _own(world)),
        today=world.today,
        realm=world.names.realm,
    )
    size = archive(world).size()
    said = (f"{show_size(size)} of packages stay in the archive, which builds can be made again from",)
    return replace(plan, notes=(*plan.notes, *(said if size else ())))


def weight(world: World, plan: Plan) -> int:
    """Give the bytes that a plan frees at least, before it is carried out: what no other image and nobody else has."""
    own = dict(_own(world))
    parts = {(one.kind, one.name): one.size for one in _cached(world)}
    total = 0
    for step in plan.steps:
        if isinstance(step.do, PruneBuild | RemoveImage):
            total += own.get(step.do.digest, 0)
        elif isinstance(step.do, RemoveCached) and step.do.kind != "archive":
            total += parts.get((step.do.kind, step.do.name), 0)
    return total


def remove(world: World, kind: Literal["tree", "base", "archive"], name: str) -> None:
    """Remove a part of the cache, or of the archive."""
    if kind == "archive":
        archive(world).forget((name,))
        return
    from manager.app.steps.trees import trees

    if kind == "tree":
        store = trees(world)
        if (tree := store.get(name)) is not None:
            store.discard(tree)
        return
    shutil.rmtree(world.settings.cache_dir / "bases" / name, ignore_errors=True)


def _own(world: World) -> tuple[tuple[str, int], ...]:
    try:
        return world.engine.image_sizes()
    except ManagerError:
        # A size is a help, and no condition.
        return ()


def _cached(world: World) -> Iterator[Cached]:
    cache = world.settings.cache_dir
    for folder in sorted((cache / "trees").glob("[0-9a-f]" * 64)):
        yield Cached("tree", folder.name, _size(folder))
    for folder in sorted((cache / "bases").glob("[0-9a-f]" * 16)):
        yield Cached("base", folder.name, _size(folder))


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        # Another command may take it away meanwhile.
        with suppress(FileNotFoundError):
            total += path.lstat().st_size
    return total


def _current(world: World, observed: Observed) -> frozenset[str]:
    """Give the trees that the catalog's locks have now, each on the base that is here."""
    from manager.app.steps.trees import origin, trees
    from manager.core.ingredients import base_key

    store, found = trees(world), set()
    bases = {
        system.id: world.engine.image(base.digest)
        for system in world.catalog.systems
        if (base := observed.base(base_key(system))) is not None
    }
    for release in world.catalog.releases:
        base = bases.get(release.system)
        if base is not None:
            kinds = (kind for kind in release.trees if release.lock(kind))
            trees_of = (store.find(origin(world.catalog, release, kind, base).key) for kind in kinds)
            found |= {tree.digest for tree in trees_of if tree is not None}
    return frozenset(found)
