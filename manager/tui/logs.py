"""What an environment writes, as it comes: the last lines, a filter, and the end for as long as nobody looks back."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input, Static

from manager.app.sandbox import lines_of, plain
from manager.errors import Bug, ManagerError
from manager.tui.rows import Column, Row
from manager.tui.table import ResourceTable

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from manager.tui.desk import Opener

# Lines that are kept, and how many are asked for at first; a log may have any number.
_KEPT, _FIRST = 5000, 1000
# Of a longer line nobody sees the end.
_WIDEST = 2000
# Lines come by the thousand: the screen takes them so often, in seconds.
_EVERY = 0.1


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
        # What has come and is not shown yet; of more than can be kept the newest.
        self._new: deque[str] = deque(maxlen=_KEPT)
        self._end = ""
        self._left = threading.Event()

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static(f" log of {self._of}   esc back  / search  G follow", id="head", markup=False)
        yield ResourceTable((Column("line", widest=_WIDEST),), id="log")
        yield Input(id="filter", placeholder="words, !word")

    def on_mount(self) -> None:
        """Begin to listen, in a thread that ends with the log, the screen or the process."""
        self.query_one(ResourceTable).focus()
        self.set_interval(_EVERY, self._take)
        threading.Thread(target=self._listen, name=f"log of {self._of}", daemon=True).start()

    def _listen(self) -> None:
        end = "the log ends here"
        try:
            with closing(self._opener()) as manager:
                chunks = manager.logs(self._of, follow=True, tail=_FIRST)
                try:
                    for line in lines_of(chunks, whole=False):
                        if self._left.is_set():
                            return
                        self._new.append(plain(line[:_WIDEST]))
                finally:
                    chunks.close()  # type: ignore[attr-defined]
        except ManagerError as error:
            end = error.sentence
        except Exception as error:  # It is told, and the app goes on.
            end = Bug.of(error).sentence
        self._end = end

    def _take(self) -> None:
        """Show what has come; where one looks at the last line, go on to the new last one."""
        # The end is said after all lines that came before it.
        end = self._end
        table = self.query_one(ResourceTable)
        follows = table.row is None or table.row is table.rows[-1]
        some = [self._new.popleft() for _ in range(len(self._new))]
        for text in some:
            self._lines.append(Row(str(self._count), text, (text,)))
            self._count += 1
        if end:
            self._end = ""
            self._lines.append(Row("end", "", (f"-- {end} --",), mood="dim"))
        if some or end:
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
