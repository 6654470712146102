"""The compatibility matrix: drivers by releases and sources, what is known of each and since when, and what is not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from manager.core.check_records import Seen
    from manager.core.checks import Checked

State = Literal["verified", "blocked", "inconclusive", "not_run"]
STATES: tuple[State, ...] = get_args(State)
Kind = Literal["real", "emulated"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# A server, and what stands between it and a sandbox, moves without a new digest.
STALE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the matrix: one driver of a release's present set, against one source.

    ``not_run`` says why it cannot be checked here, and is empty where it can; ``source`` is empty for a connector
    without one.
    """

    release: str
    connector: str
    driver: str
    version: str
    set_hash: str
    source: str = ""
    source_kind: Kind = "real"
    not_run: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Give what :attr:`Cell.place` gives of its cells."""
        return (self.release, self.connector, self.driver, self.source)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a spot: of the set that the release has, and of no other.

    ``at`` is its last run, ``run`` that run's id; ``since`` begins the unbroken verdict, and is None for what could not
    tell or was not run. ``before`` says in words what was known earlier, where the state itself tells nothing.
    """

    spot: Spot
    state: State
    reason: str
    at: datetime | None = None
    run: str = ""
    since: datetime | None = None
    before: str = ""
    stale: bool = False

    @property
    def kind(self) -> Kind:
        """Say whether its source is real."""
        return self.spot.source_kind


@dataclass(frozen=True, slots=True)
class Row:
    """A driver of a connector, with a mark for each release and source that it belongs to."""

    connector: str
    driver: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole matrix on a day; releases and rows in the order of what it was made from."""

    as_of: date
    releases: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Give all marks, row by row."""
        return tuple(mark for row in self.rows for mark in row.marks)

    def count(self, state: State, kind: Kind) -> int:
        """Count marks; real and emulated sources are never added up."""
        return sum((one.state, one.kind) == (state, kind) for one in self.marks)

    def to_json(self) -> dict[str, Any]:
        """Give schema 1 of ``connector matrix``."""
        return {
            "schema": 1,
            "as_of": self.as_of.isoformat(),
            "stale_after_days": STALE_DAYS,
            "releases": list(self.releases),
            "counts": {kind: {state: self.count(state, kind) for state in STATES} for kind in KINDS},
            "rows": [
                {"connector": row.connector, "driver": row.driver, "cells": [_json(mark) for mark in row.marks]}
                for row in self.rows
            ],
        }


def matrix(spots: Iterable[Spot], found: Iterable[Checked], seen: Iterable[Seen], today: date) -> Matrix:
    """Put what was found into its places.

    ``found`` are the newest cells of the releases' present sets, and of any others; ``seen`` every conclusive verdict.
    """
    checked: dict[tuple[str, ...], list[Checked]] = defaultdict(list)
    history: dict[tuple[str, ...], list[Seen]] = defaultdict(list)
    for one in found:
        checked[one.cell.place].append(one)
    for verdict in sorted(seen, key=lambda one: one.at):
        history[verdict.place].append(verdict)
    rows: dict[tuple[str, str], list[Mark]] = defaultdict(list)
    places = {spot.place: spot for spot in spots}
    for place, spot in places.items():
        rows[spot.connector, spot.driver].append(_mark(spot, checked[place], history[place], today))
    return Matrix(
        today,
        tuple(dict.fromkeys(spot.release for spot in places.values())),
        tuple(Row(connector, driver, tuple(marks)) for (connector, driver), marks in rows.items()),
    )


def _mark(spot: Spot, found: list[Checked], history: list[Seen], today: date) -> Mark:
    mine = [one for one in found if one.cell.set_hash == spot.set_hash]
    if not mine:
        why = spot.not_run or ("this set was not checked" if found or history else "never checked")
        return Mark(spot, "not_run", why, before=_before(history, ""))
    last = max(mine, key=lambda one: one.at)
    stale = (today - last.at.date()).days > STALE_DAYS
    if last.verdict == "inconclusive":
        return Mark(spot, last.verdict, last.reason, last.at, last.run, None, _before(history, spot.set_hash), stale)
    return Mark(spot, last.verdict, last.reason, last.at, last.run, _since(last, history), "", stale)


def _before(history: list[Seen], set_hash: str) -> str:
    """Say what the last verdict was, of one set or ("") of any, which is then another one."""
    mine = [one for one in history if set_hash in ("", one.set_hash)]
    if not mine:
        return ""
    return f"{mine[-1].verdict} on {mine[-1].at:%Y-%m-%d}" + ("" if set_hash else " with another set")


def _since(last: Checked, history: list[Seen]) -> datetime:
    """Find the first of the verdicts that lead to this one without another between them.

    A set that was tried meanwhile and is not the release's breaks nothing.
    """
    earlier = [one for one in history if one.at <= last.at]
    begun = min((one.at for one in earlier if one.set_hash == last.cell.set_hash), default=last.at)
    breaks = [
        one.at
        for one in earlier
        if one.verdict != last.verdict and (one.set_hash == last.cell.set_hash or one.at < begun)
    ]
    broken = max(breaks, default=None)
    same = [one.at for one in earlier if one.verdict == last.verdict and (broken is None or one.at > broken)]
    return min(same, default=last.at)


def _json(mark: Mark) -> dict[str, Any]:
    spot = mark.spot
    return {
        "release": spot.release,
        "source": spot.source,
        "source_kind": spot.source_kind,
        "version": spot.version,
        "set_hash": spot.set_hash,
        "verdict": mark.state,
        "reason": mark.reason,
        "since": _stamp(mark.since),
        "at": _stamp(mark.at),
        "stale": mark.stale,
        "run": mark.run,
        "before": mark.before,
    }


def _stamp(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None
