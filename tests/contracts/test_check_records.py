"""Runs of checks, the same in memory and in a database: kept as they come, and found again as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from manager.core.check_records import Flakes, KeptSet, Seen
from manager.core.checks import Answer, Cell, Checked, Guilt, Run
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from manager.core.checks import Verdict
    from manager.core.ports import Store

START = datetime(2026, 11, 22, 1, 0, 0, 7, tzinfo=UTC)
CELL = Cell("lab:1", "postgresql", "psycopg", "3.3.9", "postgresql-17", "real", "s1", "t1", "i1", "d1")
PASSED = Answer("values.decimal", "pass", "", "", 1, False, 0.5, (("rows_per_second", 1e6), ("peak_mb", 80.5)))
FLAKY = Answer("rows.many", "error", "it failed 1 of 3 times: ü", "Wrong x", 3, True, 9.25)


def at(minutes: float) -> datetime:
    """Give an instant of the night."""
    return START + timedelta(minutes=minutes)


def checked(verdict: Verdict = "verified", minutes: float = 1, cell: Cell = CELL, **more: object) -> Checked:
    """Give a cell as it ended."""
    answers = (PASSED, FLAKY)
    return Checked(**{"cell": cell, "key": cell.key("p"), "verdict": verdict, "reason": "so", "answers": answers,
                      "at": at(minutes), "seconds": 12.5} | more)  # type: ignore[arg-type]  # fmt: skip


def ran(store: Store, run: str, *cells: Checked, minutes: float = 0) -> None:
    """Keep a run that ended."""
    store.checks.begin(run, at(minutes), "ana", "everything")
    for one in cells:
        store.checks.keep(run, one)
    store.checks.end(run, at(minutes + 30))


def test_a_run_comes_back_as_it_was_kept(store: Store) -> None:
    """With every field, the cells and answers in their order; found by its id, its beginning, and as the newest."""
    other = replace(CELL, driver="psycopg2", image="", source_digest="")
    guilt = Guilt("psycopg", "3.3.8", "3.3.9", 4)
    ran(store, "2026-b", checked(), checked("blocked", 2, other, guilt=guilt), minutes=5)
    ran(store, "2026-a", checked("inconclusive", answers=()))

    found = store.checks.run("2026-b")
    cells = (checked(run="2026-b"), checked("blocked", 2, other, guilt=guilt, run="2026-b"))
    assert found == Run("2026-b", at(5), "ana", "everything", cells, at(35))
    assert found == store.checks.run() == store.checks.run("2026-b")
    assert store.checks.run("2026-a") == store.checks.run("2026-a") != found
    assert store.checks.run("none") is None


def test_no_run_is_nothing(store: Store) -> None:
    """An empty database has no newest run, and nothing to say."""
    assert store.checks.run() is None
    assert store.checks.runs() == store.checks.latest() == store.checks.verdicts() == store.checks.flakes() == ()
    assert store.checks.conclusive(()) == store.checks.conclusive(["k"]) == {}
    assert store.checks.previous_green(CELL) is None
    assert store.checks.set_text("s1") == ""


def test_an_id_that_fits_several_runs_names_them(store: Store) -> None:
    """Nobody gets a run that was not meant; the whole id is always clear."""
    for run in ("ab", "abc", "abd", "%"):
        ran(store, run)

    with pytest.raises(UsageError, match="3 runs of checks begin with a") as caught:
        store.checks.run("a")

    assert caught.value.why == "ab, abc, abd"
    assert store.checks.run("ab") == store.checks.run("ab")
    assert store.checks.run("abc").id == "abc"  # type: ignore[union-attr]
    assert store.checks.run("AB") is None


def test_a_run_that_was_killed_keeps_what_it_had(store: Store) -> None:
    """What ended is there, the run has no end, and it is not verified."""
    store.checks.begin("r1", at(0), "ana", "everything")
    store.checks.keep("r1", checked())

    found = store.checks.run()
    assert found == Run("r1", at(0), "ana", "everything", (checked(run="r1"),), None)
    assert found.verdict == "inconclusive"
    store.checks.end("r1", at(9))
    assert store.checks.run("r1").verdict == "verified"  # type: ignore[union-attr]


def test_a_cell_that_is_kept_again_takes_its_own_place(store: Store) -> None:
    """A guilt that was found later joins the cell; the others stay where they are, and no answer doubles."""
    second = replace(CELL, driver="psycopg2")
    blamed = checked("blocked", 3, guilt=Guilt(undetermined="two together", among=("a", "b"), runs=5), answers=(FLAKY,))
    ran(store, "r1", checked("blocked"), checked(cell=second), blamed)

    cells = store.checks.run("r1").cells  # type: ignore[union-attr]
    assert cells == (replace(blamed, run="r1"), checked(cell=second, run="r1"))


def test_ids_are_used_once_and_known(store: Store) -> None:
    """A second run under the same id is refused; what belongs to no run is a mistake."""
    ran(store, "r1")

    with pytest.raises(Refused, match="r1 was begun before"):
        store.checks.begin("r1", at(1), "bea", "else")
    with pytest.raises(UsageError, match="no run of checks has the id r2"):
        store.checks.keep("r2", checked())
    with pytest.raises(UsageError, match="no run of checks has the id r2"):
        store.checks.end("r2", at(1))
    assert [one.by for one in store.checks.runs()] == ["ana"]


def test_what_cannot_be_written_is_left_out(store: Store) -> None:
    """A driver may say anything: NUL, escapes and lone surrogates go, the rest stays."""
    dirty = replace(FLAKY, reason="a\x00b\ud800\x1b[31m\n☃\U0001f600", signature="\x07x")
    ran(store, "r1", checked("blocked", reason="c\x00d", answers=(dirty,)))

    (found,) = store.checks.run("r1").cells  # type: ignore[union-attr]
    assert found.reason == "cd"
    assert found.answers == (replace(dirty, reason="ab[31m\n☃\U0001f600", signature="x"),)


def test_runs_are_listed_newest_first_and_light(store: Store) -> None:
    """Each with its cells, which have verdicts and no answers."""
    for number in range(3):
        ran(store, f"r{number}", checked(minutes=number), minutes=number)

    found = store.checks.runs(2)
    assert [one.id for one in found] == ["r2", "r1"]
    assert [cell.answers for run in found for cell in run.cells] == [(), ()]
    assert [run.verdict for run in found] == ["verified", "verified"]


def test_only_what_could_tell_counts_as_known(store: Store) -> None:
    """By its key, the newest, with its answers; what could not tell neither counts nor hides what did."""
    other = replace(CELL, image="i2")
    unsure = replace(CELL, image="i3")
    ran(store, "r1", checked("blocked", 1), checked("inconclusive", 1, unsure), checked("blocked", 2, other))
    ran(store, "r2", checked("verified", 3, answers=(PASSED,)), checked("inconclusive", 4, other), minutes=2)

    found = store.checks.conclusive([CELL.key("p"), other.key("p"), unsure.key("p"), CELL.key("q")])
    assert found == {
        CELL.key("p"): checked("verified", 3, answers=(PASSED,), run="r2"),
        other.key("p"): checked("blocked", 2, other, run="r1"),
    }


def test_many_keys_are_asked_for_at_once(store: Store) -> None:
    """More than a statement takes values."""
    ran(store, "r1", checked())

    assert list(store.checks.conclusive([*map(str, range(2000)), CELL.key("p")])) == [CELL.key("p")]


def test_the_newest_of_each_place_is_known(store: Store) -> None:
    """Whatever the set, and whatever the verdict; or of the sets that are named alone."""
    newer = replace(CELL, set_hash="s2")
    other = replace(CELL, source="postgresql-13")
    ran(store, "r1", checked(), checked(cell=other))
    ran(store, "r2", checked("inconclusive", 5, newer), minutes=4)

    one, two = checked(run="r1", answers=()), checked("inconclusive", 5, newer, run="r2", answers=())
    third = checked(cell=other, run="r1", answers=())
    assert store.checks.latest() == (third, two)
    assert store.checks.latest(["s1"]) == (third, one)
    assert store.checks.latest(["s3"]) == ()
    ran(store, "r3", checked("inconclusive", 9, replace(CELL, image="i2")), minutes=8)
    assert [each.verdict for each in store.checks.latest(["s1"])] == ["verified", "inconclusive"]
    assert store.checks.latest(["s1"], conclusive=True) == (third, one)


def test_every_verdict_that_could_tell_is_told_in_its_order(store: Store) -> None:
    """By which it can be said since when one holds."""
    ran(store, "r1", checked("blocked", 1))
    ran(store, "r2", checked("inconclusive", 7), minutes=6)
    ran(store, "r3", checked("verified", 5), minutes=4)

    assert store.checks.verdicts() == (
        Seen(CELL.place, "s1", "blocked", at(1)),
        Seen(CELL.place, "s1", "verified", at(5)),
    )


def test_the_cells_of_a_place_come_in_their_order(store: Store) -> None:
    """Whatever their set and verdict, and none of another place."""
    elsewhere = replace(CELL, source="postgresql-13")
    ran(store, "r1", checked("blocked", 1), checked(minutes=2, cell=elsewhere))
    ran(store, "r2", checked("inconclusive", 7, replace(CELL, set_hash="s2")), minutes=6)
    ran(store, "r3", checked("verified", 5), minutes=4)

    found = store.checks.at_place(CELL.place)
    assert [(one.run, one.verdict, one.answers) for one in found] == [
        ("r1", "blocked", ()), ("r3", "verified", ()), ("r2", "inconclusive", ()),
    ]  # fmt: skip
    assert store.checks.at_place(replace(CELL, driver="pg8000").place) == ()


def test_what_was_green_before_is_of_another_set(store: Store) -> None:
    """The newest that was verified at the same place; neither its own set nor what did not pass."""
    older, bad = replace(CELL, set_hash="s0"), replace(CELL, set_hash="bad")
    elsewhere = replace(CELL, set_hash="s9", source="postgresql-13")
    ran(store, "r1", checked(minutes=1, cell=older), checked(minutes=9, cell=elsewhere))
    ran(store, "r2", checked("blocked", 3, bad), checked(minutes=4), minutes=2)

    assert store.checks.previous_green(replace(CELL, version="4", tree="t9")) == checked(cell=older, run="r1")
    assert store.checks.previous_green(bad) == checked(minutes=4, run="r2")
    assert store.checks.previous_green(replace(CELL, driver="pg8000")) is None


def test_sets_are_kept_once_with_their_text(store: Store) -> None:
    """More than 64 KiB of it; a set of two releases is listed for both, and the first day stays."""
    text = "psycopg==3.3.9 --hash=sha256:ü\n" * 4000
    store.checks.keep_set("s1", "lab:1", text, at(0))
    store.checks.keep_set("s1", "lab:1", "other", at(9))
    store.checks.keep_set("s2", "lab:1", "x", at(2))
    store.checks.keep_set("s1", "lab:2", text, at(5))

    assert store.checks.set_text("s1") == text
    assert store.checks.set_text("s3") == ""
    assert store.checks.sets_of("lab:1") == (KeptSet("s2", "lab:1", at(2)), KeptSet("s1", "lab:1", at(0)))
    assert store.checks.sets_of("lab:2") == (KeptSet("s1", "lab:2", at(5)),)


def test_flaky_probes_are_counted_in_the_newest_runs(store: Store) -> None:
    """By probe; an older run does not count any more."""
    ran(store, "r0", checked(minutes=0))
    for number in (1, 2):
        ran(store, f"r{number}", checked(minutes=number), checked(cell=replace(CELL, driver="pg8000")), minutes=number)

    found = store.checks.flakes(2)
    assert found == (Flakes("rows.many", 4, 4), Flakes("values.decimal", 4, 0))
    assert [one.rate for one in found] == [1.0, 0.0]
    assert store.checks.flakes()[0].asked == 5
