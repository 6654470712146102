"""What is seen: where things lie, and how each list, its detail and what is under way are shown."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from manager.app.times import ago
from manager.tui.action import fitting
from manager.tui.actions import ACTIONS
from manager.tui.colourless import Colourless
from manager.tui.desk import Desk
from manager.tui.horizon import Horizon
from manager.tui.kinds import KINDS, Kind
from manager.tui.look import CSS
from manager.tui.messages import Indebted, Listed, Scheduled, Told, Unlisted
from manager.tui.modes import MODES
from manager.tui.over import Printable
from manager.tui.remembered import listed
from manager.tui.table import ResourceTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual import events
    from textual.filter import LineFilter

    from manager.app.manager import Manager
    from manager.errors import ManagerError
    from manager.tui.action import Action, Rows, Written
    from manager.tui.activity import Record
    from manager.tui.plan_sheet import PlanSheet

# The age in seconds from which on what is seen is shown as old, and the width below which the detail is alone.
_OLD, _NARROW = 20.0, 100
_PRINTABLE = Printable()


class Seen(App[None]):
    """The app as far as it is looked at; ``opener`` gives a Manager, in whatever thread asks."""

    CSS = CSS
    TITLE = "solvent"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(index), f"mode({index - 1})", mode.title, show=False) for index, mode in enumerate(MODES, 1)),
        *(Binding(key, f"press('{key}')", show=False)
          for key in sorted({key for one in ACTIONS for key in one.keys.split(",")} - {"enter", ""})),
    ]  # fmt: skip

    def __init__(
        self,
        opener: Callable[[date | None], Manager],
        *,
        read_only: bool = False,
        as_of: date | None = None,
        besides: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        # The day that is shown, None for today, and who is hit by then.
        self.as_of: date | None = as_of
        self._open_at = opener
        self._read_only = read_only
        # Words that every command has besides, such as which catalog it is about.
        self._besides = besides
        self.hit = ""
        self.fault: Exception | None = None
        self.kind: Kind = KINDS[0]
        self.records: list[Record] = []
        self._desk = Desk(self._opener, self.post_message)
        self._tables: dict[str, ResourceTable] = {}
        self._read: dict[str, datetime] = {}
        self._lost: dict[str, ManagerError] = {}
        self._recalled: dict[str, Listed] = {}
        self._rest = 0.0
        self._tab = 0
        self._tabs: tuple[str, tuple[tuple[str, str], ...]] = ("", ())
        self._noted: dict[str, tuple[str, ...]] = {}
        self._sheets: dict[int, PlanSheet] = {}
        # What errands were asked for with: action, rows, and what was written.
        self._asked: dict[int, tuple[Action, Rows, Written]] = {}
        self._leaving = False

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Give what each line goes through: nothing that is no text, and without colours none of these."""
        return (*((Colourless(),) if self.no_color else super().get_line_filters()), _PRINTABLE)

    def _handle_exception(self, error: Exception) -> None:
        """Keep what broke the app, for whoever ran it to tell."""
        self.fault = self.fault or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave, and print nothing: Textual's report has the values of variables, and a password may be among them."""
        self._close_messages_no_wait()

    # -- what lies where

    def compose(self) -> ComposeResult:
        """Lay the first list out; the others come when they are looked at."""
        yield Static(id="head", markup=False)
        yield Static(id="modes")
        with Horizontal(id="body"):
            with Vertical(id="lists"):
                yield Static(id="said", markup=False)
                yield Static(id="empty", markup=False)
                self._tables["matter"] = table = ResourceTable(KINDS[0].columns, id="matter")
                yield table
                yield Horizon()
            with VerticalScroll(id="detail"):
                yield Static(id="detail-tabs")
                yield Static(id="detail-text", markup=False)
        yield Input(id="filter", placeholder="words, !word, stage:retired, @owner")
        yield Static(id="foot")

    @property
    def table(self) -> ResourceTable:
        """Give the list that is looked at."""
        return self._tables[self.kind.id]

    def _opener(self) -> Manager:
        """Give a Manager of the day that is shown, which whoever asks closes."""
        return self._open_at(self.as_of)

    @property
    def forbidden(self) -> str:
        """Say why nothing may be changed, or nothing."""
        return "read only" if self._read_only else f"this is how {self.as_of} looks" if self.as_of else ""

    def _here(self) -> Iterator[Action]:
        return (one for one in ACTIONS if one.on(self.kind.id))

    def _tick(self) -> None:
        # Reading is a tenth of what the app does, however much there is to read.
        if time.monotonic() >= self._rest:
            self._ask_list()
        self._show_frame()

    def _ask(self) -> None:
        """Read all that is seen; of what lies below the Overview nothing changes by itself but with the day."""
        self._ask_list()
        if self.kind.id == "matter":
            self._desk.ask(
                "schedules",
                lambda manager: Scheduled(manager.releases(everything=True), manager.today),
                lambda error: Unlisted("schedules", error),
            )
            self._desk.ask("debts", lambda manager: Indebted(manager.debt()), lambda error: Unlisted("debts", error))

    def _ask_list(self) -> None:
        kind = self.kind
        self._desk.ask(
            f"list {kind.id}",
            lambda manager: listed(manager, kind),
            lambda error: Unlisted(kind.id, error),
        )

    # -- what is seen

    def _show_frame(self) -> None:
        now, read = datetime.now(UTC), self._read.get(self.kind.id)
        age = (now - read).total_seconds() if read else 0
        lost = self._lost.get(self.kind.id)
        if read is None:
            state = "not read" if lost else "reading ..."
        else:
            state = f"as of {ago(read, now)}" if lost or self.table.stale or age > _OLD else "live"
        marks = ["read only" * self._read_only, f"this is how {self.as_of} looks" * bool(self.as_of), self.hit]
        mark = "".join(f"  {one}" for one in marks if one)
        work = sum(one.state == "running" for one in self.records)
        busy = f"  {work} under way" if work else ""
        self.query_one("#head", Static).update(f" solvent{mark}   {state}{busy}   {now.astimezone():%H:%M}")
        modes = Text(" ")
        for index, mode in enumerate(MODES, 1):
            modes.append(f"{index} {mode.title}", style="reverse" if self.kind in mode.kinds else "")
            modes.append("  ")
        self.query_one("#modes", Static).update(modes)
        lines = [f"! {one}" for one in self._noted.get(self.kind.id, ())]
        if lost:
            problems = [str(one) for one in getattr(lost, "problems", ())][:4]
            lines = [f"✖ {lost.sentence}", *problems, *([f"hint: {lost.hint}"] if lost.hint else [])]
        said = self.query_one("#said", Static)
        said.set_class(bool(lines), "on")
        said.update("\n".join(lines))
        empty = self.query_one("#empty", Static)
        nothing = read is not None and not self.table.rows
        empty.set_class(nothing, "on")
        if nothing:
            through = self.table.filter or self.table.needy_only
            empty.update(f"none of {self.table.whole} comes through" if through else self.kind.empty)
        self.query_one(Horizon).set_class(self.kind.id == "matter", "on")
        self._show_foot()

    def _show_foot(self) -> None:
        rows = self.table.chosen
        marks = len(self.table.marked)
        filtered = f"/{self.table.filter}  " if self.table.filter else ""
        count = f"{len(self.table.rows)}" + (
            f" of {self.table.whole}" if len(self.table.rows) != self.table.whole else ""
        )
        text = Text(f" {filtered}{count}{f'  {marks} marked' if marks else ''}   ")
        ready = [one for one in self._here() if one.footer and one.ready(rows)]
        text.append("  ".join(f"{one.key} {one.label}" for one in fitting(ready, self.size.width - text.cell_len)))
        self.query_one("#foot", Static).update(text)

    def _show_recalled(self) -> None:
        """Show what is remembered of this list, as old, where it was not read yet."""
        one = self._recalled.pop(self.kind.id, None)
        if one is not None and self.kind.id not in self._read:
            self._read[one.kind] = one.at
            self.table.put(one.rows)
            self.table.outdate(stale=True)

    def _show_detail(self) -> None:
        row, detail = self.table.row, self.query_one("#detail")
        if row is None or not detail.has_class("on"):
            return
        key, tabs = self._tabs
        known = tabs if key == row.key else ()
        heads = Text("")
        for index, (title, _) in enumerate(known):
            heads.append(f" {title} ", style="reverse" if index == self._tab else "")
        self.query_one("#detail-tabs", Static).update(heads)
        text = known[self._tab][1] if known else f"{row.name}\n\nreading ..."
        self.query_one("#detail-text", Static).update(text)

    def _show_activity(self) -> None:
        from manager.tui.activity import Drawer

        for drawer in self.query(Drawer):
            drawer.show(self.records)
        self._show_frame()

    @on(ResourceTable.Moved)
    @on(ResourceTable.Entered)
    def _moved(self, message: ResourceTable.Moved) -> None:
        if message.table is not self.table:
            return
        self._show_foot()
        detail = self.query_one("#detail")
        if isinstance(message, ResourceTable.Entered):
            detail.set_class(True, "on")
            self.query_one("#lists").set_class(True, "behind")
            if self.has_class("narrow"):
                detail.focus()
        if message.row is not None and detail.has_class("on"):
            self._show_detail()
            self._tell(message.row.key)

    def _tell(self, key: str) -> None:
        kind, row = self.kind, self.table.row
        if row is None or row.thing is None:
            # What is only remembered is told when it is read.
            return
        self._desk.ask(
            "detail",
            lambda manager: Told(kind.id, key, kind.tabs(manager, row)),
            lambda error: Told(kind.id, key, (("error", error.sentence),)),
        )

    def on_resize(self, event: events.Resize) -> None:
        """Below a width, the detail takes the list's place."""
        self.set_class(event.size.width < _NARROW, "narrow")
        self.call_after_refresh(self.query_one(Horizon).draw)
