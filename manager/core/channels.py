"""Channels: the build that a release gives, and those that its channel can go back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.catalog import did_you_mean
from manager.core.copies import GOOD
from manager.core.observed import BuildStatus
from manager.core.overrides import frozen
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.driver_decisions import Forbidden
    from manager.core.observed import Build, Observed
    from manager.core.overrides import Override

# Why a build is superseded that the channel was moved back from: it is not promoted again by itself.
ROLLED_BACK = "rolled back"


def good(observed: Observed, release: str) -> Iterator[Build]:
    """Give the builds of a release that once passed every check, newest first, wherever their bytes are."""
    return (one for one in reversed(observed.made(release)) if one.status in GOOD)


def launchable(observed: Observed, release: Release, *, candidate: bool = False) -> Build | None:
    """Give the build that a launch takes: the channel's; when that one is not good, the newest good one here.

    A quarantined build is never given. A good one whose bytes are missing gives None: it is made again rather
    than replaced by older bytes. With ``candidate``, the newest candidate comes first.
    """
    here = [build for build in reversed(observed.made(release.name)) if observed.present(build.digest)]
    if candidate:
        found = next((build for build in here if build.status is BuildStatus.CANDIDATE), None)
        if found is not None:
            return found
    pointed = observed.build(observed.channel(release.name))
    if pointed is not None and pointed.status in GOOD:
        return pointed if pointed in here else None
    return next((build for build in good(observed, release.name) if observed.present(build.digest)), None)


def named(observed: Observed, release: str, version: str) -> Build:
    """Find a build by release and version; raises UsageError with what there is."""
    made = {one.version: one for one in observed.made(release)}
    if version in made:
        return made[version]
    hint = did_you_mean(version, list(made)) or f"solvent image show {release}"
    raise UsageError(f"{release} has no build {version!r}", hint=hint)


def past_quarantine(build: Build) -> str:
    """Say how a release goes on whose build is quarantined: with other ingredients, or with the same ones after all."""
    if build.forbidden:
        unread = any(not one.version for one in build.forbidden)
        read = f"read what is inside, which may free it:  solvent image sbom {build.release}@{build.version}\n"
        return (read if unread else "") + out_of(build.release, build.forbidden)
    return (
        f"move the bad package:  solvent image lock {build.release} --upgrade PACKAGE\n"
        f"a false alarm:  solvent image unquarantine {build.release}@{build.version} --reason TEXT"
    )


def out_of(release: str, found: Iterable[Forbidden]) -> str:
    """Say how a release goes on that has quarantined versions: with others, or with the same ones after all."""
    lifts = "\n".join(f"a false alarm:  {way}" for way in dict.fromkeys(one.lift for one in found))
    return f"move what is quarantined:  solvent image lock {release}   and:  solvent image build {release}\n{lifts}"


def usable(build: Build) -> Build:
    """Give a build back that may run; raises Refused for one that is quarantined, failed, or given up."""
    if build.status is BuildStatus.QUARANTINED:
        raise Refused(
            f"build {build.version} of {build.release} is quarantined",
            why=build.reason,
            hint=past_quarantine(build),
        )
    if build.status is BuildStatus.TOMBSTONED:
        raise Refused(
            f"build {build.version} of {build.release} is tombstoned: its bytes were pruned",
            why=build.reason,
            hint=f"a rebuild is a new version:  solvent image build {build.release}",
        )
    if build.status is BuildStatus.FAILED:
        raise Refused(
            f"build {build.version} of {build.release} has failed", hint="solvent image build " + build.release
        )
    return build


def earlier(observed: Observed, release: str) -> tuple[Build, ...]:
    """Give the promoted builds before the one that the channel points to, newest first; all without such a one."""
    made = observed.made(release)
    pointed = observed.channel(release)
    place = next((number for number, one in enumerate(made) if one.digest == pointed), len(made))
    return tuple(one for one in reversed(made[:place]) if one.status in GOOD)


def returnable(observed: Observed, release: str) -> tuple[Build, ...]:
    """Give the builds that a rollback can go to, newest first: their bytes are here, or in a registry."""
    copied = {copy.digest for copy in observed.copies}
    pointed = observed.channel(release)
    others = (one for one in good(observed, release) if one.digest != pointed)
    return tuple(one for one in others if observed.present(one.digest) or one.digest in copied)


def fallback(observed: Observed, leaving: Build) -> Build | None:
    """Give the newest good build whose bytes are here, for a channel that must leave another one; None without any."""
    others = (one for one in good(observed, leaving.release) if one.digest != leaving.digest)
    return next((one for one in others if observed.present(one.digest)), None)


def half_moved(observed: Observed, release: str) -> Build | None:
    """Give the build that a channel was on its way to when the move was killed: it is not yet called promoted."""
    pointed = observed.build(observed.channel(release))
    return pointed if pointed is not None and pointed.status is BuildStatus.SUPERSEDED else None


def rolled_back(observed: Observed, build: Build) -> bool:
    """Say whether the channel was moved back from a build to one that is good and here."""
    pointed = observed.build(observed.channel(build.release))
    return (
        build.status is BuildStatus.SUPERSEDED
        and build.reason.startswith(ROLLED_BACK)
        and pointed is not None
        and pointed.status in GOOD
        and observed.present(pointed.digest)
    )


def waits(catalog: Catalog, observed: Observed, release: Release, today: date) -> Override | None:
    """Give the freeze that a release's promotions wait for; None where people have nothing to launch without one."""
    freeze = frozen(catalog.overrides, release.name, today)
    return freeze if freeze is not None and launchable(observed, release) is not None else None


def unfrozen(catalog: Catalog, observed: Observed, release: Release, today: date) -> None:
    """Raise Refused while a freeze keeps a release's channel where it is."""
    freeze = waits(catalog, observed, release, today)
    if freeze is not None:
        raise Refused(
            f"{release.name} is frozen until {freeze.until}: its channel stays where it is",
            why=f"{freeze.place}  {freeze.reason}",
            hint="say it again afterwards; a build that does harm is blocked at once:\n"
            f"solvent image quarantine {release.name} --security --reason REASON",
            where=str(freeze.place),
        )
