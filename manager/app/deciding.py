"""Puts decisions about releases into the catalog, a file each; a file is never changed afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import catalogs
from manager.app.lifecycle_views import Decided
from manager.core.catalog import Place
from manager.core.limits import faults
from manager.core.overrides import file_of
from manager.core.schedules import effective
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.app.world import World
    from manager.core.catalog import Catalog
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
    one = replace(one, place=Place(_file(world, one), 1))
    _judge(world, one)
    from manager.world import files

    root, content = Path(world.catalog.root), world.catalog.content
    moved = _moved(world, one)
    text = (files.decide if write else files.decision_text)(root, content, one)
    if write:
        world.reread()
    return Decided(one, text, write, moved)


def _file(world: World, one: Override) -> str:
    """Name the file; a second decision of the same kind, subject and day gets a number."""
    taken = {each.place.file for each in world.catalog.overrides}
    number = 1
    while file_of(one.kind, one.subject, one.day, number) in taken:
        number += 1
    return file_of(one.kind, one.subject, one.day, number)


def _judge(world: World, one: Override) -> None:
    releases = {each.name: each.terms for each in world.declared.releases if each.terms}
    wrong = next(faults(one, releases), None)
    if wrong is not None:
        kind = UsageError if wrong.key in _NAMES else Refused
        raise kind(f"{one.kind} of {one.subject}: {wrong.key}: {wrong.why}", hint=wrong.hint)
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


def _moved(world: World, one: Override) -> tuple[tuple[str, date, date], ...]:
    """Say of which releases the end of life moves, from when to when."""
    after: Catalog = effective(
        replace(world.declared, overrides=(*world.declared.overrides, one)), world.announced, world.today
    )
    ends = {each.name: each.schedule.end_of_life for each in world.catalog.releases}
    return tuple(
        (each.name, ends[each.name], each.schedule.end_of_life)
        for each in after.releases
        if each.schedule.end_of_life != ends[each.name]
    )
