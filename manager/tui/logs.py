"""What an environment writes, as it comes: the last lines, a filter, and the end for as long as nobody looks back."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from manager.errors import ManagerError
from manager.tui.rows import Column, Row
from manager.tui.table import ResourceTable

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from manager.tui.desk import Opener

# Lines that are kept, and how many are asked for at first; a log may have any number.
_KEPT, _FIRST = 5000, 1000
# Lines come by the thousand: the screen is told of them so often, in seconds.
_EVERY = 0.1


class Lines(Message):
    """Some more lines, or with ``end`` why there are no more."""

    def __init__(self, lines: list[str], end: str = "") -> None:
        super().__init__()
        self.lines, self.end = lines, end


class Logs(Screen[None]):
    """The log of one environment."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", show=False),
        Binding("slash", "search", "search", show=False),
    ]

    def __init__(self, name: str, opener: Opener) -> None:
        super().__init__()
        self._of, self._opener = name, opener
        self._lines: deque[Row] = deque(maxlen=_KEPT)
        self._count = 0
        self._left = threading.Event()

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static(f" log of {self._of}   esc back  / search  G follow", id="head", markup=False)
        yield ResourceTable((Column("line", widest=2000),), id="log")
        yield Input(id="filter", placeholder="words, !word")

    def on_mount(self) -> None:
        """Begin to listen, in a thread that ends with the log, the screen or the process."""
        self.query_one(ResourceTable).focus()
        threading.Thread(target=self._listen, name=f"log of {self._of}", daemon=True).start()

    def _listen(self) -> None:
        end = "the log ends here"
        try:
            manager = self._opener()
            try:
                self._read(manager.logs(self._of, follow=True, tail=_FIRST))
            finally:
                manager.close()
        except ManagerError as error:
            end = error.sentence
        if not self._left.is_set():
            self.post_message(Lines([], end))

    def _read(self, chunks) -> None:  # type: ignore[no-untyped-def]
        rest, waiting, told = b"", [], 0.0
        try:
            for chunk in chunks:
                if self._left.is_set():
                    return
                *whole, rest = (rest + chunk).split(b"\n")
                waiting += [line.decode(errors="replace") for line in whole]
                if waiting and time.monotonic() - told > _EVERY:
                    told = time.monotonic()
                    self.post_message(Lines(waiting[-_KEPT:]))
                    waiting = []
        finally:
            chunks.close()
        self.post_message(Lines([*waiting[-_KEPT:], *([rest.decode(errors="replace")] if rest else [])]))

    def on_lines(self, message: Lines) -> None:
        """Add lines; where one looks at the last one, go on to the new last one."""
        table = self.query_one(ResourceTable)
        follows = table.row is None or table.row is table.rows[-1]
        for line in message.lines:
            text = "".join(letter if letter.isprintable() else " " for letter in line)
            self._lines.append(Row(str(self._count), text, (text,)))
            self._count += 1
        if message.end:
            self._lines.append(Row("end", "", (f"-- {message.end} --",), mood="dim"))
        table.put(self._lines)
        if follows:
            table.action_to(-1)

    def action_search(self) -> None:
        """Show only lines with some words."""
        field = self.query_one(Input)
        field.add_class("on")
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the lines down."""
        event.stop()
        self.query_one(ResourceTable).filter_by(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was searched for."""
        event.stop()
        event.input.remove_class("on")
        self.query_one(ResourceTable).focus()

    def action_back(self) -> None:
        """Stop to search, or leave."""
        field = self.query_one(Input)
        if field.has_class("on") or field.value:
            field.value = ""
            field.remove_class("on")
            self.query_one(ResourceTable).focus()
            return
        self._left.set()
        self.dismiss(None)
