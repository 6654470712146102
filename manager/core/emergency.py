"""Plans that forbid versions of a distribution at once, wherever they are, and that lift this again.

The decision is a file of the catalog, and every build with such a version is quarantined by it as long as it stands:
nothing of it is written into the database but where channels go. What runs is never stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core import versions
from manager.core.build_actions import Decide, EmptyChannel
from manager.core.catalog import canonical_name
from manager.core.forbidding import forbids, lifts
from manager.core.observed import BuildStatus, readable
from manager.core.plan import Plan, Step, fingerprint
from manager.core.quarantining import left, moves, standing_on

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from manager.core.driver_decisions import DriverDecision
    from manager.core.observed import Build, Observed


def having(observed: Observed, one: DriverDecision) -> tuple[Build, ...]:
    """Give the builds with a version inside that a quarantine is about."""
    return tuple(
        build for build in observed.builds if any(forbids(one, hit.dist, hit.version) for hit in build.forbidden)
    )


def plan_forbid(observed: Observed, one: DriverDecision, *, standing: bool, today: date) -> Plan:
    """Plan to forbid versions; ``observed`` is the world as this quarantine judges it.

    A channel that points to a build with such a version falls back to the newest good build without one that is here,
    and is empty where there is none. That waits for no freeze: an advisory is a danger. Where the decision stands
    already (``standing``), what is left of it is done.
    """
    readable(observed)
    name = f"{one.dist} {one.version}"
    cause = f"{one.advisory}: {one.reason}"
    steps: dict[str, Step] = {}
    notes: list[str] = []
    if not standing:
        steps["decide"] = _decided(one, name, cause, "quarantined")
    needs = tuple(step.id for step in steps.values())
    found = having(observed, one)
    emptied: dict[str, str] = {}
    for build in found:
        notes += standing_on(observed, build)
        for step in moves(observed, build, cause, needs):
            steps.setdefault(step.id, step)
            if isinstance(step.do, EmptyChannel):
                emptied.setdefault(build.release, left(observed, build))
    notes += emptied.values()
    if not found:
        notes.append(f"no build that is known here has {name}")
    if not steps:
        notes.insert(0, f"{name} is quarantined: {one.reason} ({one.place})")
    channels = [observed.channel(build.release) for build in found]
    read = fingerprint(one, standing, [build.digest for build in found], channels, sorted(steps))
    return Plan(f"quarantine {name}", today, tuple(steps.values()), tuple(notes), read, name)


def plan_allow(
    observed: Observed, after: Observed, one: DriverDecision, there: Iterable[DriverDecision], *, today: date
) -> Plan:
    """Plan to allow again what quarantines forbid; builds are then what they were before.

    ``there`` are all quarantines that stand; those that it is not about, and that forbid the same, are said.
    ``observed`` is the world as they judge it, ``after`` as it is judged without those that are lifted. Channels stay
    where they are: people move them.
    """
    readable(observed)
    there = tuple(there)
    lifted = tuple(each for each in there if lifts(one, each))
    name = f"{one.dist} {one.version}".strip()
    others = [f"{each.words}; a false alarm:  {each.lift}" for each in _besides(one, there)]
    if not lifted:
        notes = [f"{name} is not quarantined by itself: {each}" for each in others] or [f"{name} is not quarantined"]
        return Plan(f"allow {name} again", today, (), tuple(notes), fingerprint(one, notes), name)
    notes = []
    for build in dict.fromkeys(build for each in lifted for build in having(observed, each)):
        now = after.build(build.digest)
        if now is not None and now.status is BuildStatus.QUARANTINED:
            notes.append(f"{build.release} {build.version} stays quarantined: {now.reason}")
        elif observed.channel(build.release) != build.digest:
            way = f"solvent image promote {build.release} {build.version}"
            notes.append(f"{build.release} {build.version} is what it was before; to have it given again:  {way}")
    notes += [f"{name} stays quarantined: {each}" for each in others]
    step = _decided(one, name, one.reason, "allowed again")
    return Plan(f"allow {name} again", today, (step,), tuple(notes), fingerprint(one, lifted, notes), name)


def _besides(one: DriverDecision, there: Iterable[DriverDecision]) -> Iterable[DriverDecision]:
    """Give the quarantines that lifting one leaves, and that forbid what it allows, or some of it for all we know."""
    for each in there:
        if canonical_name(each.dist) != canonical_name(one.dist) or lifts(one, each):
            continue
        if versions.read(one.version) is None or forbids(each, one.dist, one.version):
            yield each


def _decided(one: DriverDecision, name: str, cause: str, after: str) -> Step:
    return Step(
        id=f"decide:{one.subject}:{canonical_name(one.dist)}:{one.version}",
        kind="write decision",
        target=name,
        cause=cause,
        do=Decide(one),
        after=after,
    )
