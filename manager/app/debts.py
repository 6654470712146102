"""What is owed, by the catalog's locks, what refresh last learnt and the environments that there are; and since when.

What was owed on earlier days is what their nightlies found: nobody can know afterwards who had which environment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from manager.app import connectors, listing
from manager.core.amounts import few, many
from manager.core.debt import TREND_DAYS, Behind, Debt, Totals, of_drivers, of_releases, totals
from manager.core.editions import overtaken
from manager.errors import Unreachable

if TYPE_CHECKING:
    from datetime import date

    from manager.app.views import ConnectorView
    from manager.app.world import World
    from manager.core.observed import Environment

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed on a day, and what was on the days before it on which a nightly looked; ``notes`` are sentences."""

    as_of: date
    totals: Totals
    items: tuple[Debt, ...]
    trend: dict[date, Totals] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give ``debt`` of schema 1."""
        return {
            "as_of": self.as_of.isoformat(),
            "totals": self.totals.to_json(),
            "items": [one.to_json() for one in self.items],
            "trend": [{"day": day.isoformat(), **one.to_json()} for day, one in self.trend.items()],
            "notes": list(self.notes),
        }


def owed(world: World) -> Owed:
    """Say what is owed, and what was; an engine or a database that does not answer is a note."""
    items, found, notes = _today(world)
    return Owed(world.today, found, items, _trend(world, notes), tuple(notes))


def keep(world: World) -> Totals:
    """Remember what is owed today; raises Unreachable without engine or database."""
    _, found, _ = _today(world)
    world.store.debts.keep(world.engine_id, world.today, found)
    return found


def _today(world: World) -> tuple[tuple[Debt, ...], Totals, list[str]]:
    """Give what is owed, in all as well, and notes."""
    notes: list[str] = []
    environments = _environments(world, notes)
    drivers = _behind(connectors.listed(world), notes)
    over = of_releases(world.catalog, environments or (), world.settings.owner, world.today)
    items = (*over, *of_drivers(drivers, environments or ()))
    known = any(one.years is not None for one in drivers) or not drivers
    return items, totals(items, drivers=known, environments=environments is not None), notes


def _environments(world: World, notes: list[str]) -> tuple[Environment, ...] | None:
    try:
        found = listing.listed(world, "")
    except Unreachable as error:
        notes.append(f"who has what is not known: {error.sentence}")
        return None
    return found.environments


def _trend(world: World, notes: list[str]) -> dict[date, Totals]:
    try:
        first = world.today - timedelta(days=TREND_DAYS)
        return world.store.debts.days(world.engine_id, first, world.today - timedelta(days=1))
    except Unreachable as error:
        notes.append(f"what was owed before is not known: {error.sentence}")
        return {}


def _behind(views: tuple[ConnectorView, ...], notes: list[str]) -> list[Behind]:
    """Give the main drivers that are pinned, each version once; those nobody asked the index about are a note."""
    groups: dict[tuple[str, str], list[ConnectorView]] = {}
    for one in views:
        if one.version:
            groups.setdefault((one.connector.main_driver.name, one.version), []).append(one)
    silent = sorted(dist for (dist, _), some in groups.items() if some[0].libyears is None)
    if silent:
        said = f"the age of {many(len(silent), 'driver')} is not known ({few(silent, _NAMED)})"
        notes.append(f"{said}; ask the index:  solvent refresh")
    return [
        Behind(
            dist,
            version,
            tuple(one.connector.id for one in some),
            tuple(sorted({release for one in some for release in one.present})),
            some[0].learnt.newest,
            some[0].libyears,
            overtaken(some[0].learnt.known, version),
            any(one.hold for one in some),
        )
        for (dist, version), some in groups.items()
    ]
