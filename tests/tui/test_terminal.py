"""In a real terminal: it comes up, and leaves nothing behind, whether it is left or its terminal goes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE = 60
CODE = "import sys; from manager.cli.main import run; sys.exit(run(['tui']))"


def started(home: Path, engine: str = "unix:///nowhere.sock") -> tuple[int, int]:
    """Start it in a terminal of 100 by 30; give its process and the terminal's other end."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", SOLVENT_HOME=str(home), DOCKER_HOST=engine)
        os.execv(sys.executable, [sys.executable, "-c", CODE])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    return pid, terminal


def shown(terminal: int, word: bytes) -> bytes:
    """Read until a word has come."""
    text, end = b"", time.monotonic() + _PATIENCE
    while word not in text:
        assert time.monotonic() < end, text[-2000:]
        if select.select([terminal], [], [], 0.2)[0]:
            text += os.read(terminal, 65536)
    return text


def ended(pid: int, terminal: int | None) -> int:
    """Wait until it has ended, while its terminal is read; give how, as the shell does."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if terminal is not None and select.select([terminal], [], [], 0.05)[0]:
            try:
                os.read(terminal, 65536)
            except OSError:
                terminal = None
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    pytest.fail("it does not end")


def test_it_comes_up_without_an_engine_and_is_left_with_q(tmp_path: Path) -> None:
    """What is away is said, and nothing else is needed."""
    pid, terminal = started(tmp_path)
    shown(terminal, b"unreachable")

    os.write(terminal, b"q")

    assert ended(pid, terminal) == 0
    os.close(terminal)


def test_it_ends_with_its_terminal(tmp_path: Path) -> None:
    """A window that is closed, a connection that is lost: no process stays."""
    pid, terminal = started(tmp_path)
    shown(terminal, b"Overview")

    os.close(terminal)

    # How is nobody there to see; that it does is what counts.
    ended(pid, None)


def test_without_colours_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No code that sets one goes to the terminal; the mode that one is in is reversed. Otherwise there are some."""
    colours = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
    for value, some in (("1", False), (None, True)):
        monkeypatch.delenv("NO_COLOR", raising=False)
        if value:
            monkeypatch.setenv("NO_COLOR", value)
        pid, terminal = started(tmp_path)
        text = shown(terminal, b"unreachable")
        os.write(terminal, b"2")
        text += shown(terminal, b"RELEASE")
        os.write(terminal, b"q")
        ended(pid, terminal)
        os.close(terminal)
        assert bool(colours.search(text)) is some
        assert b"\x1b[7m" in text or some
