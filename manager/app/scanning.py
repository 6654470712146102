"""Looks at what no Solvent made: containers and images. Nothing is started, run, pulled or written to."""

from __future__ import annotations

import posixpath
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager.core import traces
from manager.core.adoption import Unmanaged, hint_of, realm_of, unmanaged, unmanaged_of
from manager.core.amounts import many
from manager.core.catalog import did_you_mean
from manager.core.observed import Silent
from manager.core.scans import Scan, Scanned, Unread, joined, rules_for, without
from manager.errors import Failed, ManagerError, Refused, Unreachable, UsageError
from manager.world import filesystems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.app.world import World
    from manager.core.observed import Container, Image, Observed
    from manager.core.scans import Change

# Reading one file costs the engine as much as some megabytes of the whole file system.
_FEW = 300
# Engines compare a container with its image by walking through both, one container a thread.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Survey:
    """What a scan found, by kind and name, and what a reader has to know besides."""

    found: tuple[Unmanaged, ...]
    notes: tuple[str, ...] = ()


def scanned(world: World, names: tuple[str, ...], *, known_only: bool) -> Iterator[str | Survey]:
    """Look at the named containers and images, or at all of them.

    Gives sentences of progress, and at last the Survey. With ``known_only`` nothing is opened: what earlier scans
    found stands. Raises Unreachable without an engine, UsageError for a name that there is not.
    """
    observed = world.observe()
    if isinstance(observed.engine, Silent):
        raise Unreachable(f"{observed.engine.what} cannot be reached", why=observed.engine.reason)
    reader = _Reader(world, observed)
    mine = _chosen([*unmanaged(observed), *_images(world, observed)], names)
    done = tuple(map(reader.known, mine))
    if not known_only:
        for one in reader.unread_images(mine):
            yield f"reading image {one.image or one.name}"
            reader.learn(one.digest)
        yield f"comparing {len(mine)} containers and images"
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="scan") as several:
            done = tuple(several.map(reader.read, mine))
    yield Survey(done, (*reader.notes, *_realms(world, observed)))


def known(world: World, foreign: Iterable[Container]) -> tuple[Unmanaged, ...]:
    """Give containers that no Solvent made with what earlier scans found in them; nothing is opened."""
    there = tuple(foreign)
    if not there:
        return ()
    rules = rules_for(drivers(world))
    try:
        scans = {one.subject: one.scan for one in world.store.scans() if one.rules == rules}
        builds = world.store.builds()
    except Unreachable:
        scans, builds = {}, ()
    return tuple(replace(one, scan=scans.get(one.id)) for one in unmanaged_of(there, builds))


def read(world: World, observed: Observed, one: Unmanaged) -> Unmanaged:
    """Give a container or an image with what its bytes say, which is remembered."""
    return _Reader(world, observed).read(one)


def drivers(world: World) -> dict[str, str]:
    """Give the catalog's connectors by the normalised names of their drivers."""
    named = ((one.id, driver.dist) for one in world.catalog.connectors for driver in one.drivers)
    return traces.drivers_of(named)


class _Reader:
    """Reads file systems through the engine, each image once: what its bytes say is remembered."""

    def __init__(self, world: World, observed: Observed) -> None:
        self._world = world
        self._drivers = drivers(world)
        self._rules = rules_for(self._drivers)
        self._observed = observed
        self._failed: dict[str, ManagerError] = {}
        self.notes: tuple[str, ...] = ()
        kept: tuple[Scanned, ...] = ()
        if isinstance(observed.records, Silent):
            self.notes = (f"what is found is not remembered: {observed.records.reason}",)
        else:
            kept = world.store.scans()
        self._known = {one.subject: one.scan for one in kept if one.rules == self._rules}

    def unread_images(self, found: Iterable[Unmanaged]) -> tuple[Unmanaged, ...]:
        """Give one of what stands on each image whose bytes nobody has read yet."""
        there = {image.digest for image in self._world.engine.images({})}
        first: dict[str, Unmanaged] = {}
        for one in found:
            if one.digest in there and one.digest not in self._known:
                first.setdefault(one.digest, one)
        return tuple(first.values())

    def learn(self, digest: str) -> None:
        """Read an image, before several containers on it are read at once; a failure is told of each of them."""
        try:
            self._image(digest)
        except (Failed, UsageError, Refused) as error:
            self._failed[digest] = error

    def known(self, one: Unmanaged) -> Unmanaged:
        """Give it with what is remembered of it."""
        return replace(one, scan=self._known.get(one.id))

    def read(self, one: Unmanaged) -> Unmanaged:
        """Give it with what its bytes say; what the engine does not give is a place that was not read."""
        try:
            scan = self._image(one.digest) if one.kind == "image" else self._container(one)
        except Unreachable:
            raise
        except ManagerError as error:
            why = error.sentence
            return replace(one, scan=Scan(unread=(Unread("/", why),)))
        found = self._looked_up(one)
        return replace(found, scan=scan)

    def _looked_up(self, one: Unmanaged) -> Unmanaged:
        """Give a container's ports as its inspection knows them; a list leaves out those of a stopped one."""
        there = self._world.engine.container(one.id) if one.kind == "container" else None
        return replace(one, published=there.published) if there is not None else one

    def _image(self, digest: str) -> Scan:
        if digest in self._failed:
            raise self._failed[digest]
        scan = self._known.get(digest)
        if scan is None:
            scan = filesystems.image(self._world.engine.save(digest), self._drivers)
            self._keep(digest, scan)
        return scan

    def _container(self, one: Unmanaged) -> Scan:
        """Read a container's image, and what differs in the container; the whole of it where its image is gone."""
        engine = self._world.engine
        changes = engine.changes(one.id)
        wanted = [each for each in changes if traces.limit(each.path, self._drivers)[0]]
        changed = [each.path for each in wanted if each.kind != "deleted"]
        if engine.image(one.digest) is None or len(changed) > _FEW:
            scan = filesystems.tree(engine.archive(one.id), self._drivers)
        else:
            scan = without(self._image(one.digest), _gone(changes, changed))
            for path in changed:
                scan = joined(scan, self._file(one.id, path))
        places = (Unread(mount.target, _closed(mount.kind, mount.source)) for mount in one.mounts)
        scan = joined(scan, Scan(unread=tuple(places)))
        self._keep(one.id, scan)
        return scan

    def _file(self, container: str, path: str) -> Scan:
        try:
            chunks = self._world.engine.archive(container, path)
            return filesystems.tree(chunks, self._drivers, posixpath.dirname(path))
        except (Failed, UsageError) as error:
            return Scan(unread=(Unread(path, error.message),))

    def _keep(self, subject: str, scan: Scan) -> None:
        self._known[subject] = scan
        if not isinstance(self._observed.records, Silent):
            self._world.store.keep_scan(Scanned(subject, self._rules, self._world.clock.now(), scan))


def _gone(changes: tuple[Change, ...], changed: list[str]) -> list[str]:
    return [*(one.path for one in changes if one.kind == "deleted"), *changed]


def _closed(kind: str, source: str) -> str:
    what = f"volume {source[:40]}" if kind == "volume" else f"host folder {source}"
    return f"{what} holds somebody's files and is not opened"


def _images(world: World, observed: Observed) -> list[Unmanaged]:
    """Give the images that no Solvent made: neither remembered as a build nor called as ours are."""
    known = {build.digest for build in observed.builds}
    return sorted(
        (of_image(one) for one in world.engine.images({}) if one.digest not in known and not _named_by_realm(one)),
        key=lambda one: one.name,
    )


def _named_by_realm(image: Image) -> bool:
    """Say whether an image is called as the realm of its labels calls its own; a frame of a build has no name yet."""
    realm = realm_of(image.labels)
    return bool(realm) and (not image.references or any(one.startswith(f"{realm}/") for one in image.references))


def of_image(image: Image) -> Unmanaged:
    """Give an image as what no Solvent made, unread."""
    name = image.references[0] if image.references else image.digest.removeprefix("sha256:")[:12]
    return Unmanaged(
        kind="image",
        name=name,
        id=image.digest,
        state="present",
        image=", ".join(image.references),
        digest=image.digest,
        created=image.created,
        hint=hint_of("", image.labels),
    )


def _chosen(found: list[Unmanaged], names: tuple[str, ...]) -> list[Unmanaged]:
    """Keep what is named: by a container's name or id, an image's reference or digest. UsageError for what is not."""
    if not names:
        return found
    chosen = []
    for name in names:
        mine = [one for one in found if _goes_by(one, name)]
        if not mine:
            hint = did_you_mean(name, [one.name for one in found])
            raise UsageError(f"nothing named {name!r} is there that Solvent did not make", hint=hint)
        chosen += mine
    return list(dict.fromkeys(chosen))


def _goes_by(one: Unmanaged, name: str) -> bool:
    bare = one.id.removeprefix("sha256:")
    references = {one.name, one.id, *(one.image.split(", ") if one.kind == "image" else ())}
    return bool({name, f"{name}:latest"} & references) or (len(name) >= 12 and bare.startswith(name))


def _realms(world: World, observed: Observed) -> tuple[str, ...]:
    """Say which other realms have containers here: those are somebody's Solvent's, and no findings."""
    strangers = {one.id for one in observed.foreign}
    counts: dict[str, int] = {}
    for one in world.engine.containers({}):
        realm = realm_of(one.labels)
        if realm not in ("", world.names.realm) and one.id not in strangers:
            counts[realm] = counts.get(realm, 0) + 1
    return tuple(
        f"{many(count, 'container')} belong{'' if count > 1 else 's'} to Solvent in realm {realm}"
        for realm, count in sorted(counts.items())
    )
