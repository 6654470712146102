"""A program in a real terminal, 160 by 48: when it shows what, and how long a key takes until the screen changes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PATIENCE = 30
# A screen that says nothing for so long has nothing more to say.
_QUIET = 0.03
# What colours and moves: the words between are what a person sees.
_CODES = re.compile(rb"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b\][^\x07]*\x07")


class Screen:
    """The end of a terminal at which a person sits; ``began`` is when the program's process was made."""

    def __init__(self, pid: int, terminal: int, began: float) -> None:
        self.pid, self._terminal, self.began = pid, terminal, began

    def read(self, wait: float) -> bytes:
        """Give what has come, after waiting for it at most so long."""
        if not select.select([self._terminal], [], [], wait)[0]:
            return b""
        try:
            return os.read(self._terminal, 1 << 20)
        except OSError:
            return b""

    def until(self, word: str) -> float:
        """Read until a word has come; give the seconds since the process was made."""
        seen, end = b"", time.monotonic() + _PATIENCE
        while word not in (text := _CODES.sub(b"", seen).decode(errors="replace")):
            assert time.monotonic() < end, f"{word} does not come: {text[-3000:]}"
            seen += self.read(0.5)
        return self.age()

    def age(self) -> float:
        """Give the seconds since the process was made."""
        return time.monotonic() - self.began

    def quiet(self, least: float = _QUIET) -> None:
        """Wait until nothing comes any more."""
        end = time.monotonic() + _PATIENCE
        while self.read(least):
            assert time.monotonic() < end, "it is never quiet"

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def answered(self, keys: str) -> float:
        """Press a key, and give the seconds until the first of what it changes comes."""
        began = time.monotonic()
        self.press(keys)
        assert self.read(_PATIENCE), f"{keys!r} changes nothing"
        return time.monotonic() - began

    def memory(self) -> int:
        """Give the most bytes that the process had in memory so far."""
        return int(re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())[0]) * 1000

    def left(self, keys: str) -> float:
        """Press a key, and give the seconds until the process has ended."""
        began = time.monotonic()
        self.press(keys)
        while time.monotonic() < began + _PATIENCE:
            self.read(0.002)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.pid = 0
                return time.monotonic() - began
        raise AssertionError("it does not end")


@contextmanager
def shown(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[Screen]:
    """Start a program in a terminal of its own; it is killed at the end if it has not ended."""
    # The size is there before the program is: it asks once, at its start.
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 48, 160, 0, 0))
    name = os.ttyname(theirs)
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            for number in range(3):
                os.dup2(theirs, number)
            # The first terminal that a session opens is its own.
            os.close(os.open(name, os.O_RDWR))
            os.closerange(3, 256)
            os.execve(command[0], list(command), {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
        finally:
            os._exit(127)
    os.close(theirs)
    screen = Screen(pid, ours, began)
    try:
        yield screen
    finally:
        if screen.pid:
            os.kill(screen.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(screen.pid, 0)
        os.close(ours)
