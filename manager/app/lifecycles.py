"""Shows and plans the dates of releases: what holds on a day, why, and what the day changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import telling
from manager.app.everybody import everybody
from manager.app.lifecycle_views import Reasons, ScheduleView
from manager.core.announcing import announcing, remarks, situation, stopping, turning_back
from manager.core.lifecycle import Bound, for_people
from manager.core.limits import latest
from manager.core.overrides import ENDS, frozen, quarantined
from manager.core.plan import Plan, fingerprint
from manager.core.schedules import decisions, effective
from manager.core.successors import level_along
from manager.errors import Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from manager.app.world import World
    from manager.core.announcing import Situation
    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Container
    from manager.core.overrides import Override
    from manager.core.plan import Step


def listed(world: World) -> tuple[ScheduleView, ...]:
    """List every release, the active ones first and the newest of each stage first; asks no engine."""
    catalog, today = world.catalog, world.today
    return tuple(view(world, catalog, one, today) for one in for_people(catalog.releases, today))


def view(world: World, catalog: Catalog, release: Release, today: date) -> ScheduleView:
    """Show the dates of one release."""
    successor = catalog.successor(release, today)
    waits = (frozen(catalog.overrides, release.name, today), quarantined(catalog.overrides, release.name, today))
    return ScheduleView(
        release,
        today,
        successor.name if successor else "",
        level_along(catalog, release, successor).value if successor else "",
        world.announced.get(release.name),
        tuple(filter(None, waits)),
    )


def why(world: World, name: str) -> Reasons:
    """Say why a release has its dates; raises UsageError for an unknown one, Unreachable without the database."""
    release = world.catalog.release(name, world.today)
    now = situation(world.declared, world.announced, (), world.today, world.clock.today())
    mine = decisions(world.catalog.overrides, world.today)(release.name)
    about = tuple(note for note in remarks(now) if release.name in note) + _frozen(world, release)
    history = world.store.announcements.of(release.name) if not world.doubts else ()
    shown = view(world, world.catalog, release, world.today)
    return Reasons(shown, _bounds(release, mine), mine, history, about)


def _frozen(world: World, release: Release) -> tuple[str, ...]:
    """Say which dates wait for the end of a freeze, and where they would be without one."""
    moving = tuple(one for one in world.declared.overrides if one.kind != "freeze")
    if len(moving) == len(world.declared.overrides):
        return ()
    without = effective(replace(world.declared, overrides=moving), world.announced, world.today).named(release.name)
    moved = release.schedule.moved_from(without.schedule) if without else ()
    return tuple(
        f"a freeze moves {name.replace('_', ' ')} of {release.name} from {then} to {now}" for name, then, now in moved
    )


def _bounds(release: Release, decided: tuple[Override, ...]) -> tuple[Bound, ...]:
    """Give every end that was weighed: the policy's, a fixed one, the components', and those of decisions."""
    terms = release.terms
    if terms is None:
        return ()
    found = [Bound("policy", terms.policy.active_for.after(terms.released), f"active_for = {terms.policy.active_for}")]
    fixed = dict(terms.fixed).get("end_of_life")
    if fixed is not None:
        found.append(Bound("catalog", fixed, str(release.place)))
    found += terms.bounds
    found += [Bound(ENDS[one.kind], one.until, one.place.file, one.day) for one in decided if one.kind in ENDS]
    return (*found, Bound("latest extension", *latest(terms)))


def plan(world: World, *, turn_back: bool = False) -> Plan:
    """Plan what a day changes: schedules and stages to announce, environments that a policy wants stopped.

    With ``turn_back``, what was announced on days that the clock has not reached is taken back instead. Raises
    Unreachable without the database. What an engine that does not answer has is left alone.
    """
    people = everybody(world)
    announced = world.announced
    if world.doubts:
        raise Unreachable("what was announced cannot be read", why=world.doubts[0], hint="solvent doctor")
    _same_catalog(world)
    now = situation(world.declared, announced, people.here, world.today, world.clock.today())
    steps = tuple(turning_back(now) if turn_back else _steps(world, now, people.foreign))
    notes = () if turn_back else remarks(now)
    if people.silence:
        notes += (f"{people.silence.what} does not answer, so nothing is planned for environments",)
    subject = "take back what was announced" if turn_back else f"what {world.today} changes of releases"
    return Plan(subject, world.today, steps, notes, fingerprint(*(step.do for step in steps)))


def _same_catalog(world: World) -> None:
    """Refuse to speak from the shipped catalog of what was announced from one of one's own: a job in another folder."""
    gone = sorted(world.announced.keys() - {one.name for one in world.declared.releases})
    if world.declared.shipped and gone:
        raise Refused(
            "what was announced is not of the shipped catalog",
            why=f"{gone[0]} was announced, and the shipped catalog does not have it",
            hint="name your own:  --catalog DIR   or set  catalog  in config.toml",
        )


def _steps(world: World, now: Situation, foreign: tuple[Container, ...]) -> Iterator[Step]:
    """Give the steps of a day: each line is one concern, and a function of what the plan is made of."""
    announced = tuple(announcing(now))
    yield from announced
    yield from telling.steps(world, now, announced, foreign)
    yield from stopping(now)
