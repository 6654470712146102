"""Debt: what is owed, since when, and to whom it matters.

A driver that is older than its newest version is owed libyears (:mod:`.libyears`); a release that people still have
after its end of life is owed days.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from manager.core.amounts import many
from manager.core.lifecycle import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Environment

# For so many days back what was owed is shown.
TREND_DAYS = 90


@dataclass(frozen=True, slots=True)
class Behind:
    """The main driver of connectors, as the newest active release that has them pins it.

    ``years`` are libyears, None where nobody knows them; ``since`` is the day on which the first newer version came;
    ``releases`` are those that have it; ``held`` is whether a decision keeps it where it is.
    """

    dist: str
    version: str
    connectors: tuple[str, ...]
    releases: tuple[str, ...]
    newest: str = ""
    years: float | None = None
    since: date | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Debt:
    """Something that is owed.

    ``principal`` is in libyears for a driver and in days for a release; ``interest`` counts the environments that
    stand on it, ``owners`` are whose these are; ``pay`` is the command that pays it, or that says what is in the way.
    """

    kind: Literal["driver", "release"]
    subject: str
    principal: float
    interest: int
    since: date | None
    owners: tuple[str, ...]
    why: str
    pay: str

    @property
    def amount(self) -> str:
        """Give what is owed, with its unit."""
        return f"{self.principal:.2f} libyears" if self.kind == "driver" else many(int(self.principal), "day")

    def to_json(self) -> dict[str, Any]:
        """Give one of ``items`` of ``debt``."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "principal": self.principal,
            "interest": self.interest,
            "since": self.since.isoformat() if self.since else None,
            "owners": list(self.owners),
            "why": self.why,
            "pay": self.pay,
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """What is owed in all: libyears of drivers, days of releases that are over, the people who still have these.

    None is what could not be told.
    """

    libyears: float | None = None
    overdue_days: int | None = None
    people: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Give ``totals`` of ``debt``."""
        return {"libyears": self.libyears, "overdue_days": self.overdue_days, "people": self.people}

    @property
    def words(self) -> tuple[str, ...]:
        """Give it in words: libyears, overdue days and, where these are known, people."""
        years = "libyears not known" if self.libyears is None else f"{self.libyears:.2f} libyears"
        if self.overdue_days is None:
            return years, "overdue days not known"
        return years, many(self.overdue_days, "overdue day"), many(self.people or 0, "person", "people")


def of_drivers(drivers: Iterable[Behind], environments: Iterable[Environment]) -> Iterator[Debt]:
    """Give what is owed of drivers, most first; a driver of several connectors is owed once for each version."""
    standing = _by_release(environments)
    behind = [one for one in drivers if one.years]
    for one in sorted(behind, key=lambda each: (-(each.years or 0), each.dist, each.version)):
        mine = [each for release in one.releases for each in standing[release]]
        first = one.connectors[0]
        yield Debt(
            "driver",
            f"{one.dist} {one.version}",
            one.years or 0,
            len(mine),
            one.since,
            _owners(mine),
            f"{one.newest} is there, for {', '.join(one.connectors)}{'; it is held' if one.held else ''}",
            f"solvent connector explain {first}" if one.held else f"solvent connector lock --upgrade {first}",
        )


def of_releases(catalog: Catalog, environments: Iterable[Environment], owner: str, today: date) -> Iterator[Debt]:
    """Give what is owed of releases that people have after their end of life, the longest first.

    ``owner`` is who asks: one's own environments can be upgraded, those of others only be looked at.
    """
    standing = _by_release(environments)
    over = [one for one in catalog.releases if standing.get(one.name) and one.stage(today) is Stage.RETIRED]
    for one in sorted(over, key=lambda each: (each.schedule.end_of_life, each.name)):
        mine, end = standing[one.name], one.schedule.end_of_life
        yield Debt(
            "release",
            one.name,
            (today - end).days,
            len(mine),
            end,
            _owners(mine),
            f"its end of life was on {end}: {many(len(mine), 'environment')} of {many(len(_owners(mine)), 'owner')}",
            _way(catalog, one, [each.name for each in mine if each.owner == owner], today),
        )


def _way(catalog: Catalog, release: Release, names: list[str], today: date) -> str:
    successor = catalog.successor(release, today)
    if names and successor:
        return f"solvent env upgrade {' '.join(sorted(names))} --to {successor.name}"
    return f"solvent lifecycle impact {release.name}"


def totals(debts: Iterable[Debt], *, drivers: bool = True, environments: bool = True) -> Totals:
    """Add up; without ``drivers`` or ``environments`` those are not known."""
    found = tuple(debts)
    over = [one for one in found if one.kind == "release"]
    return Totals(
        round(sum((one.principal for one in found if one.kind == "driver"), 0.0), 2) if drivers else None,
        int(sum(one.principal for one in over)) if environments else None,
        len({owner for one in over for owner in one.owners}) if environments else None,
    )


def _by_release(environments: Iterable[Environment]) -> dict[str, list[Environment]]:
    found: dict[str, list[Environment]] = defaultdict(list)
    for one in environments:
        # Whose container is gone stands on nothing.
        if one.state != "gone":
            found[one.release].append(one)
    return found


def _owners(environments: Iterable[Environment]) -> tuple[str, ...]:
    return tuple(sorted({one.owner for one in environments}))
