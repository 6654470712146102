"""What an environment is to be upgraded to: a newer build of its release, or the release that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.copies import GOOD
from manager.core.gates import follow
from manager.core.lifecycle import Stage
from manager.core.observed import BuildStatus
from manager.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Build, Environment, Observed


@dataclass(frozen=True, slots=True)
class Owed:
    """An upgrade that an environment is owed: the release, the build where it is one of its own release, and why."""

    release: str
    version: str
    why: str

    def __str__(self) -> str:
        """Render for a person: ``build 20261120.1`` or ``jupyterlab:4.6-py3.13``."""
        return f"build {self.version}" if self.version else self.release


def owed(
    catalog: Catalog,
    known: Callable[[str], Build | None],
    channels: Mapping[str, str],
    one: Environment,
    today: date,
) -> Owed | None:
    """Say what an environment is owed, if anything.

    ``known`` gives a build by digest; ``channels`` are the stable ones, digests by release.

    A good build that its release's channel points to comes first, as that changes least; then the successor of a
    release that is on its way out. Only what may be upgraded to is owed.
    """
    release = catalog.named(one.release)
    if release is None:
        return None
    newer, present = known(channels.get(release.name, "")), known(one.digest)
    # A pin beats the channel, and no quarantine.
    stays = one.pin and not (present and present.status is BuildStatus.QUARANTINED)
    good = newer is not None and newer.status in GOOD and newer.digest != one.digest and not stays
    if newer and good and _open(catalog, release, one, today):
        return Owed(release.name, newer.version, f"build {newer.version} of {release.name} is promoted")
    stage = release.stage(today)
    successor = catalog.successor(release, today) if stage in (Stage.DEPRECATED, Stage.RETIRED) else None
    if successor is None or not _open(catalog, successor, one, today):
        return None
    verb = "retired on" if stage is Stage.RETIRED else "retires on"
    return Owed(successor.name, "", f"{release.name} {verb} {release.schedule.end_of_life}")


def _open(catalog: Catalog, release: Release, one: Environment, today: date) -> bool:
    """Say whether an environment may be upgraded to a release, by the one decision."""
    try:
        follow(catalog, release, one.release, one.name, today)
    except Refused:
        return False
    return True


def target(
    catalog: Catalog,
    known: Callable[[str], Build | None],
    channels: Mapping[str, str],
    one: Environment,
    to: str,
    today: date,
) -> tuple[Release, tuple[str, ...]] | None:
    """Give the release to upgrade to, with warnings; None where there is nothing newer.

    That is the one that is named (``to``), else that of the newer build, else the successor, whatever the stage.
    Raises UsageError for an unknown release, Refused for one that may not be upgraded to.
    """
    if to:
        release = catalog.release(to, today)
        return release, follow(catalog, release, one.release, one.name, today)
    present = catalog.named(one.release)
    if present is None:
        raise Refused(
            f"{one.release} of {one.name} is no longer in the catalog, so nobody says what follows it",
            hint=f"say it:  solvent env upgrade {one.name} --to RELEASE",
        )
    found = owed(catalog, known, channels, one, today)
    following = catalog.release(found.release, today) if found else catalog.successor(present, today)
    return (following, follow(catalog, following, one.release, one.name, today)) if following else None


def way_on(catalog: Catalog, observed: Observed, one: Environment, today: date) -> str:
    """Give the command that upgrades an environment; "" where there is nothing that it may be upgraded to."""
    try:
        found = target(catalog, observed.build, observed.stable, one, "", today)
    except Refused:
        return ""
    return f"solvent env upgrade {one.name}" if found else ""
