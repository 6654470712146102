"""Runs of checks as rows: a cell is kept as it ends, so that a run that was killed keeps what it had."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from manager.core.check_records import Flakes, KeptSet, Seen, begun, named, storable, unknown_run
from manager.core.checks import Answer, Cell, Checked, Guilt, Run
from manager.core.plan import digest_of
from manager.world.store import tables
from manager.world.store.errors import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.world.store.session import Session, Statements

_RUN = '"id" = :run'
_CELLS = 'WHERE "run" = :run ORDER BY "position"'
_ANSWERS = 'WHERE "run" = :run ORDER BY "cell", "position"'
_NEWEST_RUNS = 'SELECT "id" AS "newest" FROM "check_runs" ORDER BY "started" DESC, "id" DESC LIMIT :most'
# MySQL takes no LIMIT in what stands behind IN.
_OF_THEM = f'JOIN ({_NEWEST_RUNS}) "them" ON "run" = "newest"'
_CONCLUSIVE = "\"verdict\" IN ('verified', 'blocked')"
_SEEN = 'SELECT "release", "connector", "driver", "source", "set_hash", "verdict", "at" FROM "check_cells"'
_FLAKES = 'SELECT "probe", count(*), sum("flaky") FROM "check_answers"'
_GREEN = (
    'WHERE "place" = :place AND "set_hash" <> :set_hash AND "verdict" = \'verified\' '
    'ORDER BY "at" DESC, "run" DESC, "position" DESC LIMIT 1'
)
_LATEST = (
    'JOIN (SELECT "place" AS "spot", max("at") AS "last" FROM "check_cells" {some} GROUP BY "place") "them" '
    'ON "place" = "spot" AND "at" = "last" {some} '
    'ORDER BY "release", "connector", "driver", "source", "run", "position"'
)
# SQLite's oldest limit of values in a statement is 999.
_MOST = 500
_CELL = tuple(one.name for one in fields(Cell))
_ANSWER = tuple(one.name for one in fields(Answer))


class Checks:
    """The runs of checks in one database; implements :class:`manager.core.check_records.CheckRecords`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, run: str, started: datetime, by: str, subject: str) -> None:
        """Begin a run under an id that no other has; Refused where one has it."""

        def change(do: Statements) -> None:
            if do.rows(tables.select("check_runs", f"WHERE {_RUN}"), run=run):
                raise begun(run)
            row = {"id": run, "started": tables.text(started), "by": by, "subject": subject, "ended": None}
            do.run(tables.insert("check_runs"), **row)

        self._session.write(change)

    def keep(self, run: str, checked: Checked) -> None:
        """Keep a cell of a run as it ends, in the place of one with the same key; UsageError for an unknown run."""
        kept = storable(checked, run)

        def change(do: Statements) -> None:
            if not do.rows(tables.select("check_runs", f"WHERE {_RUN}"), run=run):
                raise unknown_run(run)
            rows = do.rows('SELECT "position", "key" FROM "check_cells" WHERE "run" = :run', run=run)
            position = max((row[0] for row in rows), default=-1) + 1
            for before in (row[0] for row in rows if row[1] == kept.key):
                position = before
                do.run(tables.delete("check_answers", '"run" = :run AND "cell" = :cell'), run=run, cell=before)
                do.run(tables.delete("check_cells", '"run" = :run AND "position" = :cell'), run=run, cell=before)
            do.run(tables.insert("check_cells"), **_row(kept), position=position)
            for number, one in enumerate(kept.answers):
                more = {"flaky": int(one.flaky), "measures": json.dumps(one.measures)}
                row = asdict(one) | more | {"run": run, "cell": position, "position": number}
                do.run(tables.insert("check_answers"), **row)

        self._session.write(change)

    def end(self, run: str, ended: datetime) -> None:
        """Note that a run came to its end; UsageError for an unknown one."""
        change = tables.update("check_runs", "ended", _RUN)
        if not self._session.write(lambda do: do.run(change, run=run, ended=tables.text(ended))):
            raise unknown_run(run)

    def run(self, known: str = "") -> Run | None:
        """Find a run with its answers by its id, by how that begins, or the newest; UsageError where several fit."""
        if known:
            found = named(known, [row[0] for row in self._session.rows('SELECT "id" FROM "check_runs"')])
        else:
            found = next((row[0] for row in self._session.rows(_NEWEST_RUNS, most=1)), "")
        rows = self._session.rows(tables.select("check_runs", f"WHERE {_RUN}"), run=found)
        if not rows:
            return None
        cells = self._answered(self._session.rows(tables.select("check_cells", _CELLS), run=found))
        return _run(rows[0], tuple(cells))

    def runs(self, limit: int = 20) -> tuple[Run, ...]:
        """Give the newest runs first, their cells without answers."""
        newest = tables.select("check_runs", 'ORDER BY "started" DESC, "id" DESC LIMIT :most')
        more = f'{_OF_THEM} ORDER BY "run", "position"'
        runs = self._session.rows(newest, most=limit)
        cells = defaultdict(list)
        for row in self._session.rows(tables.select("check_cells", more), most=limit):
            cells[row[0]].append(_checked(row))
        return tuple(_run(row, tuple(cells[row[0]])) for row in runs)

    def conclusive(self, keys: Iterable[str]) -> dict[str, Checked]:
        """Give what was last verified or blocked under each of these keys."""
        wanted = sorted(set(keys))
        found: dict[str, tuple[Any, ...]] = {}
        for first in range(0, len(wanted), _MOST):
            some, values = _among("key", wanted[first : first + _MOST])
            query = f'WHERE {some} AND {_CONCLUSIVE} ORDER BY "at", "run", "position"'
            found |= {row[2]: row for row in self._session.rows(tables.select("check_cells", query), **values)}
        return {one.key: one for one in self._answered(list(found.values()))}

    def latest(self, sets: Iterable[str] = (), *, conclusive: bool = False) -> tuple[Checked, ...]:
        """Give the newest of each release, connector, driver and source, by these; without answers."""
        some, values = _among("set_hash", sorted(set(sets)))
        terms = [*filter(None, (some, _CONCLUSIVE if conclusive else ""))]
        query = _LATEST.format(some=f"WHERE {' AND '.join(terms)}" if terms else "")
        rows = self._session.rows(tables.select("check_cells", query), **values)
        return tuple({one.cell.place: one for one in map(_checked, rows)}.values())

    def verdicts(self) -> tuple[Seen, ...]:
        """Give every conclusive verdict, oldest first."""
        rows = self._session.rows(f'{_SEEN} WHERE {_CONCLUSIVE} ORDER BY "at", "run", "position"')
        return tuple(Seen((a, b, c, d), of, verdict, _instant(at)) for a, b, c, d, of, verdict, at in rows)

    def at_place(self, place: tuple[str, str, str, str]) -> tuple[Checked, ...]:
        """Give every cell of a place, oldest first, without answers."""
        query = 'WHERE "place" = :place ORDER BY "at", "run", "position"'
        rows = self._session.rows(tables.select("check_cells", query), place=digest_of(place))
        return tuple(map(_checked, rows))

    def previous_green(self, cell: Cell) -> Checked | None:
        """Give what was last verified of the same release, connector, driver and source in another set."""
        values = {"place": digest_of(cell.place), "set_hash": cell.set_hash}
        return next(iter(self._answered(self._session.rows(tables.select("check_cells", _GREEN), **values))), None)

    def keep_set(self, set_hash: str, release: str, text: str, at: datetime) -> None:
        """Keep the text of a kernel lock, so that there is something to go back to; known ones stay as they are."""
        which = {"release": release, "set_hash": set_hash}

        def change(do: Statements) -> None:
            here = '"release" = :release AND "set_hash" = :set_hash'
            if not do.rows(f'SELECT "at" FROM "check_sets" WHERE {here}', **which):  # noqa: S608 - names of ours
                do.run(tables.insert("check_sets"), **which, text=text, at=tables.text(at))

        self._session.write(change)

    def set_text(self, set_hash: str) -> str:
        """Give the text of a set; "" for an unknown one."""
        rows = self._session.rows('SELECT "text" FROM "check_sets" WHERE "set_hash" = :it LIMIT 1', it=set_hash)
        return rows[0][0] if rows else ""

    def sets_of(self, release: str) -> tuple[KeptSet, ...]:
        """Give the sets of a release, the one that was first seen last first."""
        query = 'WHERE "release" = :release ORDER BY "at" DESC, "set_hash"'
        rows = self._session.rows(tables.select("check_sets", query, without="text"), release=release)
        return tuple(KeptSet(set_hash, of, _instant(at)) for of, set_hash, at in rows)

    def flakes(self, runs: int = 50) -> tuple[Flakes, ...]:
        """Count how often each probe was asked and flaky in the newest runs, by probe."""
        rows = self._session.rows(f'{_FLAKES} {_OF_THEM} GROUP BY "probe" ORDER BY "probe"', most=runs)
        return tuple(Flakes(probe, int(asked), int(flaky)) for probe, asked, flaky in rows)

    def _answered(self, rows: list[tuple[Any, ...]]) -> list[Checked]:
        """Give cells with their answers, read once for each run."""
        answers = defaultdict(list)
        for run in sorted({row[0] for row in rows}):
            for row in self._session.rows(tables.select("check_answers", _ANSWERS), run=run):
                answers[row[:2]].append(_answer(row))
        return [replace(_checked(row), answers=tuple(answers[row[:2]])) for row in rows]


def _among(column: str, values: list[str]) -> tuple[str, dict[str, str]]:
    """Give a condition that a column has one of these values, and the values; "" for none."""
    named = {f"v{number}": value for number, value in enumerate(values)}
    return (f'"{column}" IN ({", ".join(f":{name}" for name in named)})' if named else ""), named


def _row(one: Checked) -> dict[str, Any]:
    return asdict(one.cell) | {
        "run": one.run,
        "key": one.key,
        "place": digest_of(one.cell.place),
        "verdict": one.verdict,
        "reason": one.reason,
        "at": tables.text(one.at),
        "seconds": one.seconds,
        "guilt": json.dumps(asdict(one.guilt)) if one.guilt else None,
    }


def _run(row: tuple[Any, ...], cells: tuple[Checked, ...]) -> Run:
    known, started, by, subject, ended = row
    return Run(known, _instant(started), by, subject, cells, _instant(ended) if ended else None)


def _checked(row: tuple[Any, ...]) -> Checked:
    run, _, key, _, *cell, verdict, reason, at, seconds, guilt = row
    blamed = None
    try:
        if guilt:
            blamed = Guilt(**(found := json.loads(guilt)) | {"among": tuple(found["among"])})
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(f"the checks of the run {run}", error) from error
    return Checked(
        Cell(**dict(zip(_CELL, cell, strict=True))), key, verdict, reason, (), _instant(at), seconds, blamed, run
    )


def _answer(row: tuple[Any, ...]) -> Answer:
    run, _, _, *values = row
    found = dict(zip(_ANSWER, values, strict=True))
    try:
        measures = tuple((name, value) for name, value in json.loads(found["measures"]))
    except (ValueError, TypeError) as error:
        raise unreadable(f"the checks of the run {run}", error) from error
    return Answer(**found | {"flaky": bool(found["flaky"]), "measures": measures})


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
