"""The compatibility matrix as a Markdown page: a line for each driver and source, a column for each release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.amounts import many
from manager.core.matrix import KINDS, STALE_DAYS, STATES
from manager.core.page_text import plain, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.matrix import Mark, Matrix, State

_GLYPHS: dict[State, str] = {"verified": "✔", "blocked": "✖", "inconclusive": "?", "not_run": "○"}
_WORDS: dict[State, str] = {"not_run": "not run"}
# Stands before whatever was found against an emulation, which proves nothing of the real server.
_EMULATED = "≈ emulated:"


def words(mark: Mark) -> str:
    """Say what a mark is, in one line with glyph and word: ``✔ verified since 2026-11-01``."""
    text = f"{_GLYPHS[mark.state]} {_WORDS.get(mark.state, mark.state)}"
    if mark.kind == "emulated" and mark.state != "not_run":
        text = f"{_EMULATED} {text}"
    if mark.since:
        text += f" since {mark.since:%Y-%m-%d}"
    if mark.stale and mark.at:
        text += f", stale (last run {mark.at:%Y-%m-%d})"
    return text


def markdown(matrix: Matrix) -> str:
    """Write the page: counts, the matrix, and each mark that is not verified with its reason."""
    return "\n".join(_lines(matrix)) + "\n"


def _lines(matrix: Matrix) -> Iterator[str]:
    yield "# Compatibility matrix"
    yield ""
    yield f"As of {matrix.as_of}, made from the results of checks. {_legend()}"
    yield ""
    counts = [(kind, *(str(matrix.count(state, kind)) for state in STATES)) for kind in KINDS]
    yield from table(("sources", *(_WORDS.get(state, state) for state in STATES)), counts)
    yield ""
    yield from table(("connector", "driver", "source", *map(plain, matrix.releases)), list(_rows(matrix)))
    for state in ("blocked", "inconclusive", "not_run"):
        found = [mark for mark in matrix.marks if mark.state == state]
        if found:
            yield from ("", f"## {_GLYPHS[state]} {_WORDS.get(state, state).capitalize()}", "")
            yield from dict.fromkeys(map(_told, found))


def _legend() -> str:
    return (
        f"A mark is of the set that the release has now. “{_EMULATED}” is what an emulation answered, "
        f"which proves nothing of the real server. “Stale” was not run for more than {many(STALE_DAYS, 'day')}, "
        "and “not run” was not asked at all: neither is a pass."
    )


def _rows(matrix: Matrix) -> Iterator[tuple[str, ...]]:
    for row in matrix.rows:
        places = {(mark.spot.source, mark.spot.release): mark for mark in row.marks}
        for source in dict.fromkeys(mark.spot.source for mark in row.marks):
            kinds = {mark.kind for mark in row.marks if mark.spot.source == source}
            label = plain(source) + (" (emulated)" if "emulated" in kinds else "")
            found = (places.get((source, release)) for release in matrix.releases)
            cells = (f"{plain(mark.spot.version)} {words(mark)}" if mark else "" for mark in found)
            yield plain(row.connector), plain(row.driver), label or "none", *cells


def _told(mark: Mark) -> str:
    """Give the line of a mark with its reason; those that cannot run are one line for all releases."""
    spot = mark.spot
    against = f" against {spot.source}" if spot.source else ""
    if spot.not_run and mark.state == "not_run":
        return f"- **{plain(f'{spot.connector} {spot.driver}{against}')}**: {plain(mark.reason)}"
    kind = " (emulated)" if mark.kind == "emulated" else ""
    what = plain(f"{spot.connector} {spot.driver} {spot.version} in {spot.release}{against}")
    before = f"; {plain(mark.before)}" if mark.before else ""
    evidence = f" (`solvent check show {mark.run}`)" if mark.run else ""
    return f"- **{what}**{kind}: {plain(mark.reason)}{before}{evidence}"
