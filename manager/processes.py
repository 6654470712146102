"""Running a program: its lines as they come, never silent for long, and ended when we are interrupted.

It stands below ``world``, whose files do not import each other but share this.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

# ECMA-48 control sequences, which some programs write to a pipe as well.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Nobody waits in silence longer than two seconds.
_SILENCE = 1.8
_TAIL = 25
# What a shell gives for a program that is not there, and timeout(1) for one that took too long.
NOT_FOUND = 127
TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended: its exit code and the last lines of its output, stdout and stderr together."""

    code: int
    tail: tuple[str, ...]

    @property
    def why(self) -> str:
        """Give the last lines as one text."""
        return "\n".join(self.tail)


def run(
    command: tuple[str, ...],
    say: Callable[[str], None],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    timeout: float = 3600,
    note: str = "",
) -> Finished:
    """Run a program to its end and hand on each line of output.

    When it is silent for 1.8 s, ``say`` gets ``note`` (the program's name when empty) with the seconds so far.
    A program that does not exist ends with 127, one that takes longer than ``timeout`` seconds is ended
    and gives 124. Whatever interrupts the wait ends the program, too.
    """
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=folder,
            text=True,
            errors="replace",
            # Ctrl-C reaches us alone, so that the program is ended by us, once.
            start_new_session=True,
        )
    except FileNotFoundError:
        return Finished(NOT_FOUND, (f"{command[0]}: not found",))
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    tail: deque[str] = deque(maxlen=_TAIL)
    try:
        while True:
            spent = time.monotonic() - began
            if spent > timeout:
                tail.append(f"{command[0]}: ended after {spent:.0f} s")
                return Finished(TIMED_OUT, tuple(tail))
            try:
                line = lines.get(timeout=min(_SILENCE, max(timeout - spent, 0.05)))
            except queue.Empty:
                say(f"{note or command[0]}: {time.monotonic() - began:.0f} s")
                continue
            if line is None:
                return Finished(process.wait(), tuple(tail))
            tail.append(line)
            say(line)
    finally:
        _end(process)


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            if text := _CONTROL.sub("", line).strip():
                lines.put(text)
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    """End a program that still runs, with its children: asked first, killed after five seconds."""
    if process.poll() is not None:
        return
    for ask in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, ask)
            process.wait(timeout=5)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return
