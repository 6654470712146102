"""Plans for the calendar: what a day changes of releases, against what was last announced of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from manager.core.actions import Announce, StopEnvironment
from manager.core.announcements import Announcement, last_day
from manager.core.lifecycle import Stage, stage_on
from manager.core.plan import Step
from manager.core.schedules import counted, decisions, effective, holding, known_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Environment
    from manager.core.overrides import Override

# From the announcement of the end until what runs may be stopped: two midnights, so 24 hours at least.
_LAST_CALL = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a plan for a day is made of.

    ``declared`` is the catalog as its files say it, ``catalog`` the same with the schedules as they will be announced;
    ``announced`` is what was announced before. ``clock`` is the day that the clock shows, which lies before ``today``
    when it was moved back. ``environments`` are everybody's, on one engine.
    """

    declared: Catalog
    catalog: Catalog
    announced: Mapping[str, Announcement]
    environments: tuple[Environment, ...]
    today: date
    clock: date


def situation(
    declared: Catalog,
    announced: Mapping[str, Announcement],
    environments: Iterable[Environment],
    today: date,
    clock: date | None = None,
) -> Situation:
    """Give the situation of a day."""
    coming = effective(declared, announced, today, announcing=True)
    return Situation(declared, coming, announced, tuple(environments), today, clock or today)


def announcing(now: Situation) -> Iterator[Step]:
    """Give a step for each release of which something else holds than what was announced, by name."""
    decided = decisions(now.declared.overrides, now.today)
    for declared, coming in _by_name(now):
        known = now.announced.get(coming.name)
        mine = decided(coming.name)
        new = _announcement(declared, coming, known, mine, now.today)
        if new != known:
            yield Step(
                id=f"announce:{coming.name}",
                kind="announce schedule" if known is None or new.revision != known.revision else "announce stage",
                target=coming.name,
                cause=_cause(coming, known, mine, new),
                do=Announce(new, known),
                before=_told(known, new) if known else "",
                after=_told(new, known),
                aim=True,
            )


def _by_name(now: Situation) -> list[tuple[Release, Release]]:
    return sorted(zip(now.declared.releases, now.catalog.releases, strict=True), key=lambda pair: pair[0].name)


def _announcement(
    declared: Release, coming: Release, known: Announcement | None, decided: tuple[Override, ...], today: date
) -> Announcement:
    """Give what is to be announced of a release; what was announced already, where that says the same."""
    stage = coming.stage(today)
    if known is not None and today < known.told:
        # Another day is looked at, or the clock went back: what was said is not taken back.
        return known
    if known is not None and known.schedule.dates() == coming.schedule.dates():
        return known if known.stage is stage else replace(known, stage=stage, told=today)
    upstream = tuple((one.component, one.ends) for one in counted(declared, known, decided) if one.ends is not None)
    revision = known.revision + 1 if known else 1
    # What is derived from facts is not remembered with the dates.
    dates = replace(coming.schedule, unsupported_from=None)
    since = tuple((one.place.file, known_since(one, known)) for one in decided)
    return Announcement(coming.name, revision, today, dates, stage, today, upstream, since)


def _told(one: Announcement, other: Announcement | None) -> str:
    """Say what distinguishes an announcement from another: its stage, its end, or else its first other date."""
    dates, theirs = one.schedule.dates(), other.schedule.dates() if other else ()
    differing = [pair for pair in dates if pair not in theirs]
    key = next((pair for pair in differing if pair[0] == "end_of_life"), differing[0] if differing else None)
    return one.stage.value + (f", {key[0].replace('_', ' ')} {key[1]}" if key else "")


def _cause(release: Release, known: Announcement | None, decided: tuple[Override, ...], new: Announcement) -> str:
    dates = release.schedule
    if known is None:
        return f"nothing was announced of it; {dates.bound_by} ends it"
    if known.revision == new.revision:
        return f"its day has come: {_begins(release, new.stage)}"
    weighty = [one for one in decided if one.kind in ("extend", "early-retire", "freeze") and one.day >= known.day]
    if weighty:
        one = weighty[-1]
        return f"{one.kind} until {one.until}, decided by {one.by}: {one.reason} ({one.place.file})"
    if dates.unsupported_from and dates.end_of_life < known.schedule.end_of_life:
        notice = release.policy.minimum_notice
        return f"{dates.bound_by} ends on {dates.unsupported_from}; the notice of {notice} counts from today"
    if dates.end_of_life < known.schedule.end_of_life:
        return f"{dates.bound_by} ends earlier than it was announced"
    return f"the catalog says other dates now, bound by {dates.bound_by}"


def _begins(release: Release, stage: Stage) -> str:
    names = {Stage.ACTIVE: "released", Stage.DEPRECATED: "deprecated", Stage.RETIRED: "end_of_life"}
    name = names.get(stage)
    return f"{name} = {getattr(release.schedule, name)}" if name else f"it is a {stage}"


def stopping(now: Situation) -> Iterator[Step]:
    """Give a step for each environment that a policy wants stopped, a day after its release's end was announced.

    Without such a policy nothing that runs is ever stopped; workspaces and homes stay in any case.
    """
    ended = {one.name: one for one in now.catalog.releases if _stops(one, now)}
    for one in sorted(now.environments, key=lambda each: (each.release, each.container)):
        if one.release in ended and one.state == "running":
            end = ended[one.release].schedule.end_of_life
            yield Step(
                id=f"stop:{one.container}",
                kind="stop environment",
                target=one.name,
                cause=f"{one.release} is retired since {end}, and its policy says on_end_of_life = stop-running",
                do=StopEnvironment(one.container),
                before=one.state,
                after="stopped",
                destructive=True,
            )


def _stops(release: Release, now: Situation) -> bool:
    told = now.announced.get(release.name)
    return (
        release.policy.on_end_of_life == "stop-running"
        and release.stage(now.today) is Stage.RETIRED
        and told is not None
        and told.stage is Stage.RETIRED
        and told.told + _LAST_CALL <= now.today
    )


def turning_back(now: Situation) -> Iterator[Step]:
    """Give the steps that take back what was announced while the clock was wrong: only on request, and destructive."""
    for name, known in sorted(now.announced.items()):
        if known.told > now.clock:
            new = replace(known, told=now.clock, stage=stage_on(known.schedule, now.clock))
            yield Step(
                id=f"back:{name}",
                kind="take announcement back",
                target=name,
                cause=f"it was announced on {known.told}, and the clock says {now.clock}",
                do=Announce(new, known),
                before=known.stage.value,
                after=new.stage.value,
                destructive=True,
            )


def remarks(now: Situation) -> tuple[str, ...]:
    """Say what a reader of the plan has to know: what was not taken from the catalog, and why."""
    decided = decisions(now.declared.overrides, now.today)
    held = (note for one, coming in _by_name(now) for note in _held(one, coming, decided(one.name), now))
    return (*_clock(now), *_gone(now), *held)


def _clock(now: Situation) -> Iterator[str]:
    last = last_day(now.announced)
    if now.clock < last and now.today == last:
        yield (
            f"the clock says {now.clock}, and announcements were made on {last}: that day counts as today. "
            "If it was the wrong one:  solvent lifecycle apply --turn-back"
        )


def _gone(now: Situation) -> Iterator[str]:
    names = {one.name for one in now.declared.releases}
    for name in sorted(now.announced.keys() - names):
        yield f"{name} was announced and is no longer in the catalog; put its entry back: a release's entry stays"


def _held(declared: Release, coming: Release, decided: tuple[Override, ...], now: Situation) -> Iterator[str]:
    known = now.announced.get(coming.name)
    dates = coming.schedule
    if dates.unsupported_from and coming.stage(now.today) is not Stage.RETIRED:
        yield f"{coming.name} goes on without upstream support from {dates.unsupported_from} to {dates.end_of_life}"
    if known is None or declared.terms is None:
        return
    wanted = holding(declared, None, decided)
    # An end that comes with its notice is told above: there is nothing to decide.
    noticed = dates.unsupported_from is not None and dates.bound_by == wanted.bound_by
    earlier = [(name, day) for name, day in wanted.dates() if day < getattr(dates, name) and name != "released"]
    if earlier and not noticed:
        name, day = next((pair for pair in earlier if pair[0] == "end_of_life"), earlier[0])
        yield (
            f"the catalog says {name} = {day} of {coming.name}; {getattr(dates, name)} was announced and holds. "
            f"To retire it early:  solvent lifecycle retire {coming.name} --until {day} --reason WHY"
        )
    if wanted.end_of_life > dates.end_of_life:
        yield (
            f"upstream supports {coming.name} until {wanted.end_of_life} now; {dates.end_of_life} was announced and "
            f"holds. To take it:  solvent lifecycle acknowledge {coming.name} --until {wanted.end_of_life} --reason WHY"
        )
