"""Keeps the packages that builds are made from, so that they can be made again without any network.

It never stands in the way of a build: what cannot be kept is said, and ``image verify --rebuild`` says it later.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Literal, Protocol

from manager.app.mirrors import reach
from manager.core.ingredients import base_key
from manager.core.locks import parse
from manager.core.plan import digest_of
from manager.core.sets import indexes
from manager.core.wheels import chosen
from manager.errors import Failed, ManagerError
from manager.world.archive import UNFINISHED, Archive, Packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.bundles import Bundle
    from manager.core.catalog import Release
    from manager.core.locks import Pin
    from manager.core.reach import Reach
    from manager.core.systems import System
    from manager.core.wheels import Offer
    from manager.world.bases import Base
    from manager.world.npm import Cache


class Says(Protocol):
    """What hears how far something is."""

    def say(self, line: str) -> None:
        """Hear a line."""


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


def at_hand(world: World, release: Release, pins: tuple[Pin, ...]) -> dict[Pin, Path] | None:
    """Give the archived wheel of each pin, which has that wheel's hash alone; None where one lacks or was changed.

    With all of them at hand nobody has to be asked for any.
    """
    store, there = archive(world), {}
    for pin in pins:
        packed = _choice(store, pin, release.python)
        if packed is None or store.wrong(packed):
            return None
        there[replace(pin, hashes=(f"sha256:{packed.sha256}",))] = store.path(packed)
    return there


def chosen_wheels(
    world: World, release: Release, pins: tuple[Pin, ...], progress: Says
) -> dict[str, tuple[Pin, Packed]]:
    """Give the wheel of each pin by the key of that choice, fetched into the archive where it was not there."""
    kept = _kept(world, release, pins, progress, Event())
    return {_key(pin, release.python): (pin, packed) for pin, packed in zip(pins, kept, strict=True)}


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


def base_at_hand(world: World, system: System) -> tuple[str, tuple[Path, ...]] | None:
    """Give the digest and the packages of the base that a bundle brought for a system; None where none did.

    Raises Failed for a package that is not what it was.
    """
    store = archive(world)
    digest = store.base(base_key(system))
    listed = store.listed(f"base-{digest}") if digest else None
    if listed is None:
        return None
    for one in listed:
        if how := store.wrong(one):
            hint = "load the bundle again:  solvent bundle load FILE"
            raise Failed(f"the base {system.id} cannot be made: {one.name} of the archive is {how}", hint=hint)
    return digest, tuple(map(store.path, listed))


def bases(world: World, bundle: Bundle) -> dict[str, str]:
    """Give the bases that a bundle names and no newer bundle did before it: an old one takes none back."""
    store = archive(world)
    return {key: digest for key, digest in bundle.bases.items() if store.base_said(key) <= said(bundle)}


def said(bundle: Bundle) -> str:
    """Give when a bundle was made, in a form that sorts."""
    return f"{bundle.made.astimezone(UTC):%Y%m%dT%H%M%S.%f}"


def _key(pin: Pin, python: str) -> str:
    return digest_of([pin.name, pin.version, pin.hashes, python, "x86_64"])[:32]


def _choice(store: Archive, pin: Pin, python: str) -> Packed | None:
    """Give the wheel that was chosen for a pin, if its lock allows it: a bundle may have said anything."""
    packed = store.choice(_key(pin, python))
    return packed if packed and f"sha256:{packed.sha256}" in pin.hashes else None


def _kept(world: World, release: Release, pins: tuple[Pin, ...], progress: Says, stop: Event) -> tuple[Packed, ...]:
    """Give the wheel of each pin, from the archive or fetched into it; raises ManagerError where one is not to be had.

    A pin of which the archive has a wheel already is not asked for again.
    """
    from manager.world.resolver import offers

    store = archive(world)
    found = {pin: packed for pin in pins if (packed := _choice(store, pin, release.python))}
    lacking = tuple(pin for pin in pins if pin not in found)
    if lacking:
        way, places = reach(world, "python"), indexes(world.catalog.sets_of(release))
        offered = chosen(offers(lacking, release.python, indexes=places, reach=way), lacking, release.python, "x86_64")
        nowhere = [pin.name for pin in lacking if pin not in offered]
        if nowhere:
            raise Failed(f"the index has no wheel of {', '.join(nowhere)} that fits")
        progress.say(f"archiving {len(lacking)} wheels")
        with (
            tempfile.TemporaryDirectory(dir=store.made("."), prefix=UNFINISHED) as name,
            ThreadPoolExecutor(_AT_ONCE) as pool,
        ):
            jobs = {pin: pool.submit(_fetched, store, offered[pin], Path(name), way, stop) for pin in lacking}
            for pin, job in jobs.items():
                found[pin] = job.result()
                store.choose(_key(pin, release.python), found[pin])
    return tuple(found[pin] for pin in pins)


def _fetched(store: Archive, offer: Offer, folder: Path, way: Reach, stop: Event) -> Packed:
    from manager.world.wheels import fetch

    packed = Packed(offer.name, offer.sha256)
    if not store.has(packed):
        if stop.is_set():
            raise Failed("the tree was not made")
        fetch(offer, folder / offer.name, way)
        store.take(folder / offer.name, packed)
    return packed
