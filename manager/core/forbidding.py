"""Driver versions that a catalog forbids: which quarantines stand, and what is forbidden in locks and builds by them.

Asked only where a catalog has a quarantine of a version: reading versions is slow to load.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core import versions
from manager.core.catalog import canonical_name
from manager.core.driver_decisions import Forbidden
from manager.core.holds import order
from manager.core.observed import OVER, BuildStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from packaging.specifiers import Specifier
    from packaging.version import Version

    from manager.core.catalog import Catalog, Lock, Release
    from manager.core.components import Component
    from manager.core.driver_decisions import DriverDecision
    from manager.core.observed import Build
    from manager.core.wanted import Wanted

# The opposite of each sign; what has several signs has none that one requirement could say.
_OTHERWISE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
# The locks that Python packages come from, as builds name what they were made from.
_LOCKS = ("ide lock", "kernel lock")


def standing(decisions: Iterable[DriverDecision], day: date) -> tuple[DriverDecision, ...]:
    """Give the quarantines of versions that were made by a day and not lifted since, in the order of their making."""
    found: list[DriverDecision] = []
    for one in sorted(decisions, key=order):
        if one.day > day:
            continue
        if one.kind == "quarantine":
            found.append(one)
        elif one.kind == "unquarantine":
            found = [each for each in found if not lifts(one, each)]
    return tuple(found)


def forbids(one: DriverDecision, dist: str, version: str) -> bool:
    """Say whether a quarantine is about a version; what cannot be compared rather is than not.

    PEP 440 leaves out of ``<3.3.10`` the pre-releases of 3.3.10, and of ``>3.3.9`` the post-releases of 3.3.9: for who
    asks for a version that is good, for a danger it is not. They are inside here, as they are ordered.
    """
    if canonical_name(one.dist) != canonical_name(dist):
        return False
    asked, known = versions.range_of(one.version), versions.read(version)
    return asked is None or known is None or all(_meets(each, known) for each in asked)


def is_asked(one: DriverDecision, asked: Wanted) -> bool:
    """Say whether a package that is asked about, with a range or without, may be what a quarantine is about."""
    if canonical_name(one.dist) not in asked.names:
        return False
    ranges = (*(versions.range_of(one.version) or ()), *(asked.specifier or ()))
    bounds = ["0", *([asked.version] if asked.version else ()), *(each.version.removesuffix(".*") for each in ranges)]
    # Where two ranges meet, they do so at a bound of theirs, or just above one.
    samples = (bound + above for bound in bounds for above in ("", ".0.0.1"))
    return any(asked.matches(each) and forbids(one, one.dist, each) for each in samples)


def _meets(asked: Specifier, known: Version) -> bool:
    bound = versions.read(asked.version)
    if asked.operator == "<" and bound is not None:
        return known < bound
    if asked.operator == ">" and bound is not None:
        # A local version is the same release, built by somebody else.
        return (versions.read(known.public) or known) > bound
    return asked.contains(known, prereleases=True)


def forbidding(found: Iterable[DriverDecision], dist: str, version: str) -> DriverDecision | None:
    """Give the first of the quarantines that stand that is about a version."""
    return next((one for one in found if forbids(one, dist, version)), None)


def forbidden(found: Iterable[DriverDecision], pins: Iterable[tuple[str, str]]) -> tuple[Forbidden, ...]:
    """Give what is forbidden of distributions and their versions, each once."""
    found = tuple(found)
    hits = ((dist, version, forbidding(found, dist, version)) for dist, version in pins)
    return tuple(dict.fromkeys(Forbidden(dist, version, by) for dist, version, by in hits if by))


def inside(
    found: Iterable[DriverDecision], containing: Callable[[str], Iterable[tuple[str, Component]]]
) -> dict[str, tuple[Forbidden, ...]]:
    """Give what is forbidden in builds, by digest: by what was read inside each, the IDE's packages too.

    ``containing`` gives the digests of builds that have a package, with that.
    """
    found = tuple(found)
    there: dict[str, set[tuple[str, str]]] = {}
    for dist in dict.fromkeys(canonical_name(one.dist) for one in found):
        for digest, component in containing(dist):
            if component.ecosystem == "python":
                there.setdefault(digest, set()).add((component.name, component.version))
    judged = {digest: forbidden(found, sorted(pins)) for digest, pins in there.items()}
    return {digest: hits for digest, hits in judged.items() if hits}


def barred(
    builds: Iterable[Build],
    found: Iterable[DriverDecision],
    hits: Mapping[str, tuple[Forbidden, ...]],
    listed: frozenset[str],
    locks: Mapping[str, tuple[Forbidden, ...]],
) -> tuple[Build, ...]:
    """Give builds with those quarantined that have inside what quarantines that stand forbid, or may have it.

    ``hits`` are by the build's digest. Where nobody has read what is inside (``listed`` are those where somebody did),
    the locks count that it was made from: ``locks`` are what is forbidden in each lock that there is, by its digest.
    Where such a lock has moved on, nothing is known, and everything may be inside.
    """
    unknown = tuple(dict.fromkeys(Forbidden(canonical_name(one.dist), "", one) for one in found))

    def unread(build: Build) -> tuple[Forbidden, ...]:
        mine = [digest for name, digest in build.inputs if name in _LOCKS]
        pinned = tuple(dict.fromkeys(one for digest in mine for one in locks.get(digest, ())))
        return pinned or (() if all(digest in locks for digest in mine) else unknown)

    def judged(build: Build) -> Build:
        found = hits.get(build.digest, ()) if build.digest in listed else unread(build)
        if not found or build.status in OVER:
            return build
        if build.status is BuildStatus.QUARANTINED:
            return replace(build, forbidden=found)
        why = "; ".join(map(str, found))
        return replace(build, status=BuildStatus.QUARANTINED, reason=why, forbidden=found)

    return tuple(map(judged, builds))


def of_locks(catalog: Catalog) -> dict[str, tuple[Forbidden, ...]]:
    """Give what is forbidden in each lock of a catalog whose locks are marked, by the lock's digest."""
    return {lock.digest: lock.forbidden for one in catalog.releases for lock in (*one.locks, *one.inherited)}


def avoiding(found: Iterable[DriverDecision]) -> tuple[str, ...]:
    """Give quarantines as requirements that keep out what they forbid, as far as one requirement can say it."""
    said = []
    for one in found:
        asked = list(versions.range_of(one.version) or ())
        if len(asked) == 1 and asked[0].operator in _OTHERWISE:
            said.append(f"{canonical_name(one.dist)}{_OTHERWISE[asked[0].operator]}{asked[0].version}")
    return tuple(dict.fromkeys(said))


def marked(catalog: Catalog, pins: Callable[[Lock], Iterable[tuple[str, str]]], day: date) -> Catalog:
    """Give a catalog whose locks say what is forbidden in them on a day; ``pins`` reads a lock."""
    found = standing(catalog.driver_decisions, day)
    if not found:
        return catalog
    judged: dict[str, tuple[Forbidden, ...]] = {}

    def lock(one: Lock) -> Lock:
        if one.digest not in judged:
            judged[one.digest] = forbidden(found, pins(one))
        return replace(one, forbidden=judged[one.digest])

    def release(one: Release) -> Release:
        return replace(one, locks=tuple(map(lock, one.locks)), inherited=tuple(map(lock, one.inherited)))

    families = tuple(replace(one, releases=tuple(map(release, one.releases))) for one in catalog.families)
    return replace(catalog, families=families)


def lifts(one: DriverDecision, quarantine: DriverDecision) -> bool:
    """Say whether a decision lifts a quarantine: of the same connector and distribution, and of what it names."""
    same = one.subject == quarantine.subject and canonical_name(one.dist) == canonical_name(quarantine.dist)
    return same and (not one.version or versions.range_of(one.version) == versions.range_of(quarantine.version))
