"""A run as JSON, JUnit and Markdown: what could not tell never looks like a pass, and no words are markup."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest

from manager.core.check_reports import junit, markdown, to_json
from manager.core.checks import OUTCOMES, Answer, Cell, Checked, Guilt, Known, Run, excused

NOW = datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC)
CELL = Cell("lab:1", "mysql", "PyMySQL", "1.1.2", "mariadb-11.8", "real", "s1", "t1", "i1", "d1")
EVERY = tuple(Answer(f"p.{one}", one, f"reason {one}", "Sign", 3, False, 0.25) for one in OUTCOMES)  # fmt: skip
FAST = Answer("rows.many", "pass", "", "", 1, False, 1.5, (("rows_per_second", 2e5), ("bad", float("inf"))))
BLOCKED = Checked(CELL, "k", "blocked", "p.fail: reason fail", EVERY, NOW, 12.3456, Guilt("attrs", "1", "", 3))
GOOD = Checked(replace(CELL, source="moto", source_kind="emulated"), "k2", "verified", "1 passed", (FAST,), NOW, 2.0)
RUN = Run("20261122", NOW, "ana", "everything", (BLOCKED, GOOD), NOW + timedelta(seconds=90))


def test_json_has_the_keys_of_the_interface() -> None:
    """In its order, and new ones besides; it can be written strictly."""
    found = json.loads(json.dumps(to_json(RUN), allow_nan=False))

    run, (cell, good) = found["run"], found["run"]["cells"]
    assert found["schema"] == 1
    assert {"id", "started", "seconds", "verdict", "cells"} <= run.keys()
    assert (run["id"], run["seconds"], run["verdict"]) == ("20261122", 90.0, "blocked")
    assert run["started"] == "2026-11-22T01:02:03+00:00"
    assert {
        "connector", "driver", "version", "release", "source", "source_kind", "verdict", "set_hash", "tree",
        "outcomes", "probes", "guilty",
    } <= cell.keys()  # fmt: skip
    assert cell["outcomes"] == dict.fromkeys(OUTCOMES, 1)
    assert cell["guilty"] == {"distribution": "attrs", "from": "1", "to": "", "runs": 3}
    assert good["guilty"] is None
    assert {"id", "outcome", "reason", "seconds", "measures"} <= good["probes"][0].keys()
    assert [one["signature"] for one in cell["probes"]] == ["Sign"] * len(OUTCOMES)
    assert good["probes"][0]["measures"] == {"rows_per_second": 2e5, "bad": None}


def test_a_run_without_an_end_has_no_length() -> None:
    """It was killed, or goes on; and it is not verified."""
    found = to_json(replace(RUN, cells=(GOOD,), ended=None))["run"]

    assert (found["seconds"], found["ended"], found["verdict"]) == (None, None, "inconclusive")


def test_an_undetermined_blame_names_nobody() -> None:
    """The words stand beside."""
    unsure = replace(BLOCKED, guilt=Guilt(runs=5, undetermined="the server changed too"))
    cell = to_json(replace(RUN, cells=(unsure,)))["run"]["cells"][0]

    assert (cell["guilty"], cell["undetermined"]) == (None, "the server changed too")
    assert "not certain: the server changed too" in markdown(replace(RUN, cells=(unsure,)))


def test_junit_has_a_suite_for_each_cell_and_a_case_for_each_probe() -> None:
    """Failures and errors are theirs; what is known, skipped, unsupported or not run is skipped with its word."""
    root = ElementTree.fromstring(junit(RUN))
    first, second = root.findall("testsuite")

    assert {
        one.get("name"): [(child.tag, child.get("message")) for child in one] for one in first.iter("testcase")
    } == {
        "p.pass": [],
        "p.fail": [("failure", "reason fail")],
        "p.error": [("error", "reason error")],
        "p.skip": [("skipped", "skipped: reason skip")],
        "p.unsupported": [("skipped", "unsupported: reason unsupported")],
        "p.not_run": [("skipped", "not run: reason not_run")],
        "p.known": [("skipped", "known: reason known")],
    }
    assert [first.get(name) for name in ("name", "tests", "failures", "errors", "skipped", "time")] == [
        "mysql PyMySQL 1.1.2 in lab:1 against mariadb-11.8", "7", "1", "1", "4", "12.346",
    ]  # fmt: skip
    assert [second.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["1", "0", "0", "0"]
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["8", "1", "1", "4"]
    assert root.find("testsuite/testcase/failure").text == "reason fail (asked 3 times)"  # type: ignore[union-attr]


@pytest.mark.parametrize("answers", [(), (Answer("a", "not_run", "no credentials"),), (Answer("a", "skip"),)])
def test_a_cell_that_could_not_tell_is_not_green_in_junit(answers: tuple[Answer, ...]) -> None:
    """One whose probes all kept silent has an error (control: a verified one has none)."""
    unsure = replace(GOOD, verdict="inconclusive", reason="nobody answered", answers=answers)
    root = ElementTree.fromstring(junit(replace(RUN, cells=(unsure, GOOD))))

    assert [one.get("errors") for one in root.findall("testsuite")] == ["1", "0"]
    (error,) = root.iter("error")
    assert error.get("message") == "inconclusive: nobody answered"


def test_what_xml_cannot_hold_is_left_out() -> None:
    """Whatever a driver printed, the file can be parsed."""
    dirty = replace(EVERY[1], reason="a\x00b\x1b[1m<&>\ud800\uffff\nc", signature="\x07s", probe="p\x01")
    cell = replace(CELL, version="1\x02")
    text = junit(replace(RUN, cells=(replace(BLOCKED, cell=cell, answers=(dirty,), reason="r\x00"),)))

    found = ElementTree.fromstring(text.encode())
    failure = found.find("testsuite/testcase/failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("ab[1m<&>\nc", "s")


def test_markdown_counts_by_kind_and_names_what_is_not_verified() -> None:
    """Real and emulated sources apart; verified cells have no line of their own."""
    unsure = replace(GOOD, verdict="inconclusive", reason="rows.many: slow")

    found = markdown(replace(RUN, cells=(BLOCKED, GOOD, unsure)))
    assert found.startswith(
        "## ✖ Compatibility checks: blocked\n\n3 cells (1 verified, 1 blocked, 1 inconclusive), run "
    )
    assert "of 2026-11-22 01:02 UTC in 1 min 30 s." in found
    assert "| answers | pass | fail | error | skipped | unsupported | not run | known |" in found
    assert "| real sources | 1 | 1 | 1 | 1 | 1 | 1 | 1 |" in found
    assert "| emulated sources | 2 | 0 | 0 | 0 | 0 | 0 | 0 |" in found
    assert "- **mysql PyMySQL 1.1.2 in lab:1 against mariadb-11.8**: p.fail: reason fail. " in found
    assert "Guilty: attrs 1 -&#62; absent, found in 3 runs." in found
    assert found.endswith("against moto** (emulated): rows.many: slow.\n")


def test_what_is_known_to_fail_and_passed_is_named() -> None:
    """In Markdown, with its probe; what just passed is not (control)."""
    better = excused(FAST, GOOD.cell, [Known("rows.many", "slow here", date(2026, 12, 1))], NOW.date())
    found = markdown(replace(RUN, cells=(replace(GOOD, answers=(better,)),)))

    assert "### Known failures that passed" in found
    assert "`rows.many`: it is known to fail until 2026-12-01, and passed: slow here" in found
    assert "Known failures that passed" not in markdown(RUN)


def test_a_run_that_was_cut_off_says_so() -> None:
    """Without cells there is nothing to count."""
    found = markdown(replace(RUN, cells=(), ended=None))

    assert found == (
        "## ? Compatibility checks: inconclusive\n\n"
        "0 cells, run `20261122` of 2026-11-22 01:02 UTC and cut off before its end.\n"
    )


def test_words_of_a_driver_are_no_markup() -> None:
    """They stay on their line, and neither link, nor tag, nor table; long ones are cut."""
    nasty = "a\n\n# b <img src=x onerror=y> | [c](http://d) `e` *f* @team $x$ " + "g" * 999
    found = markdown(replace(RUN, cells=(replace(BLOCKED, reason=nasty),)))

    (line,) = (one for one in found.splitlines() if one.startswith("- **"))
    assert "\\# b &#60;img src=x onerror=y&#62; &#124; \\[c\\](http://d) &#96;e&#96; \\*f\\* &#64;team" in line
    assert "g…" in line
    assert len(line) < 700


def test_a_run_that_was_cut_off_is_no_green_junit() -> None:
    """Though every cell that it came to is verified; one that ended is green (control)."""
    whole = Run("r", NOW, "ana", "all", (GOOD,), NOW)

    counts = [ElementTree.fromstring(junit(one)).get("errors") for one in (whole, replace(whole, ended=None))]

    assert counts == ["0", "1"]
