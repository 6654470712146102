"""Progress on stderr: live lines on a terminal, plain lines in a log, JSON for programs, or nothing."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.app.events import PlanDone, Said, StepDone, StepFailed, StepSkipped, StepStarted
from manager.cli.narration import as_line, as_record, title, told
from manager.core.amounts import show_period

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from manager.cli.terminal import Terminal

Mode = Literal["live", "plain", "json", "none"]
# Nobody should wait two seconds without a sign of life, so a quiet log gets a line earlier: a busy machine adds to it.
QUIET = 1.4
_BEAT = 0.2
# The key of a phase: what runs between plans, under its heading.
_PHASE = ""


@dataclass(slots=True)
class _Running:
    """What runs now: a step or a phase, since when, and the latest line that it said."""

    title: str
    since: float
    line: str = ""


class Progress:
    """Shows events as they come, and that time passes while none does.

    A thread of its own gives the sign of life, because whoever works may be silent for long.
    """

    def __init__(self, terminal: Terminal, mode: Mode, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._mode = mode
        self._clock = clock
        self._running: dict[str, _Running] = {}
        self._drawn = 0
        self._last = clock()
        self._lock = threading.RLock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beats, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        if self._mode != "none":
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1)
        with self._lock:
            self._erase()

    def show(self, event: object) -> None:
        """Show one event, or a line of text; what is neither belongs to the caller."""
        if self._mode == "none":
            return
        with self._lock:
            self._follow(event)
            if self._mode == "json":
                record = as_record(event)
                line = json.dumps(record, ensure_ascii=False) if record else None
            elif self._mode == "plain" and isinstance(event, StepStarted):
                line = f"  start   {title(event.step)}"
            else:
                line = as_line(event, self._terminal.paint)
            if line is not None:
                self._write(line)

    def beat(self) -> None:
        """Show that time passes: draw again, or say so when the log was quiet for too long."""
        with self._lock:
            now = self._clock()
            if self._mode == "live":
                self._erase()
                self._draw()
            elif self._running and now - self._last >= QUIET:
                if self._mode == "json":
                    running = [{"id": key, "seconds": round(now - one.since, 1)} for key, one in self._running.items()]
                    self._write(json.dumps({"event": "tick", "running": running}))
                else:
                    # The one that runs longest is what everything waits for.
                    self._write(f"  ...     {_standing(next(iter(self._running.values())), now)}")

    def _beats(self) -> None:
        while not self._end.wait(_BEAT):
            self.beat()

    def _follow(self, event: object) -> None:
        """Keep what runs."""
        match event:
            case str() if not self._running.keys() - {_PHASE}:
                self._running[_PHASE] = _Running(event.strip(), self._clock())
            case StepStarted(step):
                self._running.pop(_PHASE, None)
                self._running[step.id] = _Running(title(step), self._clock())
            case Said(step, line) if step.id in self._running:
                self._running[step.id].line = told(line)
            case StepDone(step) | StepFailed(step) | StepSkipped(step):
                self._running.pop(step.id, None)
            case PlanDone():
                self._running.clear()

    def _write(self, line: str) -> None:
        self._erase()
        self._terminal.line(line)
        self._last = self._clock()
        if self._mode == "live" and not self._end.is_set():
            self._draw()

    def _draw(self) -> None:
        now = self._clock()
        width = self._terminal.width - 1
        lines = [f"  ...     {_standing(one, now)}"[:width] for one in self._running.values()]
        if lines:
            self._terminal.write("".join(line + "\n" for line in lines))
        self._drawn = len(lines)

    def _erase(self) -> None:
        if self._drawn:
            self._terminal.write(f"\x1b[{self._drawn}A\x1b[J")
            self._drawn = 0


def _standing(one: _Running, now: float) -> str:
    return "  ".join(filter(None, (one.title, show_period(now - one.since), one.line)))
