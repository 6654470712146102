"""Keeps the packages that builds are made from, so that they can be made again without any network.

It never stands in the way of a build: what cannot be kept is said, and ``image verify --rebuild`` says it later.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Literal

from manager.app.mirrors import reach
from manager.core.locks import parse
from manager.core.plan import digest_of
from manager.core.sets import indexes
from manager.core.wheels import chosen
from manager.errors import Failed, ManagerError
from manager.world.archive import Archive, Packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.locks import Pin
    from manager.core.reach import Reach
    from manager.core.wheels import Offer
    from manager.world.bases import Base
    from manager.world.npm import Cache

# Small files mostly, so it is the waiting that takes time.
_AT_ONCE = 8


def archive(world: World) -> Archive:
    """Give the archive of this home."""
    return Archive(world.settings.state_dir / "archive", shared=world.settings.machine_wide)


def has(world: World, tree: str) -> bool:
    """Say whether it was noted what a tree was made from, and all of that is there."""
    store = archive(world)
    listed = store.listed(f"tree-{tree}")
    return listed is not None and all(map(store.has, listed))


@contextmanager
def wheels(world: World, release: Release, lock: str, progress: Progress) -> Iterator[Callable[[str], None]]:
    """Keep the wheels of a lock (its text) while a tree is made of it; call what is given with the tree's digest.

    That waits for the wheels and notes which they were.
    """
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(_kept, world, release, parse(lock), progress, stop)

        def made(tree: str) -> None:
            try:
                archive(world).record(f"tree-{tree}", work.result())
            except (ManagerError, OSError, LookupError, ValueError) as error:
                progress.say(f"not archived: {error}")

        try:
            yield made
        finally:
            stop.set()


def npm(world: World, use: Literal["also", "only"]) -> Cache:
    """Give the part of the archive that npm itself keeps, by its own hashes."""
    from manager.world.npm import Cache

    return Cache(archive(world).folder / "npm", use)


def keep_base(world: World, base: Base, progress: Progress) -> None:
    """Keep the packages of a base; they lie beside it, and are linked."""
    store = archive(world)
    try:
        made_from = []
        for one in base.packages:
            name = f"{one.name}_{one.version.replace(':', '%3a')}_{one.architecture}.deb"
            packed = Packed(name, one.sha256)
            store.keep(base.tarball.parent / "debs" / name, packed)
            made_from.append(packed)
        store.record(f"base-{base.digest}", made_from)
    except (ManagerError, OSError) as error:
        progress.say(f"not archived: {error}")


def _kept(world: World, release: Release, pins: tuple[Pin, ...], progress: Progress, stop: Event) -> tuple[Packed, ...]:
    """Give the wheel of each pin, from the archive or fetched into it; raises ManagerError where one is not to be had.

    A pin of which the archive has a wheel already is not asked for again.
    """
    from manager.world.resolver import offers

    store = archive(world)
    keys = {pin: digest_of([pin.name, pin.version, pin.hashes, release.python, "x86_64"])[:32] for pin in pins}
    found = {pin: packed for pin in pins if (packed := store.choice(keys[pin]))}
    lacking = tuple(pin for pin in pins if pin not in found)
    if lacking:
        way, places = reach(world, "python"), indexes(world.catalog.sets_of(release))
        offered = chosen(offers(lacking, release.python, indexes=places, reach=way), lacking, release.python, "x86_64")
        nowhere = [pin.name for pin in lacking if pin not in offered]
        if nowhere:
            raise Failed(f"the index has no wheel of {', '.join(nowhere)} that fits")
        progress.say(f"archiving {len(lacking)} wheels")
        with (
            tempfile.TemporaryDirectory(dir=_folder(store), prefix=".unfinished-") as name,
            ThreadPoolExecutor(_AT_ONCE) as pool,
        ):
            jobs = {pin: pool.submit(_fetched, store, offered[pin], Path(name), way, stop) for pin in lacking}
            for pin, job in jobs.items():
                found[pin] = job.result()
                store.choose(keys[pin], found[pin])
    return tuple(found[pin] for pin in pins)


def _folder(store: Archive) -> Path:
    store.folder.mkdir(parents=True, exist_ok=True)
    return store.folder


def _fetched(store: Archive, offer: Offer, folder: Path, way: Reach, stop: Event) -> Packed:
    from manager.world.wheels import fetch

    packed = Packed(offer.name, offer.sha256)
    if not store.has(packed):
        if stop.is_set():
            raise Failed("the tree was not made")
        fetch(offer, folder / offer.name, way)
        store.take(folder / offer.name, packed)
    return packed
