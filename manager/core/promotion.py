"""Plans that prove a build and promote it: no channel moves before every required check passed on that digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.bases import browser_step
from manager.core.build_actions import MoveChannel, ProveBuild
from manager.core.channels import good, named, unfrozen, usable, waits
from manager.core.copies import pull_steps
from manager.core.evidence import PASSED
from manager.core.observed import BuildStatus, readable
from manager.core.plan import Plan, Step, fingerprint
from manager.errors import Refused

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Build, Observed


def prove_and_promote(
    catalog: Catalog,
    observed: Observed,
    release: Release,
    build: Build | None,
    version: str,
    needs: tuple[str, ...],
    notes: list[str],
    *,
    today: date,
    candidate: bool = False,
) -> list[Step]:
    """Plan the checks of a candidate and the move of its channel; an existing promoted build needs neither.

    ``build`` is None while the plan makes it. With ``candidate`` it is to stay one: nothing is planned, and a note
    says how it goes on. In a freeze the channel stays, and a note says until when.
    """
    pointed = observed.channel(release.name)
    digest = build.digest if build else ""
    if build is not None and build.digest == pointed and build.status is BuildStatus.PROMOTED:
        notes.append(f"{release.name} {build.version} is built, proven and promoted: nothing to do")
        return []
    if candidate:
        made = build.status if build else BuildStatus.CANDIDATE
        way = f"solvent image build {release.name}"
        notes.append(f"{release.name} {version} is left as it is, {made}; to have it proven and promoted:  {way}")
        return []
    steps = []
    cause = "it is what the catalog says, and passed every check before"
    if build is None or (build.status is BuildStatus.CANDIDATE and digest not in observed.proven):
        cause = PASSED
        steps = browser_step(catalog, observed)
        steps.append(
            Step(
                id=f"prove:{release.name}",
                kind="prove build",
                target=f"{release.name} {version}",
                cause="no channel moves before every check passed on that digest",
                do=ProveBuild(release.name, version, digest),
                needs=(*needs, *(step.id for step in steps)),
                aim=True,
            )
        )
        needs = (steps[-1].id,)
    freeze = waits(catalog, observed, release, today)
    if freeze is not None:
        notes.append(f"{release.name} {version}: its promotion waits until {freeze.until}: {freeze.reason}")
        return steps
    return [*steps, promote_step(observed, release.name, version, digest, cause, needs)]


def promote_step(
    observed: Observed, release: str, version: str, digest: str, cause: str, needs: tuple[str, ...] = ()
) -> Step:
    """Give the step that moves the stable channel of a release; ``digest`` is "" while the plan makes the build."""
    pointed = observed.channel(release)
    old = observed.build(pointed)
    return Step(
        id=f"promote:{release}",
        kind="promote build",
        target=f"{release} {version}",
        cause=cause,
        do=MoveChannel(release, "stable", pointed, version, digest),
        before=old.version if old else "",
        after=version,
        needs=needs,
    )


def plan_promote(catalog: Catalog, observed: Observed, name: str, version: str, *, today: date) -> Plan:
    """Plan to promote a candidate that passed every check, or an earlier good build; the newest candidate by default.

    ``observed`` says which candidates are proven, and what registries have of missing bytes. Raises Refused for a
    build that is not proven, that is quarantined or given up, or whose bytes are nowhere; and in a freeze.
    """
    readable(observed)
    release = catalog.release(name, today)
    build = usable(named(observed, release.name, version) if version else _newest(observed, release.name))
    read = fingerprint(build, build.digest in observed.proven, observed.channel(release.name), release.name)
    subject = f"promote {release.name} {build.version}"
    if build.digest == observed.channel(release.name) and build.status is BuildStatus.PROMOTED:
        return Plan(subject, today, (), (f"{release.name} {build.version} is promoted",), read, build.version)
    unfrozen(catalog, observed, release, today)
    if build.status is BuildStatus.CANDIDATE and build.digest not in observed.proven:
        raise Refused(
            f"build {build.version} of {release.name} has not passed every required check",
            hint=f"what it answered:  solvent image show {release.name}   have it prove itself:  "
            f"solvent image build {release.name}",
        )
    pulled, notes = fetched(observed, build)
    cause = f"it was asked for, and {PASSED}"
    step = promote_step(observed, release.name, build.version, build.digest, cause, tuple(step.id for step in pulled))
    return Plan(subject, today, (*pulled, step), notes, read, build.version)


def fetched(observed: Observed, build: Build) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Plan to bring the missing bytes of a build, with a note; raises Refused where no registry has them."""
    if observed.present(build.digest):
        return (), ()
    pulled, said = pull_steps(observed, build)
    if not pulled:
        raise Refused(
            f"the bytes of build {build.version} of {build.release} are missing here, and no registry has them",
            why="; ".join(said),
            hint=f"build it again, as a new version:  solvent image build {build.release}",
        )
    return pulled, (f"the bytes of build {build.version} of {build.release} are missing here: they are pulled",)


def _newest(observed: Observed, release: str) -> Build:
    """Give the newest candidate; else the channel's build, the newest good one, or the newest quarantined one.

    Raises Refused without any.

    Whoever rolled a channel back does not want the build that it left again.
    """
    found = next((one for one in reversed(observed.made(release)) if one.status is BuildStatus.CANDIDATE), None)
    if found is None:
        mine = tuple(good(observed, release))
        pointed = observed.channel(release)
        found = next((one for one in mine if one.digest == pointed), next(iter(mine), None))
    if found is None:
        made = reversed(observed.made(release))
        found = next((one for one in made if one.status is BuildStatus.QUARANTINED), None)
    if found is None:
        raise Refused(f"{release} has no build to promote", hint=f"solvent image build {release}")
    return found
