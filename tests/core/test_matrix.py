"""The matrix says of each place what was found with the set that the release has, and what was not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from manager.core.check_records import Seen
from manager.core.checks import Cell, Checked
from manager.core.matrix import Mark, Matrix, Spot, matrix
from manager.core.matrix_page import markdown, words

if TYPE_CHECKING:
    from manager.core.checks import Verdict

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
TODAY = NOW.date()
SPOT = Spot("lab:1", "mysql", "PyMySQL", "1.1.2", "s1", "mariadb-11.8")
CELL = Cell("lab:1", "mysql", "PyMySQL", "1.1.2", "mariadb-11.8", "real", "s1")


def ago(days: float) -> datetime:
    """Give an instant before today's run."""
    return NOW - timedelta(days=days)


def checked(verdict: Verdict = "verified", days: float = 0, set_hash: str = "s1", **more: object) -> Checked:
    """Give a cell as it ended."""
    cell = replace(CELL, set_hash=set_hash, **more)  # type: ignore[arg-type]
    return Checked(cell, "k", verdict, f"it was {verdict}", (), ago(days), run="r1")


def seen(verdict: Verdict, days: float, set_hash: str = "s1") -> Seen:
    """Give a verdict of before."""
    return Seen(CELL.place, set_hash, verdict, ago(days))


def only(found: list[Checked], history: list[Seen] | None = None, spot: Spot = SPOT) -> Mark:
    """Give the mark of a single spot."""
    (mark,) = matrix([spot], found, history or [], TODAY).marks
    return mark


def test_a_place_shows_the_newest_of_its_set() -> None:
    """With its run, and since when; an older one of the same set, and any of another, do not."""
    found = [checked("blocked", 3), checked("verified", 1), checked("blocked", 0, "s2")]

    assert only(found, [seen("blocked", 3), seen("verified", 1)]) == Mark(
        SPOT, "verified", "it was verified", ago(1), "r1", ago(1)
    )


def test_a_set_that_was_not_checked_was_not_run() -> None:
    """However well another one did, which is said."""
    mark = only([checked("verified", 1, "s0")], [seen("blocked", 9, "s0"), seen("verified", 1, "s0")])

    assert mark == Mark(SPOT, "not_run", "this set was not checked", before="verified on 2026-11-21 with another set")
    assert only([]) == Mark(SPOT, "not_run", "never checked")


def test_what_cannot_run_here_says_why() -> None:
    """Unless somebody ran it all the same."""
    spot = replace(SPOT, not_run="it needs a licence")

    assert only([], spot=spot).reason == "it needs a licence"
    assert only([checked()], spot=spot).state == "verified"


def test_what_could_not_tell_is_neither_verified_nor_forgotten() -> None:
    """What its set was before is said; that of another set is not its own."""
    history = [seen("blocked", 9, "s0"), seen("verified", 5), seen("blocked", 4, "s2")]

    assert only([checked("inconclusive")], history) == Mark(
        SPOT, "inconclusive", "it was inconclusive", NOW, "r1", None, "verified on 2026-11-17"
    )
    assert only([checked("inconclusive")], history[:1]).before == ""


@pytest.mark.parametrize(
    ("history", "days"),
    [
        ([], 0),
        ([("verified", 9, "s1"), ("verified", 5, "s1")], 9),
        ([("verified", 9, "s1"), ("blocked", 7, "s1"), ("verified", 5, "s1")], 5),
        ([("verified", 9, "s0"), ("verified", 5, "s1")], 9),
        ([("verified", 9, "s0"), ("blocked", 7, "s0"), ("verified", 5, "s1")], 5),
        # A candidate that was blocked beside it.
        ([("verified", 9, "s1"), ("blocked", 7, "s2"), ("verified", 5, "s1")], 9),
        ([("verified", 9, "s1"), ("blocked", -1, "s1")], 9),
    ],
)
def test_a_verdict_holds_since_its_first_unbroken_run(history: list[tuple[Verdict, float, str]], days: float) -> None:
    """Over sets, but for those that only were tried; what came later changes nothing."""
    all_of_it = [*(seen(*one) for one in history), seen("verified", 0)]

    assert only([checked()], all_of_it[::-1]).since == ago(days)


def test_what_is_old_is_stale() -> None:
    """On the fifteenth day, whatever the verdict; what was not run is not stale."""
    assert [only([checked("blocked", days)]).stale for days in (0, 14, 15)] == [False, False, True]
    assert not only([checked("verified", 99, "s0")]).stale


def test_rows_are_drivers_and_columns_releases() -> None:
    """In the order of the spots; counts keep emulated sources apart."""
    other = replace(SPOT, release="lab:2", source="fake", source_kind="emulated")
    found = matrix(
        [SPOT, other, replace(SPOT, driver="mysqlclient"), replace(SPOT, source="old")],
        [checked(), checked(release="lab:2", source="fake", source_kind="emulated")],
        [],
        TODAY,
    )

    assert found.releases == ("lab:1", "lab:2")
    assert [(row.driver, [one.spot.source for one in row.marks]) for row in found.rows] == [
        ("PyMySQL", ["mariadb-11.8", "fake", "old"]),
        ("mysqlclient", ["mariadb-11.8"]),
    ]
    assert found.to_json()["counts"] == {
        "real": {"verified": 1, "blocked": 0, "inconclusive": 0, "not_run": 2},
        "emulated": {"verified": 1, "blocked": 0, "inconclusive": 0, "not_run": 0},
    }


def test_json_tells_each_cell() -> None:
    """It can be written, with instants in UTC and null for what never was."""
    found = json.loads(json.dumps(matrix([SPOT, replace(SPOT, source="x")], [checked()], [], TODAY).to_json()))

    assert (found["schema"], found["as_of"], found["stale_after_days"]) == (1, "2026-11-22", 14)
    first, second = found["rows"][0]["cells"]
    assert first == {
        "release": "lab:1", "source": "mariadb-11.8", "source_kind": "real", "version": "1.1.2", "set_hash": "s1",
        "verdict": "verified", "reason": "it was verified", "since": "2026-11-22T01:00:00+00:00",
        "at": "2026-11-22T01:00:00+00:00", "stale": False, "run": "r1", "before": "",
    }  # fmt: skip
    assert (second["verdict"], second["since"], second["at"]) == ("not_run", None, None)


def test_words_have_a_glyph_and_tell_kinds_apart() -> None:
    """Emulated, stale and not run never look like a real pass."""
    emulated = replace(SPOT, source_kind="emulated")
    marks = [
        Mark(SPOT, "verified", "", NOW, "r", ago(3)), Mark(SPOT, "verified", "", ago(20), "r", ago(30), "", stale=True),
        Mark(emulated, "verified", "", NOW, "r", ago(3)), Mark(emulated, "not_run", "never checked"),
        Mark(SPOT, "inconclusive", "", NOW, "r"), Mark(SPOT, "blocked", "", NOW, "r", NOW),
    ]  # fmt: skip

    assert [words(mark) for mark in marks] == [
        "✔ verified since 2026-11-19",
        "✔ verified since 2026-10-23, stale (last run 2026-11-02)",
        "≈ emulated: ✔ verified since 2026-11-19",
        "○ not run",
        "? inconclusive",
        "✖ blocked since 2026-11-22",
    ]


def test_the_page_has_a_line_for_each_driver_and_source() -> None:
    """And one with the reason for each that is not verified; what cannot run at all is told once."""
    licence = replace(SPOT, connector="oracle", driver="oracledb", source="", not_run="it needs a <licence>")
    spots = [SPOT, replace(SPOT, release="lab:2"), replace(SPOT, source="moto", source_kind="emulated"),
             licence, replace(licence, release="lab:2")]  # fmt: skip
    found = [checked(), checked("blocked", release="lab:2"), checked("verified", source="moto", source_kind="emulated")]

    page = markdown(matrix(spots, found, [], TODAY))
    assert "| connector | driver | source | lab:1 | lab:2 |\n| --- | --- | --- | --- | --- |" in page
    assert (
        "| mysql | PyMySQL | mariadb-11.8 | 1.1.2 ✔ verified since 2026-11-22 | 1.1.2 ✖ blocked since 2026-11-22 |"
        in page
    )
    assert "| mysql | PyMySQL | moto (emulated) | 1.1.2 ≈ emulated: ✔ verified since 2026-11-22 |  |" in page
    assert "| oracle | oracledb | none | 1.1.2 ○ not run | 1.1.2 ○ not run |" in page
    assert "| real | 1 | 1 | 0 | 2 |\n| emulated | 1 | 0 | 0 | 0 |" in page
    assert page.endswith(
        "## ✖ Blocked\n\n- **mysql PyMySQL 1.1.2 in lab:2 against mariadb-11.8**: it was blocked "
        "(`solvent check show r1`)\n\n## ○ Not run\n\n- **oracle oracledb**: it needs a &#60;licence&#62;\n"
    )


def test_an_empty_matrix_is_a_page() -> None:
    """Nothing was wanted, so nothing is claimed."""
    assert "| real | 0 | 0 | 0 | 0 |" in markdown(Matrix(TODAY, (), ()))
