"""Progress on stderr, in each of its forms, on a clock that the test moves."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from manager.app.events import PlanDone, PlanStarted, Said, StepDone, StepFailed, StepSkipped, StepStarted
from manager.cli.progress import QUIET, Progress
from manager.cli.terminal import Terminal
from manager.core.actions import RemoveNetwork
from manager.core.plan import Plan, Step
from manager.errors import Failed

if TYPE_CHECKING:
    import pytest

    from manager.cli.progress import Mode

MAKE = Step("tree", "make tree", "kernel", "new", RemoveNetwork("x"))
BUILD = Step("image", "build image", "lab", "new", RemoveNetwork("x"), needs=("tree",))
PLAN = Plan("build lab", date(2026, 11, 21), (MAKE, BUILD))


class Stage:
    """A Progress without its thread, and a clock in hand."""

    def __init__(self, mode: Mode) -> None:
        self.now = 100.0
        self.progress = Progress(Terminal(color="never"), mode, lambda: self.now)

    def play(self, *events: object) -> None:
        """Show events; a number lets that many seconds pass, with a beat at the end."""
        for event in events:
            if isinstance(event, float):
                self.now += event
                self.progress.beat()
            else:
                self.progress.show(event)


def test_plain_progress_is_a_line_at_each_start_and_end(capsys: pytest.CaptureFixture[str]) -> None:
    """What a step says in between is shown when it runs for long."""
    Stage("plain").play(
        PlanStarted(PLAN), StepStarted(MAKE), Said(MAKE, "resolving"), StepDone(MAKE, 0.61, None),
        StepStarted(BUILD), StepFailed(BUILD, 3.0, Failed("no space left")),
    )  # fmt: skip

    assert capsys.readouterr().err == (
        "  start   make tree kernel\n"
        "  done    make tree kernel  0.6 s\n"
        "  start   build image lab\n"
        "  failed  build image lab  3.0 s: no space left\n"
    )


def test_plain_progress_is_never_silent_for_two_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """A quiet step gets a line with its time and its latest word; before that nothing is added."""
    stage = Stage("plain")

    stage.play(StepStarted(BUILD), Said(BUILD, "Step 3/9 :  \x1b[1mADD\x1b[0m tree"), QUIET - 0.1)
    assert capsys.readouterr().err == "  start   build image lab\n"
    stage.play(0.2, 0.2)
    assert capsys.readouterr().err == "  ...     build image lab  1.5 s  Step 3/9 : ADD tree\n"
    stage.play(QUIET)
    assert capsys.readouterr().err.startswith("  ...     build image lab  3.1 s")


def test_a_phase_without_steps_is_not_silent_either(capsys: pytest.CaptureFixture[str]) -> None:
    """Between plans a heading stands for what runs."""
    Stage("plain").play("notebook: running a cell", 2.0)

    assert capsys.readouterr().err == "notebook: running a cell\n  ...     notebook: running a cell  2.0 s\n"


def test_nothing_runs_after_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """Time that passes later is nobody's."""
    Stage("plain").play(StepStarted(MAKE), StepDone(MAKE, 1.0, None), PlanDone(1.0), 10.0)

    assert "..." not in capsys.readouterr().err


def test_live_progress_redraws_what_runs_below_what_ended(capsys: pytest.CaptureFixture[str]) -> None:
    """Running steps stay at the bottom with their time; ended ones scroll away above."""
    Stage("live").play(StepStarted(MAKE), StepStarted(BUILD), 1.0, StepDone(MAKE, 1.0, None), 0.5)

    screen: list[str] = []
    for part in capsys.readouterr().err.replace("\x1b[J", "").split("\x1b["):
        lines = part
        if part[:1].isdigit():
            count, _, lines = part.partition("A")
            del screen[-int(count) :]
        screen += lines.splitlines()
    assert screen == ["  done    make tree kernel  1.0 s", "  ...     build image lab  1.5 s"]


def test_json_progress_is_a_record_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Every event has its record; a quiet time has ticks."""
    Stage("json").play(
        PlanStarted(PLAN), StepStarted(MAKE), Said(MAKE, "half"), 2.0, StepFailed(MAKE, 2.0, Failed("no")),
        StepSkipped(BUILD, "needs it"), PlanDone(2.0),
    )  # fmt: skip

    records = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["event"] for one in records] == [
        "plan_started", "step_started", "said", "tick", "step_failed", "step_skipped", "plan_done",
    ]  # fmt: skip
    assert records[3]["running"] == [{"id": "tree", "seconds": 2.0}]
    assert records[4] == {
        "event": "step_failed", "id": "tree", "kind": "make tree", "target": "kernel", "seconds": 2.0, "error": "no",
    }  # fmt: skip


def test_no_progress_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """For those who want errors only."""
    Stage("none").play(PlanStarted(PLAN), StepStarted(MAKE), "words", StepDone(MAKE, 1.0, None))

    assert capsys.readouterr().err == ""
