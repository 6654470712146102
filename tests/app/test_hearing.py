"""How far a cell is: told from what the parent of its probes prints, and from nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.checking.hearing import Hearing

if TYPE_CHECKING:
    from manager.core.checks import Answer

ALL = ("connect.select", "values.decimal", "errors.deadlock", "errors.unique")


def heard(*lines: dict[str, Any] | str, chosen: tuple[str, ...] = ALL) -> list[str]:
    """Give what is said of lines; a failure of ``errors.unique`` is known."""

    def excuse(one: Answer) -> Answer:
        return replace(one, outcome="known") if (one.probe, one.signature) == ("errors.unique", "old") else one

    said: list[str] = []
    hearing = Hearing(said.append, "n", lambda name: name in chosen, excuse)
    for line in ({"nonce": "n", "probes": list(ALL)}, *lines):
        hearing(line if isinstance(line, str) else json.dumps({"nonce": "n", **line}))
    return said


def answer(probe: str, outcome: str, **more: Any) -> dict[str, Any]:
    """Give the line of an attempt."""
    return {"probe": probe, "outcome": outcome, **more}


def test_each_probe_that_is_asked_is_said_with_what_came_before() -> None:
    """A failure that is asked three times is one."""
    assert heard(
        {"asking": ALL[0]},
        answer(ALL[0], "pass"),
        {"asking": ALL[1]},
        *[answer(ALL[1], "fail", attempt=number) for number in (1, 2, 3)],
        {"asking": ALL[2]},
        answer(ALL[2], "error"),
        {"asking": ALL[3]},
    ) == [
        "0 of 4 · connect.select",
        "1 of 4 · values.decimal",
        "2 of 4 · errors.deadlock · 1 failed",
        "3 of 4 · errors.unique · 2 failed",
    ]


def test_what_passed_in_the_end_has_not_failed() -> None:
    """Nor has what is unsupported; it is answered all the same."""
    lines = [answer(ALL[0], "fail"), answer(ALL[0], "pass"), answer(ALL[1], "unsupported"), {"asking": ALL[2]}]

    assert heard(*lines) == ["2 of 4 · errors.deadlock"]


@pytest.mark.parametrize(("signature", "says"), [("old", ""), ("new", " · 1 failed")])
def test_a_known_failure_is_none_to_be_told_of(signature: str, says: str) -> None:
    """One that looks otherwise is."""
    assert heard(answer(ALL[3], "fail", signature=signature), {"asking": ALL[0]}) == [f"1 of 4 · connect.select{says}"]


def test_only_what_was_chosen_is_counted() -> None:
    """The parent lists all probes, and asks those."""
    assert heard({"asking": ALL[1]}, chosen=ALL[:2]) == ["0 of 2 · values.decimal"]


@pytest.mark.parametrize(
    "line",
    [
        '{"asking": "x"}', '{"nonce": "m", "asking": "n"}', "n", "n" * 10**6, "[" * 10**5 + "n", '["nonce", "n"]',
        '{"nonce": "n"}', '{"nonce": "n", "probe": "p", "outcome": ["pass"]}', '{"nonce": "n", "outcome": "pass"}',
    ],
    ids=str,
)  # fmt: skip
def test_other_lines_are_nobodys(line: str) -> None:
    """Whatever they hold; what is said afterwards is as it was."""
    assert heard(line[:200] if len(line) > 200 else line, line, {"asking": ALL[0]}) == ["0 of 4 · connect.select"]


def test_names_are_made_harmless() -> None:
    """A terminal's cursor is not moved, and nothing is endless."""
    (said,) = heard({"asking": "a\x1b[2J" + "b" * 999})

    assert said.isprintable()
    assert len(said) < 130
