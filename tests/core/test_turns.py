"""What changed between a place's last pass and its first failure: named, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from manager.core.checks import Answer, Cell, Checked
from manager.core.turns import Change, around, turn

if TYPE_CHECKING:
    from manager.core.checks import Verdict

CELL = Cell("lab:1", "mysql", "PyMySQL", "1.1.1", "mariadb-11", "real", "s" * 64, "t", "sha256:" + "1" * 64, "d" * 64)
BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
LOCK = "{name}=={version} \\\n    --hash=sha256:{hash}\n"


def _checked(day: int, verdict: Verdict, cell: Cell = CELL, probes: str = "p", *answers: Answer) -> Checked:
    return Checked(cell, cell.key(probes), verdict, "so", answers, BEGUN + timedelta(days=day), run=f"r{day}")


@pytest.mark.parametrize(
    ("verdicts", "until", "found"),
    [
        ("vvbb", 3, (1, 2)),
        ("bvb", 2, (1, 2)),
        ("vbvb", 3, (2, 3)),
        ("vbvb", 1, (0, 1)),
        ("vib?", 2, (0, 2)),
        ("bb", 1, (None, 0)),
        ("vbv", 2, None),
        ("iv", 1, None),
        ("", 0, None),
    ],
)
def test_the_first_failure_and_the_last_pass_before_it(
    verdicts: str, until: int, found: tuple[int | None, int] | None
) -> None:
    """Of the failures that last until the instant; what could not tell breaks nothing, and later ones do not count."""
    words: dict[str, Verdict] = {"v": "verified", "b": "blocked", "i": "inconclusive", "?": "verified"}
    history = [_checked(day, words[one]) for day, one in enumerate(verdicts)]

    pair = around(reversed(history), BEGUN + timedelta(days=until))

    assert pair == (found and tuple(None if one is None else history[one] for one in found))


def _text(**versions: str) -> str:
    return "".join(LOCK.format(name=name, version=one, hash="0" * 64) for name, one in versions.items())


def test_each_thing_that_an_answer_depends_on_is_compared() -> None:
    """The distributions of the set, the build, the server; the driver's own version is one of the first."""
    failed = Answer("dates.offset", "fail", "it lost the offset")
    passed = _checked(1, "verified", CELL, "p", Answer("dates.offset", "pass"))
    image, server = "sha256:" + "2" * 64, "e" * 64
    now = replace(CELL, version="1.2.0", set_hash="n" * 64, tree="u", image=image, source_digest=server)
    texts = (_text(pymysql="1.1.1", six="1.16.0", gone="1"), _text(pymysql="1.2.0", six="1.16.0", new="2"))

    found = turn(passed, _checked(2, "blocked", now, "p", failed, Answer("values", "pass")), texts, "3.13")

    assert found.changes == (
        Change("distribution", "gone", "1", ""), Change("distribution", "new", "", "2"),
        Change("distribution", "pymysql", "1.1.1", "1.2.0"), Change("build", "lab:1", "1" * 12, "2" * 12),
        Change("server", "mariadb-11", "d" * 12, "e" * 12),
    )  # fmt: skip
    assert found.worse == ((failed, "pass"),)
    assert found.to_json()["worse"] == [
        {"probe": "dates.offset", "before": "pass", "after": "fail", "reason": "it lost the offset"}
    ]
    assert list(found.lines())[:2] == [
        "it passed last on 2026-11-02 (r1), and failed first on 2026-11-03 (r2)", "in between changed:",
    ]  # fmt: skip


def test_where_nothing_else_changed_it_is_the_probes_or_nothing() -> None:
    """A key digests the probes beside the cell; a set whose text is not kept is one that cannot be compared."""
    passed = _checked(1, "verified")

    assert [one.kind for one in turn(passed, _checked(2, "blocked", CELL, "q"), ("", ""), "3.13").changes] == ["probes"]
    same = turn(passed, _checked(2, "blocked"), ("", ""), "3.13")
    assert same.changes == ()
    assert "in between changed nothing that is kept" in list(same.lines())
    other = turn(passed, _checked(2, "blocked", replace(CELL, set_hash="n" * 64)), ("", "six==1"), "3.13")
    assert [one.kind for one in other.changes] == ["set"]


def test_what_never_passed_is_said_to() -> None:
    """There is nothing to compare it with."""
    found = turn(None, _checked(1, "blocked", CELL, "p", Answer("values", "fail", "no")), ("", ""), "3.13")

    assert list(found.lines()) == [
        "it never passed; it failed first on 2026-11-02 (r1)", "  fail         values  no",
    ]  # fmt: skip
    assert found.to_json()["passed"] is None
