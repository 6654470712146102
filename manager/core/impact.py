"""Impact: who uses a release, one build of it, or a component in any family, and who has moved on already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.lifecycle import Stage
    from manager.core.observed import Build, Environment
    from manager.core.overrides import Override
    from manager.core.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: a release with all its builds or one ``version``, or a component wherever it is."""

    text: str
    release: str = ""
    version: str = ""
    wanted: Wanted | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """That an environment of an owner was on a release, and on which build where that is known."""

    owner: str
    environment: str
    release: str
    version: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Stray:
    """Something that no Solvent made and that has what is asked about: its name, whose it may be, and why it counts."""

    name: str
    owner: str
    what: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A release that has what is asked about; ``builds`` are those that have it, each with its environments."""

    release: Release
    stage: Stage
    successor: str
    builds: tuple[tuple[Build, int], ...]
    environments: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one owner still has, and what of theirs has moved: names with the release that they are on now.

    That release is empty for an environment that is gone.
    """

    owner: str
    remaining: tuple[Environment, ...]
    moved: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """Who is hit on a day. ``notes`` say what could not be told."""

    subject: str
    day: date
    hits: tuple[Hit, ...]
    shares: tuple[Share, ...]
    extensions: tuple[Override, ...] = ()
    strays: tuple[Stray, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def remaining(self) -> int:
        """Count the environments that are still on it."""
        return sum(len(one.remaining) for one in self.shares)

    @property
    def moved(self) -> int:
        """Count the environments that are not on it any more."""
        return sum(len(one.moved) for one in self.shares)


def impact(
    catalog: Catalog,
    environments: Iterable[Environment],
    builds: Iterable[Build],
    subject: Subject,
    today: date,
    *,
    inside: Mapping[str, tuple[str, ...]] | None = None,
    listed: frozenset[str] = frozenset(),
    earlier: Iterable[Once] = (),
    strays: tuple[Stray, ...] = (),
) -> Impact:
    """Say who is hit.

    ``inside`` gives the versions of the component by the digest of each build that has it, ``listed`` the digests of
    those whose components are known; for the others the release's own axes speak. ``earlier`` is where environments
    were before.
    """
    scope = _Scope(catalog, tuple(builds), subject, inside or {}, listed)
    found = tuple(environments)
    there = tuple(one for one in found if scope.has(one.release, one.version, one.digest))
    counted: dict[str, int] = defaultdict(int)
    by_release: dict[str, int] = defaultdict(int)
    for one in there:
        counted[one.digest] += 1
        by_release[one.release] += 1
    hits = tuple(
        Hit(
            release,
            release.stage(today),
            _successor(catalog, release, today),
            tuple((build, counted[build.digest]) for build in builds_of),
            by_release[release.name],
        )
        for release, builds_of in scope.releases()
        if builds_of or by_release[release.name] or scope.speaks_of(release)
    )
    named = {hit.release.name for hit in hits}
    extensions = tuple(one for one in catalog.overrides if one.kind == "extend" and one.holds(today))
    return Impact(
        subject.text,
        today,
        hits,
        _shares(found, there, scope, earlier),
        tuple(one for one in extensions if any(one.covers(name) for name in named)),
        strays,
        scope.notes(there),
    )


class _Scope:
    """Which builds and releases have what is asked about."""

    def __init__(
        self,
        catalog: Catalog,
        builds: tuple[Build, ...],
        subject: Subject,
        inside: Mapping[str, tuple[str, ...]],
        listed: frozenset[str],
    ) -> None:
        self._catalog, self._subject, self._listed = catalog, subject, listed
        self._builds: dict[str, list[Build]] = defaultdict(list)
        for one in builds:
            self._builds[one.release].append(one)
        wanted = subject.wanted
        self._inside = inside
        self._with = {digest for digest, versions in inside.items() if wanted and any(map(wanted.matches, versions))}
        self._axes = {one.name for one in catalog.releases if wanted and wanted.is_axis(catalog, one)}

    def has(self, release: str, version: str, digest: str) -> bool:
        """Say whether an environment or a build has it; a component list beats what a release says of itself."""
        if self._subject.wanted is None:
            return release == self._subject.release and self._subject.version in ("", version)
        return digest in self._with or release in self._axes

    def speaks_of(self, release: Release) -> bool:
        """Say whether a release is meant whatever was built of it."""
        return release.name == self._subject.release or release.name in self._axes

    def releases(self) -> Iterable[tuple[Release, tuple[Build, ...]]]:
        """Give every release of the catalog with its builds that have it."""
        for release in sorted(self._catalog.releases, key=lambda one: one.name):
            mine = self._builds.get(release.name, ())
            yield release, tuple(one for one in mine if one.digest and self.has(one.release, one.version, one.digest))

    def notes(self, there: tuple[Environment, ...]) -> tuple[str, ...]:
        """Say what could not be told: releases that the catalog lost, builds whose components nobody has listed."""
        known = {one.name for one in self._catalog.releases}
        said = []
        if lost := sorted({one.release for one in there} - known):
            said.append(f"no longer in the catalog: {', '.join(lost)}")
        if self._subject.wanted is not None and not self._axes:
            blind = [
                one for mine in self._builds.values() for one in mine if one.digest and one.digest not in self._listed
            ]
            if blind:
                said.append(f"nobody has listed the components of {len(blind)} builds, so they are left out")
            if not self._with:
                said.append(f"no release and no build has {self._subject.text}{self._others(self._subject.wanted)}")
        return tuple(said)

    def _others(self, wanted: Wanted) -> str:
        """Say which versions of a component there are instead: a wrong word is not to be taken for "nobody"."""
        from manager.core.debian_versions import debian_version

        there = wanted.known(self._catalog).union(*self._inside.values())
        return f"; there are {', '.join(sorted(there, key=debian_version))}" if there else ""


def _shares(
    found: tuple[Environment, ...], there: tuple[Environment, ...], scope: _Scope, earlier: Iterable[Once]
) -> tuple[Share, ...]:
    remaining: dict[str, list[Environment]] = defaultdict(list)
    for one in there:
        remaining[one.owner].append(one)
    staying = {(one.owner, one.name) for one in there}
    now = {(one.owner, one.name): one.release for one in found}
    moved: dict[str, dict[str, str]] = defaultdict(dict)
    for was in earlier:
        key = (was.owner, was.environment)
        if key not in staying and scope.has(was.release, was.version, was.digest):
            moved[was.owner][was.environment] = now.get(key, "")
    return tuple(
        Share(
            owner,
            tuple(sorted(remaining.get(owner, ()), key=lambda one: one.name)),
            tuple(sorted(moved.get(owner, {}).items())),
        )
        for owner in sorted(remaining.keys() | moved.keys())
    )


def _successor(catalog: Catalog, release: Release, today: date) -> str:
    one = catalog.successor(release, today)
    return one.name if one else ""


def to_json(found: Impact) -> dict[str, Any]:
    """Give ``impact`` of schema 1."""
    return {
        "subject": found.subject,
        "as_of": found.day.isoformat(),
        "totals": {"owners": len(found.shares), "remaining": found.remaining, "moved": found.moved},
        "releases": [
            {
                "release": hit.release.name,
                "stage": hit.stage.value,
                "end_of_life": hit.release.schedule.end_of_life.isoformat(),
                "successor": hit.successor or None,
                "environments": hit.environments,
                "builds": [
                    {"version": one.version, "digest": one.digest, "status": one.status.value, "environments": number}
                    for one, number in hit.builds
                ],
            }
            for hit in found.hits
        ],
        "owners": [
            {
                "owner": share.owner,
                "remaining": [
                    {"environment": one.name, "release": one.release, "build": one.version, "state": one.state}
                    for one in share.remaining
                ],
                "moved": [{"environment": name, "to": to or None} for name, to in share.moved],
            }
            for share in found.shares
        ],
        "extensions": [
            {"subject": one.subject, "until": str(one.until), "reason": one.reason, "by": one.by}
            for one in found.extensions
        ],
        "unmanaged": [{"name": one.name, "owner": one.owner or None, "what": one.what} for one in found.strays],
        "notes": list(found.notes),
    }
