"""The plan that moves a channel back to a build that was promoted before: nothing is built, and nothing is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.build_actions import MoveChannel
from manager.core.channels import ROLLED_BACK, earlier, half_moved, named, returnable, unfrozen, usable
from manager.core.copies import GOOD
from manager.core.observed import BuildStatus, readable
from manager.core.plan import Plan, Step, fingerprint
from manager.core.promotion import fetched
from manager.errors import Refused

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog
    from manager.core.observed import Build, Observed


def plan_rollback(catalog: Catalog, observed: Observed, name: str, to: str, *, today: date) -> Plan:
    """Plan to move a release's channel back: to the version named, else to the newest promoted one before it.

    Missing bytes are said, and pulled where a registry has them; without ``to``, an older build that is here is taken
    where none has. Raises Refused where there is nothing to go back to, and in a freeze.
    """
    readable(observed)
    release = catalog.release(name, today).name
    pointed = observed.channel(release)
    old = observed.build(pointed)
    build, notes = _asked(observed, release, to) if to else _before(observed, release)
    read = fingerprint(build, pointed, observed.present(build.digest), release)
    subject = f"roll {release} back to {build.version}"
    if build.digest == pointed and build.status is BuildStatus.PROMOTED:
        already = (f"{release} is on build {build.version} already",)
        return Plan(subject, today, (), already, read, build.version)
    unfrozen(catalog, observed, catalog.release(name, today), today)
    pulled, said = fetched(observed, build)
    step = Step(
        id=f"rollback:{release}",
        kind="roll back",
        target=f"{release} {build.version}",
        cause="it was asked for, and that build was promoted before",
        do=MoveChannel(release, "stable", pointed, build.version, build.digest, f"{ROLLED_BACK} to {build.version}"),
        before=old.version if old else "",
        after=build.version,
        needs=tuple(one.id for one in pulled),
    )
    return Plan(subject, today, (*pulled, step), (*notes, *said), read, build.version)


def _asked(observed: Observed, release: str, version: str) -> tuple[Build, tuple[str, ...]]:
    build = usable(named(observed, release, version))
    if build.status not in GOOD:
        raise Refused(
            f"build {version} of {release} was never promoted: there is no way back to it",
            hint=_ways(observed, release),
        )
    return build, ()


def _before(observed: Observed, release: str) -> tuple[Build, tuple[str, ...]]:
    """Give the newest earlier build that can be had, and say which newer ones cannot."""
    half = half_moved(observed, release)
    if half is not None:
        # It is finished, and no further one made.
        return half, (f"{release} was on its way to build {half.version}",)
    copied = {copy.digest for copy in observed.copies}
    notes: tuple[str, ...] = ()
    for build in earlier(observed, release):
        if observed.present(build.digest) or build.digest in copied:
            return build, notes
        notes += (f"the bytes of build {build.version} of {release} are missing, and no registry has them",)
    raise Refused(f"{release} has no earlier build to go back to", why="; ".join(notes), hint=_ways(observed, release))


def _ways(observed: Observed, release: str) -> str:
    ways = ", ".join(one.version for one in returnable(observed, release))
    return f"it can go to: {ways}" if ways else f"its builds:  solvent image show {release}"
