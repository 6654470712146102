"""Puts decisions about releases into the catalog, a file each; a file is never changed afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import catalogs
from manager.app.lifecycle_views import Decided
from manager.core.catalog import Place
from manager.core.lifecycle import Stage
from manager.core.limits import faults
from manager.core.overrides import ENDS, free_file
from manager.core.schedules import effective
from manager.core.windows import enclosing
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.app.world import World
    from manager.core.catalog import Catalog
    from manager.core.driver_decisions import DriverDecision
    from manager.core.overrides import Override

# The keys that name releases: one that there is not is a wrong word, as everywhere.
_NAMES = ("subject", "to")


def decided(world: World, decision: Override, *, write: bool) -> Decided:
    """Judge a decision, and write its file where ``write`` says so; gives what it moves.

    Its day is today and its person the one who runs this, from the operating system. Raises UsageError for
    names that there are not; Refused for the shipped catalog, for one that was edited meanwhile, for a day that is
    only looked at, and for a decision beyond its limits.
    """
    catalogs.editable(world.catalog)
    if write:
        catalogs.present(world)
    one = replace(decision, day=world.today, by=world.settings.owner, place=Place("", 1))
    taken = {each.place.file for each in world.catalog.overrides}
    one = replace(one, place=Place(free_file(one, taken), 1))
    _judge(world, one)
    after = effective(replace(world.declared, overrides=(*world.declared.overrides, one)), world.announced, world.today)
    _changes(world, one, after)
    from manager.world import files

    moves = _moves(world, after)
    moved = tuple((name, then, now) for name, what, then, now in moves if what == "end_of_life")
    waits = tuple(each for each in moves if each[1] != "end_of_life") if one.kind == "freeze" else ()
    root, content = Path(world.catalog.root), world.catalog.content
    text = (files.decide if write else files.decision_text)(root, content, one)
    if write:
        world.reread()
    return Decided(one, text, write, moved, _left(one, after), waits)


def carried_out(world: World, decision: Override | DriverDecision) -> None:
    """Write the decision that a plan comes to; raises as :func:`decided`, or as that of drivers."""
    from manager.core.overrides import Override

    if isinstance(decision, Override):
        decided(world, decision, write=True)
        return
    from manager.app import drivers

    drivers.decide(world, decision, write=True)


def _judge(world: World, one: Override) -> None:
    releases = {each.name: each.terms for each in world.declared.releases if each.terms}
    wrong = next(faults(one, releases), None)
    if wrong is not None:
        kind = UsageError if wrong.key in _NAMES else Refused
        hint = (wrong.key == "subject" and _releases(world, one.subject)) or wrong.hint
        raise kind(f"{one.kind} of {one.subject}: {wrong.key}: {wrong.why}", hint=hint)
    release = world.catalog.named(one.subject)
    if release is None or one.until is None:
        return
    dates = release.schedule
    if one.kind == "extend" and one.until <= dates.end_of_life:
        raise Refused(
            f"{one.until} extends nothing: {release.name} ends on {dates.end_of_life} (bound by {dates.bound_by})",
            hint=f"name a later day; what binds:  solvent lifecycle why {release.name}",
        )
    if one.kind == "extend" and one.until > dates.remove_after:
        raise Refused(
            f"{release.name} cannot be extended past {dates.remove_after}, when its bytes may go",
            hint="name an earlier day, or move its users on:  solvent lifecycle impact " + release.name,
        )
    if one.kind == "early-retire" and one.until >= dates.end_of_life:
        raise Refused(
            f"{one.until} is not early: {release.name} ends on {dates.end_of_life} (bound by {dates.bound_by})"
        )


def _changes(world: World, one: Override, after: Catalog) -> None:
    """Refuse a freeze that lies in one that holds, and an end that moves no date."""
    if one.kind == "freeze" and (other := enclosing(world.catalog.overrides, one)):
        raise Refused(
            f"{one.since} to {one.until} freezes nothing: it lies in the freeze of {other.subject} until {other.until}",
            why=f"{other.place}, decided by {other.by} on {other.day}: {other.reason}",
            hint=f"{other.place.file} holds until {other.until}; to end it, remove that file",
        )
    before, release = world.catalog.named(one.subject), after.named(one.subject)
    if one.kind in ENDS and before and release and before.schedule == release.schedule:
        raise Refused(
            f"{one.until} moves nothing: {release.name} ends on {release.schedule.end_of_life}",
            hint=f"what decides it:  solvent lifecycle why {release.name}",
        )


def _left(one: Override, after: Catalog) -> date | None:
    """Give since when a release is deprecated that an extension leaves so."""
    release = after.named(one.subject) if one.kind == "extend" else None
    return release.schedule.deprecated if release and release.stage(one.day) is Stage.DEPRECATED else None


def _releases(world: World, family: str) -> str:
    """Name the releases of a family that are not retired; "" where there are none, or no such family."""
    there = (one for one in world.catalog.releases if one.family == family)
    names = [one.name for one in there if one.stage(world.today) is not Stage.RETIRED]
    return f"name one of its releases: {', '.join(sorted(names))}" if names else ""


def _moves(world: World, after: Catalog) -> tuple[tuple[str, str, date, date], ...]:
    """Say which dates of releases move: the release, the date's name, from when to when."""
    before = {each.name: each.schedule for each in world.catalog.releases}
    return tuple((each.name, *one) for each in after.releases for one in each.schedule.moved_from(before[each.name]))
