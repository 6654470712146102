"""Carries out a plan: bounded workers over the graph of its steps, as a stream of events.

It decides nothing. Each step is handed to an executor; its end is recorded in the history before the next
event goes out, so that whatever kills this process leaves a true record.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

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
from manager.errors import Failed, Interrupted, ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.core.plan import Plan, Step

# Nobody should wait two seconds without a sign of life, so a heartbeat comes every second.
HEARTBEAT = 1.0


class Progress:
    """What an executor has in hand: the results of earlier steps, and a way to say how far it is.

    ``say`` raises Interrupted once the person has stopped the plan, so that a step ends at its next line.
    """

    def __init__(self, step: Step, results: dict[str, object], events: queue.Queue[Event], stop: threading.Event):
        self.step = step
        self.results = results
        self._events = events
        self._stop = stop

    def say(self, line: str) -> None:
        """Report one line of progress."""
        if self._stop.is_set():
            raise Interrupted("stopped")
        self._events.put(Said(self.step, line))


Execute = "Callable[[Step, Progress], object]"


def apply(
    plan: Plan,
    execute: Callable[[Step, Progress], object],
    record: Callable[[Step, object, ManagerError | None], None],
    workers: int = 4,
) -> Iterator[Event]:
    """Run every step after what it needs; yield events; raise the first error at the end.

    Steps that need a failed one are skipped, the others still run. Closing the generator stops the plan: no
    further step begins, and running ones end at their next word.
    """
    began = time.monotonic()
    events: queue.Queue[Event] = queue.Queue()
    stop = threading.Event()
    results: dict[str, object] = {}
    waiting = list(plan.steps)
    running: dict[str, tuple[Step, float, threading.Thread]] = {}
    lost: set[str] = set()
    first_error: ManagerError | None = None
    yield PlanStarted(plan)
    try:
        while waiting or running:
            for step in [one for one in waiting if lost.intersection(one.needs)]:
                waiting.remove(step)
                lost.add(step.id)
                yield StepSkipped(step, "a step that it needs did not end well")
            ready = [one for one in waiting if results.keys() >= set(one.needs)]
            for step in ready[: workers - len(running)]:
                waiting.remove(step)
                thread = threading.Thread(
                    target=_run, args=(step, execute, results, events, stop), name=step.id, daemon=True
                )
                thread.start()
                running[step.id] = (step, time.monotonic(), thread)
                yield StepStarted(step)
            if not running:
                continue
            try:
                event = events.get(timeout=HEARTBEAT)
            except queue.Empty:
                now = time.monotonic()
                yield Tick(tuple((step, now - since) for step, since, _ in running.values()))
                continue
            if isinstance(event, StepDone | StepFailed):
                running.pop(event.step.id)
                if isinstance(event, StepDone):
                    record(event.step, event.result, None)
                    results[event.step.id] = event.result
                else:
                    record(event.step, None, event.error)
                    lost.add(event.step.id)
                    first_error = first_error or event.error
            yield event
    finally:
        stop.set()
        for _, _, thread in running.values():
            # Long enough to clean up a half-made image; a step that hangs does not keep the person waiting.
            thread.join(timeout=15)
    if first_error is not None:
        raise first_error
    yield PlanDone(time.monotonic() - began, results)


def _run(
    step: Step,
    execute: Callable[[Step, Progress], object],
    results: dict[str, object],
    events: queue.Queue[Event],
    stop: threading.Event,
) -> None:
    began = time.monotonic()
    try:
        result = execute(step, Progress(step, results, events, stop))
    except ManagerError as error:
        events.put(StepFailed(step, time.monotonic() - began, error))
    except Exception as error:
        failed = Failed(
            f"{step.kind} {step.target}: unexpected {type(error).__name__}: {error}",
            hint="this is a bug in Solvent; the log has the details:  solvent config path",
        )
        failed.__cause__ = error
        events.put(StepFailed(step, time.monotonic() - began, failed))
    else:
        events.put(StepDone(step, time.monotonic() - began, result))
