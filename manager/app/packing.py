"""Makes bundles: gathers what releases are made from, what was learnt upstream, and images, and writes one file."""

from __future__ import annotations

import platform
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager import __version__
from manager.app import archiving, bundled_answers, bundled_images, carried
from manager.app.cargo import Cargo
from manager.app.mirrors import reach
from manager.app.spoken import spoken
from manager.core.amounts import few
from manager.core.bundles import CATALOG, Bundle, may_carry, render
from manager.core.ingredients import BROWSER, base_key
from manager.core.lifecycle import Stage
from manager.core.locks import parse, pins_for
from manager.core.sets import indexes
from manager.core.systems import compiler
from manager.core.wheels import chosen
from manager.errors import Failed, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.locks import Pin
    from manager.core.wheels import Offer
    from manager.world.archive import Packed

_AT_ONCE = 8
_NAMED = 6
# As large as no file of a catalog is.
_LARGEST = 50 * 1024**2


@dataclass(frozen=True, slots=True)
class Created:
    """A bundle that was written: where, what is in it, who signed (a key's file, or nobody), and its size."""

    file: Path
    bundle: Bundle
    key: str
    size: int
    notes: tuple[str, ...]


def create(
    world: World, file: Path, names: tuple[str, ...], *, images: bool, key: Path | None
) -> Iterator[str | Created]:
    """Write a bundle of releases, of all that have a promoted build when none is named: lines, then what it is.

    Raises UsageError for a folder and for an unknown release, Refused where nothing has been built yet, and whatever
    fetching what is not in the archive raises.
    """
    if file.is_dir():
        raise UsageError(f"{file} is a folder", hint=f"solvent bundle create {file}/solvent.bundle")
    if not file.parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}")
    yield from spoken(lambda say: _created(world, file, names, Cargo(say), images=images, key=key))


def _created(
    world: World, file: Path, names: tuple[str, ...], cargo: Cargo, *, images: bool, key: Path | None
) -> Created:
    cargo.say("looking at what there is")
    releases = _releases(world, names)
    choices: dict[str, tuple[str, str]] = {}
    for release in releases:
        choices |= _wheels(world, release, cargo)
    lists = _lists(world, releases, cargo)
    bases = _bases(world, releases, lists, cargo)
    _artifacts(world, releases, cargo)
    if any(release.ide_from == "npm" for release in releases):
        _npm(world, releases, cargo)
    bundled_answers.gather(world, releases, cargo)
    programs = _catalog(Path(world.catalog.root), cargo)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".unfinished-") as folder:
        systems = systems_of(world, releases)
        found = bundled_images.gather(world, releases, systems, bases, Path(folder), cargo, whole=images)
        bundle = Bundle(
            made=world.clock.now(),
            by=world.settings.owner,
            solvent=__version__,
            machine=platform.machine(),
            realm=world.names.realm,
            catalog=Path(world.catalog.root).name,
            content=world.catalog.content,
            releases=tuple(one.name for one in releases),
            entries=tuple(sorted(cargo.entries.values())),
            choices=choices,
            lists=lists,
            bases=bases,
            images=found,
            programs=programs,
        )
        text, signature = render(bundle), ""
        if key is not None:
            from manager.world.signatures import signed

            signature = signed(text.encode(), key)
        from manager.world import bundle_file

        bundle_file.write(file, text, signature, cargo.blobs, cargo.say)
    notes = (*cargo.notes, *_kept_inside(world, releases))
    return Created(file, bundle, str(key or ""), file.stat().st_size, tuple(dict.fromkeys(notes)))


def _releases(world: World, names: tuple[str, ...]) -> tuple[Release, ...]:
    catalog = world.catalog
    if names:
        found = [catalog.release(name, world.today) for name in names]
    else:
        channels = world.store.channels()
        live = (one for one in catalog.releases if one.stage(world.today) is not Stage.RETIRED)
        found = [one for one in live if channels.get((one.name, "stable"))]
    if not found:
        raise Refused("there is nothing to carry: no release has a promoted build", hint="solvent image build RELEASE")
    for release in found:
        if release.adopted is not None or not release.locks:
            why = "it was adopted" if release.adopted is not None else "it has no lock"
            raise Refused(f"{release.name} cannot be carried: {why}", hint="name the releases that can")
    return tuple(dict.fromkeys(found))


def _wheels(world: World, release: Release, cargo: Cargo) -> dict[str, tuple[str, str]]:
    """Take in the wheels of a release's locks, and what wheels of other machines say; give the choice of each pin."""
    from manager.world.wheels import metadata

    found: dict[str, tuple[str, str]] = {}
    for kind in release.trees:
        lock = release.lock(kind)
        if lock is None:
            raise Refused(f"{release.name} has no {kind} lock", hint=f"solvent image lock {release.name}")
        cargo.say(f"gathering the wheels of {release.name} {kind}")
        pins = parse(Path(lock.path).read_text(encoding="utf-8"), lock.path)
        mine = pins_for(pins, release.python, "x86_64")
        store = archiving.archive(world)
        names = set()
        for key, (_, packed) in archiving.chosen_wheels(world, release, mine, cargo).items():
            path = store.path(packed)
            cargo.add("package", packed.name, path, _sound(world, packed))
            cargo.add("metadata", f"{packed.sha256}/{packed.name}", metadata(path))
            found[key] = (packed.name, packed.sha256)
            names.add(packed.name)
        _others(world, release, pins_for(pins, release.python, "aarch64"), names, cargo)
    return found


def _others(world: World, release: Release, pins: tuple[Pin, ...], names: set[str], cargo: Cargo) -> None:
    """Take in what the wheels of the other machine say: a lock is for both, and only one of them is built for."""
    from manager.world.resolver import offers

    way, places, python = reach(world, "python"), indexes(world.catalog.sets_of(release)), release.python
    offered = chosen(offers(pins, python, "aarch64", indexes=places, reach=way), pins, python, "aarch64")
    lacking = [one for one in offered.values() if one.name not in names]
    cargo.say(f"asking what {len(lacking)} wheels of aarch64 say")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for offer, text in zip(lacking, pool.map(lambda one: _described(world, one), lacking), strict=True):
            cargo.add("metadata", f"{offer.sha256}/{offer.name}", text)


def _described(world: World, offer: Offer) -> bytes:
    """Give what a wheel says of itself, as a bundle brought it, or else as it is asked for."""
    from manager.world.wheels import described

    house = carried.house(world)
    known = house.file(offer.sha256, f"{offer.name}.metadata")
    if known is not None:
        return known.read_bytes()
    return described(offer, reach(world, "python"))


def _lists(world: World, releases: Iterable[Release], cargo: Cargo) -> dict[str, tuple[tuple[str, str], ...]]:
    """Give what the trees of the releases' builds were made from, where that was noted."""
    from manager.core.containers import LABEL

    store, found = archiving.archive(world), {}
    for release in releases:
        build = bundled_images.build_of(world, release)
        image = world.engine.image(build.digest) if build else None
        for kind in release.trees if image else ():
            what = f"tree-{image.labels.get(f'{LABEL}tree-{kind}', '')}" if image else ""
            listed = store.listed(what)
            if listed and all(map(store.has, listed)):
                found[what] = tuple(_packed(world, one, cargo) for one in listed)
    return found


def _bases(
    world: World, releases: Iterable[Release], lists: dict[str, tuple[tuple[str, str], ...]], cargo: Cargo
) -> dict[str, str]:
    """Take in the packages of the bases that releases stand on; give the digest of each by its key.

    A base that comes from a registry has none: its image is carried.
    """
    store, found = archiving.archive(world), {}
    for name in systems_of(world, releases):
        image = bundled_images.ground_of(world, name, releases)
        if image is None or len(image.layers) != 1:
            continue
        digest = image.layers[0].removeprefix("sha256:")
        listed = store.listed(f"base-{digest}")
        if listed is None or not all(map(store.has, listed)):
            cargo.notes.append(f"the packages of the base {name} were not archived: only its image can be carried")
            continue
        cargo.say(f"gathering the packages of the base {name}")
        lists[f"base-{digest}"] = tuple(_packed(world, one, cargo) for one in listed)
        found[base_key(world.catalog.system(name))] = digest
    return found


def systems_of(world: World, releases: Iterable[Release]) -> tuple[str, ...]:
    """Name the systems that are needed to build releases and to prove them."""
    names = [one.system for one in releases]
    names += [compiler(one.system) for one in releases if one.ide_from == "npm"]
    return tuple(dict.fromkeys([*names, *(one.id for one in world.catalog.systems if one.id == BROWSER)]))


def _packed(world: World, packed: Packed, cargo: Cargo) -> tuple[str, str]:
    cargo.add("package", packed.name, archiving.archive(world).path(packed), packed.sha256)
    return packed.name, packed.sha256


def _sound(world: World, packed: Packed) -> str:
    if how := archiving.archive(world).wrong(packed):
        raise Failed(f"{packed.name} of the archive is {how}", hint="remove that file, and run the command again")
    return packed.sha256


def _artifacts(world: World, releases: Iterable[Release], cargo: Cargo) -> None:
    from manager.app.catalogs import ARTIFACTS
    from manager.world.artifacts import obtained

    for name in systems_of(world, releases):
        for one in world.catalog.system(name).artifacts:
            path = obtained(one, world.settings.cache_dir / ARTIFACTS, cargo.say, reach(world))
            cargo.add("artifact", one.sha256, path, one.sha256)


def _npm(world: World, releases: Iterable[Release], cargo: Cargo) -> None:
    """Take in what npm's cache has of the releases' locks, and of nobody else's packages."""
    from manager.world import npm_cache

    locks = [lock for one in releases if one.ide_from == "npm" and (lock := one.lock("npm"))]
    texts = [Path(one.path).read_text(encoding="utf-8") for one in locks]
    found, lacking = npm_cache.files(archiving.archive(world).folder / "npm", texts)
    for name, content in sorted(found.items()):
        cargo.add("npm", name, content)
    if lacking:
        cargo.notes.append(f"npm's archives have not all been kept here: {few(list(lacking), _NAMED)} are not carried")


def _catalog(root: Path, cargo: Cargo) -> tuple[str, ...]:
    """Take in the files of the catalog, and nothing that only lies beside them; give those that can be run."""
    from manager.world.files.tracked import tracked

    programs, foreign = [], []
    mine = tracked(root, CATALOG[0])
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        # The shipped catalog lies beside a program, and a catalog of one's own in git.
        if parts[0] not in CATALOG or not path.is_file() or "__pycache__" in parts:
            continue
        name = "/".join(parts)
        hidden = any(one.startswith(".") for one in parts)
        if not may_carry(name) or (hidden if mine is None else name not in mine):
            foreign.append(name)
            continue
        if path.is_symlink() or path.stat().st_size > _LARGEST:
            why = "a link" if path.is_symlink() else "too large"
            cargo.notes.append(f"{name} of the catalog is left out: it is {why}")
            continue
        cargo.add("catalog", name, path.read_bytes())
        if path.stat().st_mode & 0o100:
            programs.append(name)
    if foreign:
        why = "hidden" if mine is None else "not tracked by git"
        cargo.notes.append(f"left out of the catalog, because it is {why}: {few(foreign, _NAMED)}")
    return tuple(programs)


def _kept_inside(world: World, releases: Iterable[Release]) -> list[str]:
    """Say what may not be given away: the bundle carries it."""
    wanted = {name for release in releases for name in release.connectors}
    own = [one.id for one in world.catalog.connectors if one.id in wanted and not one.redistributable]
    own += [one.name for name in systems_of(world, releases) for one in world.catalog.system(name).artifacts]
    if not own:
        return []
    what = few(list(dict.fromkeys(own)), _NAMED)
    return [f"it has what its makers do not let you pass on: {what}; it stays with you"]
