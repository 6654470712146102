"""Connectors that releases go without for now, so that their others can move: since when, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.driver_decisions import DriverDecision

_KINDS = ("suspend", "unsuspend")


def covers(one: DriverDecision, release: str) -> bool:
    """Say whether a decision is about a release, by its full name: about all of them, or about this one."""
    return one.release in ("", release)


def suspending(decisions: Iterable[DriverDecision], connector: str, release: str, day: date) -> DriverDecision | None:
    """Give the decision that suspends a connector in a release on a day; the last one about both counts."""
    # Slow to load, and needed only where there is such a decision.
    from manager.core.holds import order

    mine = [
        one
        for one in decisions
        if one.kind in _KINDS and one.subject == connector and one.day <= day and covers(one, release)
    ]
    last = max(mine, key=order, default=None)
    return last if last is not None and last.kind == "suspend" else None


def without(catalog: Catalog, day: date) -> Catalog:
    """Give a catalog whose releases go without the connectors that are suspended on a day."""
    always = {one.id for one in catalog.connectors if one.state == "suspended"}
    decided = [one for one in catalog.driver_decisions if one.kind in _KINDS]
    if not always and not decided:
        return catalog

    def left(release: Release) -> Release:
        out = tuple(
            name
            for name in release.connectors
            if name in always or suspending(decided, name, release.name, day) is not None
        )
        mine = tuple(name for name in release.connectors if name not in out)
        return replace(release, connectors=mine, suspended=out) if out else release

    families = tuple(replace(one, releases=tuple(map(left, one.releases))) for one in catalog.families)
    return replace(catalog, families=families)


def because(catalog: Catalog, connector: str, release: str, day: date) -> str:
    """Say who suspended a connector in a release, since when and why; "" where it is not suspended there."""
    one = suspending(catalog.driver_decisions, connector, release, day)
    if one is not None:
        return f"suspended by {one.by} since {one.day}: {one.reason}"
    mine = catalog.connector(connector)
    return f"{mine.place.file} says that it is suspended" if mine.state == "suspended" else ""
