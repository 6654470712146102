"""The compatibility matrix as a list: a line for each driver and source, a column for each release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.matrix_page import words
from manager.tui.kinds import Kind, Tabs
from manager.tui.rows import Column, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager.app.manager import Manager
    from manager.core.matrix import Mark

_MOODS = {"verified": "good", "blocked": "bad", "inconclusive": "warn", "not_run": "dim"}
_FIXED = (Column("driver"), Column("version"), Column("against"))


def _rows(manager: Manager) -> list[Row]:
    found = manager.matrix()
    lines: dict[tuple[str, str, str], dict[str, Mark]] = {}
    for row in found.rows:
        for mark in row.marks:
            key = (row.connector, row.driver, mark.spot.source or "-")
            lines.setdefault(key, {})[mark.spot.release] = mark
    return [_row(key, marks, found.releases) for key, marks in lines.items()]


def _row(key: tuple[str, str, str], marks: dict[str, Mark], releases: Sequence[str]) -> Row:
    connector, driver, source = key
    versions = ", ".join(dict.fromkeys(one.spot.version for one in marks.values()))
    shown = [words(marks[release]) if release in marks else "" for release in releases]
    moods = tuple(
        (index, "dim" if mark.stale else _MOODS[mark.state])
        for index, mark in enumerate((marks.get(release) for release in releases), len(_FIXED))
        if mark is not None
    )
    needy = any(one.state in ("blocked", "inconclusive") or one.stale for one in marks.values())
    cells = (driver, versions, source, *shown)
    return Row(" ".join(key), connector, cells, moods=moods, needy=needy, thing=(marks, tuple(releases)))


def shape(rows: Sequence[Row]) -> tuple[Column, ...]:
    """Give the columns that rows have: one for each release."""
    releases: tuple[str, ...] = rows[0].thing[1] if rows else ()  # type: ignore[index]
    return (*_FIXED, *(Column(name) for name in releases))


def _tabs(manager: Manager, row: Row) -> Tabs:
    marks: dict[str, Mark] = row.thing[0]  # type: ignore[index]
    lines = []
    for release, mark in marks.items():
        lines += [release, f"  {words(mark)}", f"  {mark.reason}"]
        lines += [f"  before: {mark.before}"] * bool(mark.before)
        lines += [f"  run:    {mark.run}"] * bool(mark.run)
        if turn := manager.turn(mark):
            lines += [f"  {line}" for line in turn.lines()]
        lines.append("")
    return (("matrix", "\n".join(lines)),)


MATRIX = Kind("matrix", "Matrix", _FIXED, _rows, _tabs, "No release in use has a connector.", shape)
