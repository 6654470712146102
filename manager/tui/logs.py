"""Lines as they come, of an environment's log and of what is under way: the last ones, a search, and the end."""

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
from manager.tui.over import Over
from manager.tui.rows import Column, Row
from manager.tui.table import ResourceTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult

    from manager.tui.activity import Record
    from manager.tui.desk import Opener

# Lines that are kept, and how many are asked for at first; a log may have any number.
_KEPT, _FIRST = 5000, 1000
# Of a longer line nobody sees the end.
_WIDEST = 2000
# Lines come by the thousand: the screen takes them so often, in seconds.
_EVERY = 0.1


class Searched(Over, Screen[None]):
    """Lines, the last of which is followed as long as one stands on it, and a search among them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", show=False),
        Binding("slash", "search", "search", show=False),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static(f" {self._title}   esc back  / search  G follow", id="head", markup=False)
        yield ResourceTable((Column("line", widest=_WIDEST),), id="log")
        yield Input(id="filter", placeholder="words, !word")

    def put(self, lines: Iterable[Row]) -> None:
        """Show lines; where one looks at the last one, go on to the new last one."""
        table = self.query_one(ResourceTable)
        follows = table.row is None or table.row is table.rows[-1]
        table.put(lines)
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
        self.dismiss(None)


class Logs(Searched):
    """The log of one environment."""

    def __init__(self, name: str, opener: Opener) -> None:
        super().__init__(f"log of {name}")
        self._of, self._opener = name, opener
        self._lines: deque[Row] = deque(maxlen=_KEPT)
        self._count = 0
        # What has come and is not shown yet; of more than can be kept the newest.
        self._new: deque[str] = deque(maxlen=_KEPT)
        self._end = ""
        self._left = threading.Event()

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
        """Show what has come."""
        # The end is said after all lines that came before it.
        end = self._end
        some = [self._new.popleft() for _ in range(len(self._new))]
        for text in some:
            self._lines.append(Row(str(self._count), text, (text,)))
            self._count += 1
        if end:
            self._end = ""
            self._lines.append(Row("end", "", (f"-- {end} --",), mood="dim"))
        if some or end:
            self.put(self._lines)

    def on_unmount(self) -> None:
        """Let the log go."""
        self._left.set()


class Work(Searched):
    """What is under way and what was, in whole."""

    def __init__(self, records: Sequence[Record]) -> None:
        super().__init__("activity")
        self._records = records
        self._before = ""

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one(ResourceTable).focus()
        self.set_interval(_EVERY, self._take)

    def _take(self) -> None:
        text = "\n".join(one.text() for one in self._records) or "nothing was done yet"
        if text != self._before:
            self._before = text
            self.put([Row(str(number), line, (line,)) for number, line in enumerate(text.splitlines())])
