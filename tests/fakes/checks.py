"""Runs of checks in memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.check_records import Flakes, KeptSet, Seen, begun, named, storable, unknown_run
from manager.core.checks import CONCLUSIVE, Run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from manager.core.checks import Cell, Checked


class FakeChecks:
    """Keeps runs and sets, as collections that a test may read."""

    def __init__(self) -> None:
        self.begun: dict[str, Run] = {}
        self.sets: dict[tuple[str, str], tuple[str, datetime]] = {}

    def begin(self, run: str, started: datetime, by: str, subject: str) -> None:
        """Begin one, once."""
        if run in self.begun:
            raise begun(run)
        self.begun[run] = Run(run, started, by, subject)

    def keep(self, run: str, checked: Checked) -> None:
        """Keep a cell, in its place."""
        found = self._known(run)
        kept, cells = storable(checked, run), list(found.cells)
        place = next((number for number, one in enumerate(cells) if one.key == kept.key), len(cells))
        cells[place : place + 1] = [kept]
        self.begun[run] = replace(found, cells=tuple(cells))

    def end(self, run: str, ended: datetime) -> None:
        """End one."""
        self.begun[run] = replace(self._known(run), ended=ended)

    def run(self, known: str = "") -> Run | None:
        """Find one."""
        return self.begun.get(named(known, list(self.begun))) if known else next(iter(self._newest(1)), None)

    def runs(self, limit: int = 20) -> tuple[Run, ...]:
        """Give the newest."""
        return tuple(replace(run, cells=tuple(map(_bare, run.cells))) for run in self._newest(limit))

    def conclusive(self, keys: Iterable[str]) -> dict[str, Checked]:
        """Give what counts under each key."""
        wanted = set(keys)
        return {one.key: one for one in self._cells() if one.key in wanted and one.verdict in CONCLUSIVE}

    def latest(self, sets: Iterable[str] = (), *, conclusive: bool = False) -> tuple[Checked, ...]:
        """Give the newest of each place."""
        wanted = set(sets)
        some = (one for one in self._cells() if not conclusive or one.verdict in CONCLUSIVE)
        found = {one.cell.place: one for one in some if not wanted or one.cell.set_hash in wanted}
        return tuple(_bare(found[place]) for place in sorted(found))

    def verdicts(self) -> tuple[Seen, ...]:
        """Give every conclusive verdict."""
        found = (one for one in self._cells() if one.verdict in CONCLUSIVE)
        return tuple(Seen(one.cell.place, one.cell.set_hash, one.verdict, one.at) for one in found)

    def at_place(self, place: tuple[str, str, str, str]) -> tuple[Checked, ...]:
        """Give those of a place."""
        return tuple(_bare(one) for one in self._cells() if one.cell.place == place)

    def previous_green(self, cell: Cell) -> Checked | None:
        """Give what was verified before."""
        found = [one for one in self._cells() if one.cell.place == cell.place and one.verdict == "verified"]
        return next((one for one in reversed(found) if one.cell.set_hash != cell.set_hash), None)

    def keep_set(self, set_hash: str, release: str, text: str, at: datetime) -> None:
        """Keep a text, once."""
        self.sets.setdefault((set_hash, release), (text, at))

    def set_text(self, set_hash: str) -> str:
        """Give a text."""
        return next((text for (one, _), (text, _) in self.sets.items() if one == set_hash), "")

    def sets_of(self, release: str) -> tuple[KeptSet, ...]:
        """Give a release's."""
        found = [KeptSet(one, of, at) for (one, of), (_, at) in self.sets.items() if of == release]
        return tuple(sorted(sorted(found, key=lambda one: one.set_hash), key=lambda one: one.at, reverse=True))

    def flakes(self, runs: int = 50) -> tuple[Flakes, ...]:
        """Count."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for answer in (one for run in self._newest(runs) for cell in run.cells for one in cell.answers):
            counts[answer.probe][0] += 1
            counts[answer.probe][1] += answer.flaky
        return tuple(Flakes(probe, *counts[probe]) for probe in sorted(counts))

    def _newest(self, most: int) -> list[Run]:
        return sorted(self.begun.values(), key=lambda one: (one.started, one.id), reverse=True)[:most]

    def _cells(self) -> list[Checked]:
        """Give every cell, oldest first."""
        return sorted((one for run in self.begun.values() for one in run.cells), key=lambda one: (one.at, one.run))

    def _known(self, run: str) -> Run:
        if run not in self.begun:
            raise unknown_run(run)
        return self.begun[run]


def _bare(checked: Checked) -> Checked:
    return replace(checked, answers=())
