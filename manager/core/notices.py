"""Notices: who is told that a release ends, when, and that nobody is told the same thing twice.

A notice is known by its release, the owner it is for, its milestone (days before the end of life) and the revision of
the schedule that it speaks of. Written once it is never due again, whatever the clock says.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.endings import Ending, ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Container, Environment


@dataclass(frozen=True, slots=True)
class Notice:
    """What one owner is told of one release.

    ``milestone`` is in days before the end; ``day`` is when it was written, which is later where nobody looked on the
    milestone's own day. ``environments`` are the owner's on the release, ``strangers`` containers that no Solvent made
    and that run an adopted image.
    """

    ending: Ending
    owner: str
    milestone: int
    revision: str
    day: date
    environments: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    @property
    def release(self) -> str:
        """Give the release's full name."""
        return self.ending.release

    @property
    def id(self) -> str:
        """Give what every sink knows it by: the same for the same release, owner, milestone and revision."""
        known = "\x00".join((self.release, self.owner, str(self.milestone), self.revision))
        return hashlib.sha256(known.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Delivery:
    """That a notice is to reach a sink: how often it was tried, why it last failed, when it got there."""

    notice: str
    sink: str
    attempts: int = 0
    error: str = ""
    delivered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The milestone nearest to the end that an owner was told of, for one schedule of a release."""

    release: str
    owner: str
    revision: str
    milestone: int


def reached(release: Release, today: date) -> int | None:
    """Give the latest milestone of a release that a day has reached; None before the first one."""
    left = (release.schedule.end_of_life - today).days
    return min((one for one in release.policy.notices if left <= one), default=None)


def due(
    catalog: Catalog,
    environments: Iterable[Environment],
    told: Iterable[Told],
    today: date,
    revisions: Mapping[str, str],
    foreign: Iterable[Container] = (),
) -> tuple[Notice, ...]:
    """Give the notices that are due and were not written before, by release and owner.

    ``revisions`` name the announced schedule of each release; of one that was not announced nobody is told.
    ``foreign`` are containers that no Solvent made: those on an adopted image are that one's owner's matter.

    Of several missed milestones only the latest is due. One that is further from the end than what was told of the
    same schedule is not: the clock went back.
    """
    nearest: dict[tuple[str, str, str], int] = {}
    for one in told:
        key = (one.release, one.owner, one.revision)
        nearest[key] = min(one.milestone, nearest.get(key, one.milestone))
    users, others = by_release(environments), strangers(catalog, foreign)
    found = []
    for release in sorted(catalog.releases, key=lambda one: one.name):
        milestone = reached(release, today)
        mine, theirs = users.get(release.name, {}), others.get(release.name, {})
        if milestone is None or release.name not in revisions or not (mine or theirs):
            continue
        named, ends = revisions[release.name], ending(catalog, release, today)
        for owner in sorted({*mine, *theirs}):
            if milestone < nearest.get((release.name, owner, named), milestone + 1):
                names = (tuple(sorted(each.get(owner, ()))) for each in (mine, theirs))
                found.append(Notice(ends, owner, milestone, named, today, *names))
    return tuple(found)


def strangers(catalog: Catalog, foreign: Iterable[Container]) -> dict[str, dict[str, list[str]]]:
    """Give the containers on adopted images, by release and the owner whom its adoption names."""
    adopted = {one.adopted.digest: (one.name, one.adopted.owner) for one in catalog.releases if one.adopted}
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in foreign:
        if one.image in adopted:
            release, owner = adopted[one.image]
            found[release][owner].append(one.name)
    return found


def by_release(environments: Iterable[Environment]) -> dict[str, dict[str, list[str]]]:
    """Give the names of environments by release and owner."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in environments:
        found[one.release][one.owner].append(one.name)
    return found


def current(known: Iterable[Notice]) -> tuple[Notice, ...]:
    """Give the latest notice of each release and owner, of notices in the order of writing: older ones are settled."""
    latest = {(one.release, one.owner): one for one in known}
    return tuple(latest[key] for key in sorted(latest))
