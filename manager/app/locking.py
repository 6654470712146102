"""Resolves locks by one rule for every command: pins stay, and no lock takes a version of a driver too early."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import carried
from manager.core.amounts import many
from manager.core.catalog import canonical_name
from manager.core.editions import editions
from manager.core.forbidding import avoiding, forbidden, standing
from manager.core.ingredients import ide_requirements, kernel_requirements
from manager.core.lock_changes import moves
from manager.core.locks import parse
from manager.core.sets import indexes
from manager.errors import Unsolved

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from manager.app.world import World
    from manager.core.catalog import LockKind, Release
    from manager.core.lock_changes import Move
    from manager.core.reach import Reach

    Say = Callable[[str], None]

# How often a set is resolved again because it took what it may not take.
_AT_MOST = 20
# What is said on one line is not longer than this.
_LONG = 600
# What uv says besides, after its reason.
_HINTS = re.compile(r"\n\s*hint: .*", re.DOTALL)
# With what uv draws the tree of its reason.
_DRAWN = re.compile("[\u2500-\u257f\u25b6\u00d7]")


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a lock would be: its text, that of before, what moves, and sentences about versions that were not taken."""

    text: str
    previous: str
    moves: tuple[Move, ...]
    notes: tuple[str, ...] = ()


def previous(release: Release, kind: LockKind, path: Path) -> str:
    """Give the text that a lock begins with: its own, else that of the release that it extends; "" for none."""
    inherited = (Path(one.path) for one in release.inherited if one.kind == kind)
    return next((one.read_text(encoding="utf-8") for one in (path, *inherited) if one.exists()), "")


def resolved(
    world: World, release: Release, kind: LockKind, path: Path, upgrade: Collection[str], say: Say
) -> Resolved:
    """Resolve the IDE lock or the kernel lock of a release, keeping the pins that are there but for ``upgrade``.

    No driver moves to a version that cools down, that is held or quarantined. Raises Unsolved with uv's reason,
    Unreachable where the index does not answer.
    """
    return Locking(world, release, kind, path, upgrade, say).solve(release.connectors)


class Locking:
    """One lock in the making; what the index said of drivers is remembered between its tries."""

    def __init__(
        self, world: World, release: Release, kind: LockKind, path: Path, upgrade: Collection[str], say: Say
    ) -> None:
        self._world, self._release, self._kind, self._say = world, release, kind, say
        self._upgrade = tuple(upgrade)
        self._named = {canonical_name(one) for one in upgrade}
        self._previous = previous(release, kind, path)
        self.pinned = {pin.name: pin.version for pin in parse(self._previous, str(path))} if self._previous else {}
        # Why no lock takes a version, by the requirement that bars it; and what named drivers are to be at best.
        self._barred: dict[str, str] = {}
        self._targets: dict[str, str] = {}
        self._hurting: dict[str, str] = {}
        self._judged: set[str] = set()
        # What is quarantined, as far as one requirement can say it.
        self._bans = standing(world.catalog.driver_decisions, world.today)
        self._bounds = avoiding(self._bans)
        # Of which distributions the index said what it has of those.
        self._asked: set[str] = set()

    def solve(self, connectors: tuple[str, ...]) -> Resolved:
        """Resolve the lock with some of the release's connectors; raises as :func:`resolved`."""
        self._judge(self._named)
        found = self._fitting(connectors, ())
        wishes: list[str] = []
        notes: list[str] = []
        # The resolver would rather leave a driver behind than move a pin that it keeps.
        for name in sorted(self._named & self._targets.keys()):
            there = {pin.version for pin in parse(found.text) if pin.name == name}
            if there - {self._targets[name]}:
                wish = f"{name}=={self._targets[name]}"
                try:
                    found = self._fitting(connectors, (*wishes, wish))
                    wishes.append(wish)
                except Unsolved as error:
                    notes.append(f"{wish.replace('==', ' ')} is not taken: {sentence(error.why)}")
        taken = dict.fromkeys(f"{pin.name}=={pin.version}" for pin in parse(found.text))
        notes += [self._hurting[one] for one in taken if one in self._hurting]
        return replace(found, notes=(*self._untaken(), *notes))

    def exactly(self, wishes: tuple[str, ...]) -> Resolved:
        """Resolve the lock with versions that somebody names (``psycopg==3.3.9``), whether or not one may be taken.

        For a set that is to be looked at: what cools down or is held bars nothing here, what is quarantined does.
        """
        via: dict[str, set[str]] = {}
        try:
            text = self._tried(self._release.connectors, (*self._bounds, *wishes), via)
        except Unsolved as error:
            raise self._said(error) from None
        return Resolved(text, self._previous, moves(self._previous, text, self._release.python, self._named, via))

    def unbarred(self, connectors: tuple[str, ...]) -> str:
        """Say why the lock has no solution with some connectors by what packages ask for alone, "" if it has one.

        What people decided and what cools down bars nothing here; a version that is for nobody here stays out.
        """
        try:
            self._tried(connectors, tuple(bar for bar, why in self._barred.items() if not why), {})
        except Unsolved as error:
            return error.why
        return ""

    def _fitting(self, connectors: tuple[str, ...], wishes: tuple[str, ...]) -> Resolved:
        """Resolve until nothing is taken that may not be."""
        release = self._release
        for _ in range(_AT_MOST):
            via: dict[str, set[str]] = {}
            bars = (*self._bounds, *self._barred, *wishes)
            try:
                text = self._tried(connectors, bars, via)
            except Unsolved as error:
                raise self._said(error) from None
            found = moves(self._previous, text, release.python, self._named, via)
            if not self._violated(text, {one.distribution for one in found if one.after}):
                return Resolved(text, self._previous, found)
        raise self._said(Unsolved(f"{release.name} finds no set without what may not be taken", why=", ".join(bars)))

    def _tried(self, connectors: tuple[str, ...], bars: tuple[str, ...], via: dict[str, set[str]]) -> str:
        """Resolve once, and give the lock's text."""
        catalog, release = self._world.catalog, replace(self._release, connectors=connectors)
        kernel = self._kind == "kernel"
        wanted = kernel_requirements(catalog, release) if kernel else ide_requirements(release)
        own = indexes(catalog.sets_of(release)) if kernel else {}
        self._say(f"resolving {many(len(wanted), 'requirement')}")
        return carried.resolved(self._world, own, partial(self._lock, wanted, bars, via), self._say)

    def _lock(
        self,
        wanted: tuple[str, ...],
        bars: tuple[str, ...],
        via: dict[str, set[str]],
        places: Mapping[str, str],
        way: Reach,
    ) -> str:
        from manager.world.resolver import lock

        python = self._release.python
        return lock(wanted, python, self._previous, self._upgrade, self._say, places, way, bars, via)

    def _violated(self, text: str, moved: set[str]) -> bool:
        """Judge what a lock holds that was not judged before; say whether some of it may not be taken."""
        known = len(self._barred)
        pins = [(pin.name, pin.version) for pin in parse(text)]
        hits = forbidden(self._bans, pins)
        for one in hits:
            self._barred[f"{one.dist}!={one.version}"] = str(one)
        self._ban({one.dist for one in hits} - self._asked)
        self._judge(moved)
        barred = len(self._barred) > known and any(f"{name}!={version}" in self._barred for name, version in pins)
        return bool(hits) or barred

    def _ban(self, names: set[str]) -> None:
        """Keep out all quarantined versions that the index has: one after the other would take as many resolutions."""
        from manager.app.watch import opened

        self._asked |= names
        for name, told in opened(self._world).distributions(sorted(names)).items() if names else ():
            having = ((name, str(one.version)) for one in editions(told.files))
            self._bounds += tuple(f"{one.dist}!={one.version}" for one in forbidden(self._bans, having))

    def _judge(self, moved: set[str]) -> None:
        """Ask the index about drivers that move, and bar the versions of them that no lock takes."""
        from manager.app import takeable

        asked = moved & takeable.own(self._world, self._release) - self._judged if self._kind == "kernel" else set()
        self._judged |= asked
        if asked:
            self._say("asking about " + ", ".join(sorted(asked)))
            found = takeable.takeable(
                self._world, self._release, {name: self.pinned.get(name, "") for name in sorted(asked)}
            )
            self._barred |= found.bars
            self._targets |= found.targets
            self._hurting |= found.hurting

    def _said(self, error: Unsolved) -> Unsolved:
        """Say with uv's reason which versions were kept from it, as far as it names them, and the way out of that."""
        from manager.app import takeable

        named = {bar.partition("!=")[0]: why for bar, why in self._barred.items() if why and _names(error.why, bar)}
        kept = [why for bar, why in self._barred.items() if why and bar.partition("!=")[0] in named]
        bans = [one for one in self._bans if _names(error.why, canonical_name(one.dist))]
        said = [one.words for one in bans]
        having = [
            name
            for name in self._release.connectors
            if named.keys() & takeable.own(self._world, replace(self._release, connectors=(name,)))
        ]
        ways = [
            *(f"the way out of {one.advisory}:  {one.command}" for one in bans),
            *(f"what keeps it from moving:  solvent connector explain {name}" for name in having),
        ]
        hint = "\n".join(filter(None, (*ways, error.hint)))
        return Unsolved(error.message, why="\n".join([error.why, *kept, *said]), hint=hint, where=error.where)

    def _untaken(self) -> tuple[str, ...]:
        """Say which versions of what was to move were not taken, and why."""
        return tuple(why for bar, why in self._barred.items() if why and bar.partition("!=")[0] in self._named)


def _names(reason: str, bar: str) -> bool:
    """Say whether a reason names the distribution of a bar, and no longer name that begins or ends like it."""
    return re.search(rf"(?<![\w.-]){re.escape(bar.partition('!=')[0])}(?![\w-])", reason) is not None


def sentence(reason: str) -> str:
    """Put uv's reason on one line, without the tree that it draws; of a long one its conclusion."""
    words = " ".join(_DRAWN.sub(" ", _HINTS.sub("", reason)).split())
    if len(words) <= _LONG:
        return words
    # uv argues from the bottom up, and the last step names what was asked for.
    last = max(words.rfind(start) for start in ("And because ", "Because "))
    return words[last:][-_LONG:]
