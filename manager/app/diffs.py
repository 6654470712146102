"""Compares the packages of two builds, and writes what a promotion changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import contents
from manager.app.content_views import DiffView, Side
from manager.core.build_names import build_named, no_build, split
from manager.core.ingredients import reasons
from manager.core.observed import Silent
from manager.core.package_diff import compare
from manager.core.release_notes import Promotion, notes
from manager.errors import ManagerError, Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.build_actions import MoveChannel
    from manager.core.catalog import Release
    from manager.core.components import Component
    from manager.core.observed import Build
    from manager.core.package_diff import PackageChange


def found(world: World, reference: str) -> tuple[Release, Build | None]:
    """Find a release, and its build, by ``FAMILY[:RELEASE][@VERSION]``; None where it has no build yet.

    Raises UsageError with a suggestion, and Unreachable for a database that cannot be read.
    """
    name, version = split(reference)
    release = world.catalog.release(name, world.today)
    observed = world.observe()
    if isinstance(observed.records, Silent):
        raise Unreachable(f"{observed.records.what} cannot be reached", why=observed.records.reason)
    return release, build_named(observed, release.name, version)


def built(world: World, reference: str) -> tuple[Release, Build]:
    """Find a release and its build, as :func:`found`; raises Refused where there is none yet."""
    release, build = found(world, reference)
    if build is None:
        raise no_build(release.name)
    return release, build


def compared(world: World, before: str, after: str) -> DiffView:
    """Compare two builds by what is inside them.

    A release without a build is compared by its locks, and then only the Python packages of both are. Raises Failed
    where what is inside a build was never read and its bytes are missing.
    """
    (first, old), (second, new) = found(world, before), found(world, after)
    sides = _inside(world, first, old), _inside(world, second, new)
    said: tuple[str, ...] = ()
    if old is None or new is None:
        sides = (
            tuple(one for one in sides[0] if one.ecosystem == "python"),
            tuple(one for one in sides[1] if one.ecosystem == "python"),
        )
        without = (release.name for release, build in ((first, old), (second, new)) if build is None)
        said = (f"{' and '.join(without)}: not built yet, so only the Python packages of the locks are compared",)
    return DiffView(_side(first, old), _side(second, new), compare(*sides), said)


def promotion_notes(world: World, release: Release, build: Build, before: Build | None) -> str:
    """Write what changes from one build to the next; what cannot be read is said in the notes."""
    changes: tuple[PackageChange, ...] = ()
    unread = ""
    if before is not None:
        try:
            changes = compare(contents.of(world, before), contents.of(world, build))
        except ManagerError as error:
            unread = error.message
    catalog = world.catalog
    drivers = tuple(dist for name in release.connectors for dist in catalog.connector(name).distributions)
    why = reasons(build.inputs, before.inputs) if before is not None else ()
    return notes(Promotion(build, before, changes, why, drivers, unread))


def write_notes(world: World, action: MoveChannel, digest: str) -> None:
    """Keep the notes of a build that is promoted in the place of the one that the channel pointed to.

    Notes that are there stay, and a channel that moves back to a build has no news of it.
    """
    if action.leaving or world.store.notes(digest):
        return
    builds = {one.digest: one for one in world.store.builds(action.release)}
    release = world.catalog.release(action.release, world.today)
    text = promotion_notes(world, release, builds[digest], builds.get(action.expected))
    world.store.keep_notes(digest, text)


def notes_of(world: World, reference: str) -> str:
    """Give the notes of a build; of one that was promoted before notes were kept, written now against the one before.

    Raises Refused for a release without a build.
    """
    release, build = built(world, reference)
    known = world.store.notes(build.digest)
    if known:
        return known
    made = [one for one in world.observe().made(release.name) if one.digest]
    place = next(number for number, one in enumerate(made) if one.digest == build.digest)
    return promotion_notes(world, release, build, made[place - 1] if place else None)


def _inside(world: World, release: Release, build: Build | None) -> tuple[Component, ...]:
    return contents.of(world, build) if build is not None else contents.locked(release)


def _side(release: Release, build: Build | None) -> Side:
    return Side(release.name, build.version, build.digest) if build is not None else Side(release.name)
