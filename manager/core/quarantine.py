"""Quarantines that stand in the catalog: what they forbid, whatever the dates and the database say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.observed import OVER, BuildStatus
from manager.core.overrides import quarantined, quarantines
from manager.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Build, Observed
    from manager.core.overrides import Override


def barred(observed: Observed, overrides: Iterable[Override], day: date) -> Observed:
    """Give the world with the builds quarantined that the catalog forbids on a day."""
    builds = judged(observed.builds, overrides, day)
    return observed if builds is observed.builds else replace(observed, builds=builds)


def judged(builds: tuple[Build, ...], overrides: Iterable[Override], day: date) -> tuple[Build, ...]:
    """Give builds with those quarantined that the catalog forbids on a day, by digest or by release."""
    forbidding = quarantines(overrides, day)
    if not forbidding:
        return builds

    def status(build: Build) -> Build:
        found = forbidding.get(build.digest) or forbidding.get(build.release)
        if found is None or build.status in OVER:
            return build
        return replace(build, status=BuildStatus.QUARANTINED, reason=f"{found.reason} ({found.place})")

    return tuple(map(status, builds))


def allowed(catalog: Catalog, release: Release, today: date) -> None:
    """Raise Refused for a release that is quarantined today, with its successor in the hint."""
    found = quarantined(catalog.overrides, release.name, today)
    if found is None:
        return
    successor = catalog.successor(release, today)
    way = f"take its successor:  solvent env launch {successor.name}" if successor else ""
    raise Refused(
        f"{release.name} is quarantined{f' until {found.until}' if found.until else ''}: {found.reason}",
        why=f"{found.place}, decided by {found.by} on {found.day}",
        hint=way or "see what there is:  solvent image list",
        where=str(found.place),
    )
