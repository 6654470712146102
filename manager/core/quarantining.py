"""Plans that forbid a build at once, whatever the dates say, and that lift this again.

The decision is a file of the catalog, the status a row of the database; either of them alone keeps a build from being
launched, started or promoted. What runs is never stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.build_actions import Decide, EmptyChannel, JudgeBuild, MoveChannel
from manager.core.catalog import Place
from manager.core.channels import fallback, half_moved, returnable
from manager.core.observed import OVER, BuildStatus, readable
from manager.core.overrides import Override, frozen, quarantines
from manager.core.plan import Plan, Step, fingerprint
from manager.errors import Refused

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog
    from manager.core.observed import Build, Environment, Observed


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why a build is forbidden or allowed again, by whom; a ``security`` one waits for no freeze."""

    reason: str
    by: str
    approved_by: str = ""
    security: bool = False


def plan_quarantine(
    catalog: Catalog, observed: Observed, build: Build, recorded: BuildStatus, judgement: Judgement, *, today: date
) -> Plan:
    """Plan to forbid a build; ``recorded`` is its status in the database, whatever the catalog says of it.

    A channel that points to it falls back to the newest good build that is here, and is empty where there is none.
    Raises Refused for a build that is over, and in a freeze unless it is for security.
    """
    readable(observed)
    name = f"{build.release} {build.version}"
    if recorded in OVER:
        raise Refused(f"build {build.version} of {build.release} is {recorded}: nothing can run it any more")
    standing = quarantines(catalog.overrides, today).get(build.digest)
    freeze = frozen(catalog.overrides, build.release, today)
    if freeze is not None and not (judgement.security or standing):
        raise Refused(
            f"{build.release} is frozen until {freeze.until}",
            why=f"{freeze.place}  {freeze.reason}",
            hint="what is a danger waits for no freeze:  --security",
            where=str(freeze.place),
        )
    steps: list[Step] = []
    if standing is None:
        steps.append(_decided(build, _override(build.digest, judgement, today), name, "quarantined"))
    if recorded is not BuildStatus.QUARANTINED:
        do = JudgeBuild(build.release, build.version, build.digest, BuildStatus.QUARANTINED, judgement.reason)
        steps.append(_judged(do, name, judgement.reason, recorded, steps))
    notes = standing_on(observed, build)
    steps += (moved := moves(observed, build, judgement.reason, tuple(step.id for step in steps)))
    if any(isinstance(step.do, EmptyChannel) for step in moved):
        notes += (left(observed, build),)
    if not steps:
        notes = (f"{name} is quarantined: {standing.reason if standing else build.reason}", *notes)
    read = fingerprint(build, recorded, standing, [step.id for step in steps], observed.channel(build.release))
    return Plan(f"quarantine {name}", today, tuple(steps), notes, read, build.version)


def plan_lift(
    catalog: Catalog, observed: Observed, build: Build, recorded: BuildStatus, judgement: Judgement, *, today: date
) -> Plan:
    """Plan to allow a build again: it is a candidate then, and its channel moves when somebody promotes it."""
    readable(observed)
    name = f"{build.release} {build.version}"
    standing = quarantines(catalog.overrides, today).get(build.digest)
    steps: list[Step] = []
    if standing is not None:
        steps.append(_decided(build, _override(build.digest, judgement, today, until=today), name, "allowed again"))
    if recorded is BuildStatus.QUARANTINED:
        lifted = f"its quarantine was lifted: {judgement.reason}"
        do = JudgeBuild(build.release, build.version, build.digest, BuildStatus.CANDIDATE, lifted)
        steps.append(_judged(do, name, judgement.reason, recorded, steps))
    way = f"solvent image promote {build.release} {build.version}"
    again = f"{name} is a candidate again; to go on with it:  {way}" if steps else f"{name} is not quarantined"
    # What versions inside are forbidden for is lifted by a decision about them.
    others = [f"{name} stays quarantined: {one}; a false alarm:  {one.lift}" for one in build.forbidden]
    notes = tuple(others or [again])
    read = fingerprint(build, recorded, standing)
    return Plan(f"lift the quarantine of {name}", today, tuple(steps), notes, read, build.version)


def affected(observed: Observed, digest: str) -> tuple[Environment, ...]:
    """Give the environments that stand on a build, of all people, running or not."""
    return tuple(one for one in observed.environments if one.digest == digest)


def _override(digest: str, judgement: Judgement, today: date, until: date | None = None) -> Override:
    return Override(
        kind="quarantine",
        subject=digest,
        day=today,
        reason=judgement.reason,
        by=judgement.by,
        place=Place("", 1),
        until=until,
        approved_by=judgement.approved_by,
        security=judgement.security,
    )


def _decided(build: Build, decision: Override, name: str, after: str) -> Step:
    return Step(
        id=f"decide:{build.digest}",
        kind="write decision",
        target=name,
        cause=decision.reason,
        do=Decide(decision),
        after=after,
    )


def _judged(do: JudgeBuild, name: str, reason: str, before: BuildStatus, steps: list[Step]) -> Step:
    return Step(
        id=f"judge:{do.digest}",
        kind="judge build",
        target=name,
        cause=reason,
        do=do,
        before=before.value,
        after=do.status.value,
        needs=tuple(step.id for step in steps),
    )


def moves(observed: Observed, build: Build, reason: str, needs: tuple[str, ...]) -> list[Step]:
    """Plan where channels go that point to a forbidden build."""
    steps = []
    half = half_moved(observed, build.release)
    back = half or fallback(observed, build)
    for release, channel, digest in observed.channels:
        # A fall back that was killed before it could call the builds what they are is finished.
        finishes = half is not None and (channel, digest) == ("stable", half.digest)
        if digest != build.digest and not finishes:
            continue
        if back is not None and channel == "stable":
            said = f"build {build.version} was quarantined"
            do: MoveChannel | EmptyChannel = MoveChannel(release, channel, digest, back.version, back.digest, said)
            kind, after = "fall back", back.version
        else:
            do, kind, after = EmptyChannel(release, channel, digest), "empty channel", "nothing"
        step_id = f"channel:{release}:{channel}"
        target = f"{release} {channel}"
        steps.append(Step(step_id, kind, target, reason, do, before=build.version, after=after, needs=needs))
    return steps


def left(observed: Observed, build: Build) -> str:
    """Say how a release goes on whose channel is empty: nothing is pulled while a build is being forbidden."""
    back = next((one for one in returnable(observed, build.release) if one.digest != build.digest), None)
    if back is None:
        return f"{build.release} has no good build any more: it cannot be launched until one is promoted"
    way = f"solvent image rollback {build.release} --to {back.version}"
    return f"{build.release} has no good build here any more; a registry has build {back.version}:  {way}"


def standing_on(observed: Observed, build: Build) -> tuple[str, ...]:
    """Say of each environment that stands on a build what a quarantine means for it."""
    return tuple(
        f"{one.name} of {one.owner} {'runs on it and is not stopped' if one.state == 'running' else 'stands on it'}: "
        f"it cannot be started again"
        for one in affected(observed, build.digest)
    )
