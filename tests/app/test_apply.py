"""Applying: a graph by bounded workers, as events; failures, interruptions, and a record of all that ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.app import apply as module
from manager.app.apply import Progress, apply
from manager.app.events import (
    Event,
    PlanDone,
    PlanStarted,
    Said,
    StepDone,
    StepFailed,
    StepSkipped,
    StepStarted,
    Tick,
)
from manager.core.actions import RemoveContainer
from manager.core.plan import Plan, Step
from manager.errors import Failed, Interrupted, ManagerError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

DIAMOND = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ()}
Work = Callable[[Step, Progress], object]


def plan(graph: dict[str, tuple[str, ...]]) -> Plan:
    """Make a plan from ids and needs."""
    steps = tuple(Step(name, "do", name, "a test", RemoveContainer(name), needs=needs) for name, needs in graph.items())
    return Plan("a test", date(2026, 11, 21), steps)


class History:
    """What was recorded, in order."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, object, str]] = []

    def __call__(self, step: Step, result: object, error: ManagerError | None) -> None:
        """Record one end."""
        self.entries.append((step.id, result, error.message if error else ""))


def end(stream: Iterator[Event]) -> tuple[list[Event], ManagerError | None]:
    """Read a stream to its end; give its events and its error."""
    events = []
    try:
        for event in stream:
            events.append(event)
    except ManagerError as error:
        return events, error
    return events, None


def names(events: list[Event], kind: type) -> list[str]:
    """Give the ids of the steps of one kind of event."""
    return [event.step.id for event in events if isinstance(event, kind)]


def test_every_step_runs_after_what_it_needs_with_their_results() -> None:
    """The results of earlier steps are in hand, and at the end all of them."""
    seen: dict[str, set[str]] = {}

    def work(step: Step, progress: Progress) -> object:
        seen[step.id] = set(progress.results)
        return step.id.upper()

    events, error = end(apply(plan(DIAMOND), work, History()))

    assert error is None
    assert all(seen[name] >= set(needs) for name, needs in DIAMOND.items())
    assert isinstance(events[0], PlanStarted)
    assert isinstance(events[-1], PlanDone)
    assert events[-1].results == {name: name.upper() for name in DIAMOND}
    assert sorted(names(events, StepStarted)) == sorted(names(events, StepDone)) == sorted(DIAMOND)


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_workers_than_asked_for(workers: int) -> None:
    """As many as there are run at once, and never more."""
    here, most, lock = [0], [0], threading.Lock()
    together = threading.Barrier(workers)

    def work(step: Step, progress: Progress) -> None:
        with lock:
            here[0] += 1
            most[0] = max(most[0], here[0])
        together.wait(timeout=10)
        with lock:
            here[0] -= 1

    end(apply(plan({str(number): () for number in range(6)}), work, History(), workers=workers))

    assert most == [workers]


def test_a_failure_skips_what_needs_it_and_nothing_else() -> None:
    """The first error is raised once everything else has ended."""

    def work(step: Step, progress: Progress) -> None:
        if step.id == "b":
            raise Failed("broken")

    history = History()
    events, error = end(apply(plan(DIAMOND | {"f": ("d",)}), work, history))

    assert error is not None
    assert error.message == "broken"
    assert names(events, StepFailed) == ["b"]
    assert names(events, StepSkipped) == ["d", "f"]
    assert sorted(names(events, StepDone)) == ["a", "c", "e"]
    assert not any(isinstance(event, PlanDone) for event in events)
    assert ("b", None, "broken") in history.entries
    assert {"d", "f"}.isdisjoint(entry[0] for entry in history.entries)


def test_the_first_of_several_errors_is_raised() -> None:
    """One worker, so that first means something."""

    def work(step: Step, progress: Progress) -> None:
        raise Failed(step.id)

    _, error = end(apply(plan({"x": (), "y": ()}), work, History(), workers=1))

    assert error is not None
    assert error.message == "x"


@pytest.mark.parametrize("oddity", [ZeroDivisionError("password=hunter2"), SystemExit(3), KeyboardInterrupt()])
def test_an_unexpected_exception_fails_the_step_and_keeps_its_text_out_of_the_history(oddity: BaseException) -> None:
    """Nobody waits for a thread that died; the history keeps the type only, because the text may hold anything."""

    def work(step: Step, progress: Progress) -> None:
        raise oddity

    history = History()
    _, error = end(apply(plan({"x": ()}), work, history))

    assert isinstance(error, Failed)
    assert error.message == f"do x: unexpected {type(oddity).__name__}"
    assert error.why == str(oddity)
    assert "bug in Solvent" in error.hint
    assert error.__cause__ is oddity
    assert "hunter2" not in str(history.entries)


def test_an_end_is_recorded_before_anybody_hears_of_it() -> None:
    """Whatever kills this process then leaves a true record."""
    history = History()

    for event in apply(plan(DIAMOND), lambda step, progress: step.id, history):
        if isinstance(event, StepDone):
            assert history.entries[-1] == (event.step.id, event.step.id, "")


def test_a_history_that_cannot_be_written_ends_the_plan() -> None:
    """What cannot be recorded is not gone on with."""

    def full(step: Step, result: object, error: ManagerError | None) -> None:
        raise Unreachable("the database is gone")

    did: list[str] = []
    _, error = end(apply(plan({"x": (), "y": ("x",)}), lambda step, progress: did.append(step.id), full))

    assert isinstance(error, Unreachable)
    assert did == ["x"]


def test_words_of_a_step_are_events() -> None:
    """In the order in which they were said."""

    def work(step: Step, progress: Progress) -> None:
        progress.say("one")
        progress.say("two")

    events, _ = end(apply(plan({"x": ()}), work, History()))

    assert [event.line for event in events if isinstance(event, Said)] == ["one", "two"]


def test_a_silent_step_gives_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs, and since when."""
    monkeypatch.setattr(module, "HEARTBEAT", 0.01)
    release = threading.Event()
    stream = apply(plan({"x": ()}), lambda step, progress: release.wait(10), History())

    tick = next(event for event in stream if isinstance(event, Tick))
    release.set()
    end(stream)

    assert [(step.id, seconds > 0) for step, seconds in tick.running] == [("x", True)]


@pytest.mark.parametrize("after", range(11))
def test_closing_at_any_event_stops_and_records(after: int) -> None:
    """No further step begins; what ran hears of it at its next word; all that began has its line in the history."""
    began: list[str] = []
    history = History()

    def work(step: Step, progress: Progress) -> None:
        began.append(step.id)
        progress.say("on my way")

    stream = apply(plan(DIAMOND), work, history)
    for _ in range(after + 1):
        next(stream)
    stream.close()  # type: ignore[attr-defined]

    assert sorted(began) == sorted(entry[0] for entry in history.entries)
    assert {entry[2] for entry in history.entries} <= {"", "stopped"}
    assert threading.active_count() == 1 or not any(one.name in DIAMOND for one in threading.enumerate())


def test_a_step_that_runs_when_the_plan_is_stopped_is_interrupted() -> None:
    """Its own clean-up has run by the time the stream is closed."""
    started, cleaned = threading.Event(), threading.Event()
    go_on = threading.Event()
    history = History()

    def work(step: Step, progress: Progress) -> None:
        started.set()
        try:
            go_on.wait(10)
            progress.say("next")
        except Interrupted:
            cleaned.set()
            raise

    stream = apply(plan({"x": (), "y": ("x",)}), work, history)
    next(stream)
    next(stream)
    assert started.wait(10)
    threading.Timer(0.05, go_on.set).start()
    stream.close()  # type: ignore[attr-defined]

    assert cleaned.is_set()
    assert history.entries == [("x", None, "stopped")]


def test_steps_that_wait_for_each_other_are_an_error_at_once() -> None:
    """Rather than a heartbeat for ever."""
    with pytest.raises(ValueError, match="wait for each other"):
        next(apply(plan({"x": ("y",), "y": ("x",)}), lambda step, progress: None, History()))


def test_an_empty_plan_is_done() -> None:
    """Its two events, and nothing recorded."""
    history = History()

    events, error = end(apply(plan({}), lambda step, progress: None, history))

    assert ([type(event) for event in events], error, history.entries) == ([PlanStarted, PlanDone], None, [])
