"""The schedules that hold: the catalog's dates, what was announced of them, and what was decided since.

Every door asks the catalog that :func:`effective` gives, so all of them see the same dates.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.lifecycle import Bound, Schedule, Stage, unsupported, upstream_end
from manager.core.overrides import ENDS, EVERYTHING, order
from manager.core.windows import moved_out, windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from manager.core.announcements import Announcement
    from manager.core.catalog import Catalog, Release
    from manager.core.overrides import Override


def effective(
    catalog: Catalog, announced: Mapping[str, Announcement], today: date, *, announcing: bool = False
) -> Catalog:
    """Give the catalog with the schedules, successors and messages that hold on a day.

    ``announced`` is empty where nothing was announced or the record cannot be read: the catalog's own dates hold then,
    with the decisions in its files. With ``announcing``, the schedules are those that an announcement today gives.
    """
    decided = decisions(catalog.overrides, today)
    if not catalog.overrides and not announced:
        return catalog
    day = today if announcing else None
    families = tuple(
        replace(
            family,
            releases=tuple(
                _effective(one, announced.get(one.name), decided(one.name), today, day) for one in family.releases
            ),
        )
        for family in catalog.families
    )
    return replace(catalog, families=families)


def decisions(overrides: Iterable[Override], today: date) -> Callable[[str], tuple[Override, ...]]:
    """Index the decisions made by a day: gives those about a release, by its full name, in their order."""
    found: dict[str, list[Override]] = {}
    for one in overrides:
        if one.day <= today:
            found.setdefault(one.subject, []).append(one)

    def of(release: str) -> tuple[Override, ...]:
        if not found:
            return ()
        subjects = (release, release.partition(":")[0], EVERYTHING)
        mine = [one for subject in subjects for one in found.get(subject, ())]
        return tuple(sorted(mine, key=order))

    return of


def _effective(
    release: Release,
    announced: Announcement | None,
    decided: tuple[Override, ...],
    today: date,
    announcing: date | None,
) -> Release:
    away = [one for one in decided if one.kind == "redirect" and one.holds(today)][-1:]
    return replace(
        release,
        schedule=holding(release, announced, decided, announcing),
        successor=away[0].to if away else release.successor,
        message=(away[0].message if away else "") or release.message,
    )


def holding(
    release: Release, announced: Announcement | None, decided: tuple[Override, ...], announcing: date | None = None
) -> Schedule:
    """Give the schedule of a release that holds; with ``announcing``, the one that an announcement on that day gives.

    ``decided`` are the decisions about it, in their order. What was announced holds until something else is: dates of
    the catalog that lie earlier count only where an upstream end moved earlier, from its announcement on and with the
    policy's notice. Later ones count at once, but for those that follow from an upstream end that moved later.
    """
    bounds = counted(release, announced, decided)
    dates = release.terms.schedule(bounds) if release.terms and (announced or decided) else release.schedule
    if announced:
        dates = _kept(dates, announced)
        prolonged = any(one.kind == "extend" and one.until and one.until >= dates.end_of_life for one in decided)
        if announcing is not None and not prolonged:
            dates = _shortened(release, dates, _sooner(bounds, announced), announcing)
    urgent = False
    for one in decided:
        if one.kind == "extend":
            dates, urgent = _extended(release, dates, one), False
        elif one.kind == "early-retire":
            dates, urgent = _retired(release, dates, one, announced), one.security
    if not urgent:
        dates = moved_out(dates, windows(decided))
    bounds = release.terms.bounds if release.terms else ()
    return replace(dates, unsupported_from=unsupported(bounds, dates.end_of_life))


def known_since(one: Override, announced: Announcement | None) -> date:
    """Give the day from which a decision was known: one that is dated before an announcement without it came later."""
    if announced is None:
        return one.day
    return dict(announced.decisions).get(one.place.file, max(one.day, announced.told))


def counted(release: Release, announced: Announcement | None, decided: tuple[Override, ...] = ()) -> tuple[Bound, ...]:
    """Give a release's components with the ends that count: one that moved later since it was announced does not.

    It does once it is acknowledged, up to the day that the acknowledgement names.
    """
    bounds = release.terms.bounds if release.terms else ()
    known = dict(announced.upstream) if announced else {}
    if not known:
        return bounds
    taken = max((one.until for one in decided if one.kind == "acknowledge" and one.until), default=None)
    return tuple(_counted(bound, known.get(bound.component), taken) for bound in bounds)


def _counted(bound: Bound, known: date | None, taken: date | None) -> Bound:
    if known is None or (bound.ends is not None and bound.ends <= known):
        return bound
    if taken is None or bound.ends is None or taken <= known:
        return replace(bound, ends=known)
    return replace(bound, ends=min(bound.ends, taken))


def _kept(dates: Schedule, announced: Announcement) -> Schedule:
    """Let no date lie earlier than it was announced, and no release become a preview again."""
    was = announced.schedule
    days = {name: max(day, getattr(was, name)) for name, day in dates.dates()}
    days["released"] = dates.released if announced.stage is Stage.PREVIEW else min(dates.released, was.released)
    later = dates.end_of_life >= was.end_of_life
    return _ordered(Schedule(**days, bound_by=dates.bound_by if later else was.bound_by))


def _sooner(bounds: tuple[Bound, ...], announced: Announcement) -> tuple[Bound, ...]:
    """Give the components whose ends came or moved earlier since they were announced."""
    known = dict(announced.upstream)
    return tuple(one for one in bounds if one.ends and (one.component not in known or one.ends < known[one.component]))


def _shortened(release: Release, dates: Schedule, bounds: tuple[Bound, ...], day: date) -> Schedule:
    """Bring the dates forward to an upstream end, with the policy's notice from the day of the announcement on."""
    terms, first = release.terms, upstream_end(bounds)
    if terms is None or first is None or not terms.policy.cap_to_upstream or "end_of_life" in dict(terms.fixed):
        return dates
    component, end = first
    if end >= dates.end_of_life:
        return dates
    notice = terms.policy.minimum_notice.after(day)
    floors = {"released": dates.released, "deprecated": day}
    capped = terms.schedule((Bound(component, end),)).dates()
    days = {name: min(getattr(dates, name), max(wanted, floors.get(name, notice))) for name, wanted in capped}
    return _ordered(Schedule(**days, bound_by=component if days["end_of_life"] < dates.end_of_life else dates.bound_by))


def _extended(release: Release, dates: Schedule, one: Override) -> Schedule:
    """Move the end of life later, and with it what is refused; the days of deprecation and removal stay."""
    if one.until is None or one.until <= dates.end_of_life:
        return dates
    policy, end = release.policy, min(one.until, dates.remove_after)
    return _ordered(
        replace(
            dates,
            end_of_life=end,
            create_block=max(dates.create_block, policy.create_block_before.before(end)),
            restart_block=max(dates.restart_block, min(policy.restart_block_after.after(end), dates.remove_after)),
            bound_by=ENDS["extend"],
        )
    )


def _retired(release: Release, dates: Schedule, one: Override, announced: Announcement | None) -> Schedule:
    """Move the end of life earlier, and with it what comes before; removal stays.

    Its notice counts from the day of the decision, or from when it was first seen.
    """
    if one.until is None:
        return dates
    policy, day, end = release.policy, known_since(one, announced), one.until
    if not one.security:
        end = max(end, policy.minimum_notice.after(day))
    if end >= dates.end_of_life:
        return dates
    blocked = day if one.security else min(end, policy.minimum_notice.after(day))
    return _ordered(
        replace(
            dates,
            end_of_life=end,
            deprecated=min(dates.deprecated, max(day, policy.deprecate_before.before(end))),
            create_block=min(dates.create_block, max(blocked, policy.create_block_before.before(end))),
            restart_block=min(dates.restart_block, policy.restart_block_after.after(end)),
            bound_by=ENDS["early-retire"],
        )
    )


def _ordered(dates: Schedule) -> Schedule:
    """Put the dates around the end of life into their order; what a policy computes from several periods may cross."""
    block = min(dates.create_block, dates.end_of_life)
    deprecated = min(dates.deprecated, block)
    restart = max(dates.restart_block, dates.end_of_life)
    return replace(
        dates,
        released=min(dates.released, deprecated),
        deprecated=deprecated,
        create_block=block,
        restart_block=restart,
        remove_after=max(dates.remove_after, restart),
    )
