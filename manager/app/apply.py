"""Carries out a plan: bounded workers over the graph of its steps, as a stream of events.

It decides nothing. Each step is handed to an executor; its end is recorded in the history before the next
event goes out, so that whatever kills this process leaves a true record.
"""

from __future__ import annotations

import errno
import queue
import threading
import time
from contextlib import suppress
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
from manager.core.plan import in_order
from manager.errors import Bug, Failed, Interrupted, ManagerError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.core.plan import Plan, Step

# Nobody should wait two seconds without a sign of life, so a heartbeat comes every second.
HEARTBEAT = 1.0
# A full disk, and a person's share of it.
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Progress:
    """What an executor has in hand: the results of earlier steps, and a way to say how far it is.

    ``began`` is the monotonic instant at which the plan's first step could begin. ``say`` raises Interrupted once
    the person has stopped the plan, so that a step ends at its next line.
    """

    def __init__(
        self, step: Step, began: float, results: dict[str, object], events: queue.Queue[Event], stop: threading.Event
    ) -> None:
        self.step = step
        self.began = began
        self.results = results
        self._events = events
        self._stop = stop

    def say(self, line: str) -> None:
        """Report one line of progress."""
        if self._stop.is_set():
            raise Interrupted("stopped")
        self._events.put(Said(self.step, line))

    def undoing(self) -> Progress:
        """Give another one for what undoes the step: that has to be done although the person has stopped the plan."""
        return Progress(self.step, self.began, self.results, self._events, threading.Event())


def apply(
    plan: Plan,
    execute: Callable[[Step, Progress], object],
    record: Callable[[Step, object, ManagerError | None], None],
    workers: int = 4,
) -> Iterator[Event]:
    """Run every step after what it needs; yield events; raise the first error at the end.

    Steps that need a failed one are skipped, the others still run. Closing the generator stops the plan: no
    further step begins, running ones end at their next word, and how they ended is recorded. Raises ValueError
    for steps that wait for each other.
    """
    work = _Work(list(in_order(plan.steps)), execute, record)
    yield PlanStarted(plan)
    try:
        while work.waiting or work.running:
            for step in work.skip():
                yield StepSkipped(step, "a step that it needs did not end well")
            for step in work.begin(workers):
                yield StepStarted(step)
            if work.running:
                yield work.next()
    finally:
        work.stop()
    if work.error is not None:
        raise work.error
    yield PlanDone(time.monotonic() - work.began, work.results)


def _no_room(step: Step, error: OSError) -> Failed:
    return Failed(
        f"{step.kind} {step.target}: the disk is full",
        why=f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror),
        hint="earlier builds are as they were; see what may go:  solvent image prune --dry-run\n"
        "then run the same command again: it goes on",
    )


class _Work:
    """The steps of one plan under way: which wait, which run, what they gave."""

    def __init__(
        self,
        steps: list[Step],
        execute: Callable[[Step, Progress], object],
        record: Callable[[Step, object, ManagerError | None], None],
    ) -> None:
        self.began = time.monotonic()
        self.waiting = steps
        self.running: dict[str, tuple[Step, float, threading.Thread]] = {}
        self.results: dict[str, object] = {}
        self.error: ManagerError | None = None
        self._lost: set[str] = set()
        self._execute = execute
        self._record = record
        self._events: queue.Queue[Event] = queue.Queue()
        self._stop = threading.Event()

    def skip(self) -> list[Step]:
        """Take away what needs a step that is lost; in the order of the plan, so one round is enough."""
        skipped = []
        for step in list(self.waiting):
            if self._lost.intersection(step.needs):
                self.waiting.remove(step)
                self._lost.add(step.id)
                skipped.append(step)
        return skipped

    def begin(self, workers: int) -> Iterator[Step]:
        """Start what can run now, as far as there are workers."""
        ready = [step for step in self.waiting if self.results.keys() >= set(step.needs)]
        for step in ready[: workers - len(self.running)]:
            self.waiting.remove(step)
            thread = threading.Thread(target=self._run, args=(step,), name=step.id, daemon=True)
            thread.start()
            self.running[step.id] = (step, time.monotonic(), thread)
            yield step

    def next(self) -> Event:
        """Wait for the next event, at most a heartbeat."""
        try:
            event = self._events.get(timeout=HEARTBEAT)
        except queue.Empty:
            now = time.monotonic()
            return Tick(tuple((step, now - since) for step, since, _ in self.running.values()))
        self._take(event)
        return event

    def stop(self) -> None:
        """Let running steps end, and record how; one that hangs does not keep the person waiting for ever."""
        self._stop.set()
        for _, _, thread in self.running.values():
            # Long enough to clean up a half-made image.
            thread.join(timeout=15)
        # What cannot be recorded any more is no reason to hide why the plan ended.
        with suppress(queue.Empty, ManagerError):
            while self.running:
                self._take(self._events.get_nowait())

    def _take(self, event: Event) -> None:
        """Record a step that ended, before anybody hears of it."""
        if isinstance(event, StepDone):
            del self.running[event.step.id]
            self._note(event)
            self.results[event.step.id] = event.result
        elif isinstance(event, StepFailed):
            del self.running[event.step.id]
            self._lost.add(event.step.id)
            self.error = self.error or event.error
            # A database that fails as well is no reason to hide what went wrong first.
            with suppress(ManagerError):
                self._record(event.step, None, event.error)

    def _note(self, event: StepDone) -> None:
        """Record a step that went well; what is done stays done when that fails, so it is said."""
        try:
            self._record(event.step, event.result, None)
        except Unreachable as error:
            raise Unreachable(
                f"{event.step.kind} {event.step.target}: it is done, but could not be written down",
                why=f"{error.message}: {error.why}",
                hint=f"{error.hint}\nwhat was done is there:  solvent env list   and the same command goes on from it",
            ) from error

    def _run(self, step: Step) -> None:
        began = time.monotonic()
        try:
            result = self._execute(step, Progress(step, self.began, self.results, self._events, self._stop))
        except ManagerError as error:
            self._events.put(StepFailed(step, time.monotonic() - began, error))
        except BaseException as error:  # a thread that ends without a word would be waited for, for ever
            if isinstance(error, OSError) and error.errno in _FULL:
                self._events.put(StepFailed(step, time.monotonic() - began, _no_room(step, error)))
                return
            # The history keeps the message.
            failed = Bug.of(error, f"{step.kind} {step.target}")
            self._events.put(StepFailed(step, time.monotonic() - began, failed))
        else:
            self._events.put(StepDone(step, time.monotonic() - began, result))
