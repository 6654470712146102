"""A set is promoted when every required cell is verified against a real source, and none became slower."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from manager.core.checks import Answer, Cell, Checked
from manager.core.promotable import RATE, promotable

CELL = Cell("jupyterlab:4.6-py3.13", "postgresql", "psycopg", "3.3.9", "postgresql-17", "real", "b" * 64)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def checked(cell: Cell = CELL, verdict: str = "verified", rate: float = 0.0) -> Checked:
    """Give a cell with one answer."""
    measures = ((RATE, rate),) if rate else ()
    answer = Answer("fetch.rows", "pass", measures=measures)
    return Checked(cell, "key", verdict, "because", (answer,), NOW)  # type: ignore[arg-type]


def test_a_verified_set_may_be_promoted() -> None:
    """Its evidence says against how many real sources."""
    found = promotable([CELL], {CELL.place: checked()}, {})

    assert (bool(found), found.evidence) == (True, "1 cell verified against real sources")


@pytest.mark.parametrize("verdict", ["blocked", "inconclusive"])
def test_anything_else_than_verified_stands_against_it(verdict: str) -> None:
    """What could not be told no less than what failed."""
    found = promotable([CELL], {CELL.place: checked(verdict=verdict)}, {})

    assert found.against == (f"{CELL.name} is {verdict}: because",)


def test_a_cell_that_was_never_checked_stands_against_it() -> None:
    """Nothing is taken for granted."""
    assert promotable([CELL], {}, {}).against == (f"{CELL.name} was never checked",)


def test_an_emulation_alone_proves_nothing() -> None:
    """It is noted, and something real has to be verified besides."""
    emulated = replace(CELL, source_kind="emulated", source="fakesnow")
    both = {one.place: checked(one) for one in (CELL, emulated)}

    assert promotable([emulated], both, {}).against == ("no cell was verified against a real source",)
    assert promotable([CELL, emulated], both, {})


@pytest.mark.parametrize(("rate", "good"), [(81_000.0, True), (80_000.0, True), (79_000.0, False)])
def test_a_fetch_may_be_a_fifth_slower_and_no_more(rate: float, good: bool) -> None:
    """Compared with the same cell in the set of before."""
    found = promotable([CELL], {CELL.place: checked(rate=rate)}, {CELL.place: checked(rate=100_000.0)})

    assert bool(found) is good


def test_what_passed_before_has_to_be_asked_again() -> None:
    """A driver that no longer knows how is no less broken for not being asked."""
    now = replace(checked(), answers=(Answer("fetch.rows", "unsupported", "it counts no rows"),))

    found = promotable([CELL], {CELL.place: now}, {CELL.place: checked()})

    assert found.against == (f"{CELL.name} has no answer to fetch.rows any more, which passed before",)


def test_what_moves_unchecked_is_named() -> None:
    """A driver whose server cannot run here."""
    found = promotable([CELL], {CELL.place: checked()}, {}, unchecked=["oracledb"])

    assert found.notes == ("moved without a check, as no real source says anything of it: oracledb",)
    assert (bool(found), found.unchecked) == (True, ("oracledb",))
