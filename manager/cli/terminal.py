"""The only writer of stderr: notes, warnings, errors, progress and questions, with secrets masked."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from typing import TYPE_CHECKING, TextIO

from manager.core.secrets import masked
from manager.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Sequence

_STYLES = {"red": "31;1", "yellow": "33;1", "green": "32", "bold": "1", "dim": "2"}


def colored(color: str, stream: TextIO) -> bool:
    """Decide whether a stream gets colour: ``--color``, then NO_COLOR (no-color.org), then whether it is a terminal."""
    if color != "auto":
        return color == "always"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def painted(text: str, style: str) -> str:
    """Wrap a text in a style's escape sequences."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


class Terminal:
    """Standard error and, for answers, standard input. Safe to use from several threads."""

    def __init__(self, *, color: str = "auto", secrets: Sequence[str] = (), asks: bool = True) -> None:
        self._stream = sys.stderr
        self._secrets = secrets
        self._colored = colored(color, self._stream)
        self._asks = asks
        self._lock = threading.RLock()

    @property
    def live(self) -> bool:
        """Say whether lines can be drawn again."""
        return self._stream.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def interactive(self) -> bool:
        """Say whether somebody is there who may be asked."""
        return self._asks and sys.stdin is not None and sys.stdin.isatty() and self._stream.isatty()

    @property
    def width(self) -> int:
        """Give the columns of the terminal."""
        return shutil.get_terminal_size().columns

    def paint(self, text: str, style: str) -> str:
        """Style a text where colour is wanted."""
        return painted(text, style) if self._colored else text

    def write(self, text: str) -> None:
        """Write as it is, secrets masked. A reader that went away is no error of the command."""
        with self._lock:
            try:
                self._stream.write(masked(text, self._secrets))
                self._stream.flush()
            # Also a full disk, and a terminal that was closed.
            except (OSError, ValueError):
                self._stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives to the end

    def line(self, text: str) -> None:
        """Write one line."""
        self.write(text + "\n")

    def note(self, text: str) -> None:
        """Say something worth knowing."""
        self.line(f"{self.paint('note:', 'dim')} {text}")

    def warn(self, text: str) -> None:
        """Say something that may go wrong later."""
        self.line(f"{self.paint('warning:', 'yellow')} {text}")

    def ask(self, question: str) -> str:
        """Ask for a line; empty when there is none. Only call it on an interactive terminal."""
        self.write(f"{question} ")
        return sys.stdin.readline().strip()

    def answer(self, question: str, *, shown: bool = True) -> str:
        """Ask for a line until there is one, empty or not; one that is not shown is masked from now on.

        Only call it on an interactive terminal. Raises Interrupted where nobody answers any more.
        """
        self.write(f"{question} ")
        if shown:
            line = sys.stdin.readline()
            if not line:
                self.line("")
                raise Interrupted("nobody answers any more; nothing was done")
            return line.strip()
        from getpass import getpass

        try:
            text = getpass("")
        except EOFError:
            raise Interrupted("nobody answers any more; nothing was done") from None
        self._secrets = (*self._secrets, text)
        return text

    def agreed(self, question: str) -> bool:
        """Ask yes or no; no answer is a yes. Only call it on an interactive terminal."""
        while True:
            said = self.answer(f"{question} [Y/n]").lower()
            if said in ("", "y", "yes", "n", "no"):
                return said in ("", "y", "yes")

    def stopping(self) -> None:
        """Say that an interrupt was heard; called from a signal handler, where the stream may be in use."""
        os.write(2, b"\ninterrupted: running steps clean up first (once more: stop at once)\n")
