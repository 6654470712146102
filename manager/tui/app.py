"""The app: five lists, what is said of a row, and everything that people do with them.

Threads read and carry out (:mod:`.desk`, :mod:`.errand`) and post messages; every change of what is seen is made in a
handler here.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from manager.errors import ManagerError
from manager.tui.actions import ACTIONS, Action
from manager.tui.desk import Desk
from manager.tui.kinds import BY_ID, KINDS, Kind
from manager.tui.look import CSS, THEMES
from manager.tui.messages import Ended, Happened, Listed, Planned, Reached, Said, Told, Unlisted, Unreached
from manager.tui.table import ResourceTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.manager import Manager
    from manager.tui.activity import Record
    from manager.tui.errand import Errand
    from manager.tui.sheets import PlanSheet

MODES = ("Overview", "Images", "Connectors", "Environments", "Runs")
# How often what is seen is read again, in seconds; and from which age on it is shown as old.
_EVERY, _OLD = 5.0, 20.0
_NARROW = 100
# How long a terminal that has gone is given to take the screen back, in seconds.
_GONE = 1.0


class Solvent(App[None]):
    """The terminal UI; ``opener`` gives a Manager, in whatever thread asks."""

    CSS = CSS
    TITLE = "solvent"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(index), f"mode({index - 1})", name, show=False) for index, name in enumerate(MODES, 1)),
        *(Binding(key, f"press('{key}')", show=False)
          for key in sorted({key for one in ACTIONS for key in one.keys.split(",")} - {"enter"})),
    ]  # fmt: skip

    def __init__(self, opener: Callable[[], Manager], *, read_only: bool = False, as_of: date | None = None) -> None:
        super().__init__()
        self._opener = opener
        self.forbidden = "read only" if read_only else f"this is how {as_of} looks" if as_of else ""
        self.as_of = as_of
        self.kind: Kind = KINDS[0]
        self.records: list[Record] = []
        self._desk = Desk(opener, self.post_message)
        self._tables: dict[str, ResourceTable] = {}
        self._read: dict[str, datetime] = {}
        self._lost: dict[str, ManagerError] = {}
        self._tab = 0
        self._tabs: tuple[str, tuple[tuple[str, str], ...]] = ("", ())
        self._sheets: dict[int, PlanSheet] = {}
        self._engine = ""

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
                yield Static(id="timeline", markup=False)
            with VerticalScroll(id="detail"):
                yield Static(id="detail-tabs")
                yield Static(id="detail-text", markup=False)
        yield Input(id="filter", placeholder="words, !word, stage:retired, @owner")
        yield Static(id="foot")

    def on_mount(self) -> None:
        """Begin to read, and go on doing so."""
        if os.environ.get("SOLVENT_TUI_THEME") in THEMES:
            self.theme = os.environ["SOLVENT_TUI_THEME"]
        with suppress(NotImplementedError, RuntimeError, ValueError):
            for one in (signal.SIGHUP, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(one, self._stopped)
        self.table.focus()
        self._desk.open()
        self._ask()
        self._show_frame()
        self.set_interval(_EVERY, self._tick)
        self.query_one("#head").set_class(self.as_of is not None, "asof")

    @property
    def table(self) -> ResourceTable:
        """Give the list that is looked at."""
        return self._tables[self.kind.id]

    def _tick(self) -> None:
        self._ask()
        self._show_frame()

    def _ask(self) -> None:
        kind = self.kind
        self._desk.ask(
            f"list {kind.id}",
            lambda manager: Listed(kind.id, kind.rows(manager), datetime.now(UTC)),
            lambda error: Unlisted(kind.id, error),
        )
        if kind.id == "matter":
            releases = BY_ID["release"]
            self._desk.ask(
                "timeline",
                lambda manager: Listed("timeline", releases.rows(manager), datetime.now(UTC)),
                lambda error: Unlisted("timeline", error),
            )

    # -- what threads tell

    def on_listed(self, message: Listed) -> None:
        """Show rows; what could not be read before can be now."""
        if message.kind == "timeline":
            self._show_timeline(message)
            return
        self._read[message.kind] = message.at
        self._lost.pop(message.kind, None)
        if table := self._tables.get(message.kind):
            table.put(message.rows)
            table.outdate(stale=False)
        self._show_frame()

    def on_unlisted(self, message: Unlisted) -> None:
        """Keep what was seen, marked as old, and say why."""
        if message.kind == "timeline":
            return
        self._lost[message.kind] = message.error
        if table := self._tables.get(message.kind):
            table.outdate(stale=True)
        self._show_frame()

    def on_told(self, message: Told) -> None:
        """Show what there is to say of a row, if it is still looked at."""
        row = self.table.row
        if row is not None and (message.kind, message.key) == (self.kind.id, row.key):
            self._tabs = message.key, tuple(message.tabs)
            self._tab = min(self._tab, max(0, len(self._tabs[1]) - 1))
            self._show_detail()

    def on_said(self, message: Said) -> None:
        """Show how far a planning is."""
        if sheet := self._sheets.get(message.errand.number):
            sheet.say(message.line)

    def on_planned(self, message: Planned) -> None:
        """Show a plan."""
        if sheet := self._sheets.get(message.errand.number):
            sheet.show(message.plan)

    def on_happened(self, message: Happened) -> None:
        """Take an event down."""
        for one in self.records:
            if one.errand is message.errand:
                one.take(message.event)
        self._show_activity()

    def on_ended(self, message: Ended) -> None:
        """Say how an errand ended: on its sheet before it was begun, else in the drawer."""
        sheet = self._sheets.get(message.errand.number)
        if sheet is not None:
            if message.error:
                sheet.refuse(message.error)
            return
        for one in self.records:
            if one.errand is message.errand:
                one.end(message.error)
                what = f"{message.errand.title}: {message.error.sentence if message.error else 'done'}"
                self.notify(what, severity="error" if message.error else "information", markup=False)
        self._show_activity()
        self._ask()

    # -- what is seen

    def _show_frame(self) -> None:
        now, read = datetime.now(UTC), self._read.get(self.kind.id)
        age = (now - read).total_seconds() if read else 0
        lost = self._lost.get(self.kind.id)
        state = "reading ..." if read is None and lost is None else f"as of {age:.0f} s ago" if age > _OLD else "live"
        mark = f"  {self.forbidden}" if self.forbidden else ""
        work = sum(one.state == "running" for one in self.records)
        busy = f"  {work} under way" if work else ""
        self.query_one("#head", Static).update(f" solvent{mark}   {state}{busy}   {now.astimezone():%H:%M}")
        modes = Text(" ")
        for index, (name, kind) in enumerate(zip(MODES, KINDS, strict=True), 1):
            modes.append(f"{index} {name}", style="reverse" if kind is self.kind else "")
            modes.append("  ")
        self.query_one("#modes", Static).update(modes)
        said = self.query_one("#said", Static)
        said.set_class(lost is not None, "on")
        if lost:
            problems = [str(one) for one in getattr(lost, "problems", ())][:4]
            hint = [f"hint: {lost.hint}"] if lost.hint else []
            said.update("\n".join([f"✖ {lost.sentence}", *problems, *hint]))
        empty = self.query_one("#empty", Static)
        nothing = read is not None and not self.table.rows
        empty.set_class(nothing, "on")
        if nothing:
            through = self.table.filter or self.table.needy_only
            empty.update(f"none of {self.table.whole} comes through" if through else self.kind.empty)
        self.query_one("#timeline").set_class(self.kind.id == "matter", "on")
        self._show_foot()

    def _show_foot(self) -> None:
        rows, parts = self.table.chosen, []
        for one in self._here():
            if one.footer and one.ready(rows):
                parts.append(f"{one.key} {one.label}")
        marks = len(self.table.marked)
        filtered = f"/{self.table.filter}  " if self.table.filter else ""
        count = f"{len(self.table.rows)}" + (
            f" of {self.table.whole}" if len(self.table.rows) != self.table.whole else ""
        )
        text = Text(f" {filtered}{count}{f'  {marks} marked' if marks else ''}   ")
        text.append("  ".join(parts))
        self.query_one("#foot", Static).update(text)

    def _show_timeline(self, message: Listed) -> None:
        from manager.tui.timeline import timeline

        views = [row.thing for row in message.rows]
        today = self.as_of or datetime.now(UTC).date()
        lines = timeline(views, today, max(40, self.size.width - 4))  # type: ignore[arg-type]
        self.query_one("#timeline", Static).update("\n".join(lines))

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

    @on(ResourceTable.Entered)
    def _entered(self, message: ResourceTable.Entered) -> None:
        self._moved(message)

    def _tell(self, key: str) -> None:
        kind, row = self.kind, self.table.row
        if row is None:
            return
        self._desk.ask(
            "detail",
            lambda manager: Told(kind.id, key, kind.tabs(manager, row)),
            lambda error: Told(kind.id, key, (("error", error.sentence),)),
        )

    def on_resize(self) -> None:
        """Below a width, the detail takes the list's place."""
        self.set_class(self.size.width < _NARROW, "narrow")

    # -- what people do

    def _here(self) -> Iterator[Action]:
        return (one for one in ACTIONS if one.on(self.kind.id))

    async def action_mode(self, index: int) -> None:
        """Look at another list."""
        if len(self.screen_stack) > 1:
            return
        await self.action_back()
        self.table.display = False
        self.kind = KINDS[index]
        if self.kind.id not in self._tables:
            self._tables[self.kind.id] = table = ResourceTable(self.kind.columns, id=self.kind.id)
            await self.query_one("#lists").mount(table, after=self.query_one("#empty"))
        self.table.display = True
        self.table.focus()
        self._ask()
        self._show_frame()

    async def action_press(self, key: str) -> None:
        """Do what a key means in this list."""
        for one in self._here():
            if key in one.keys.split(","):
                await self._do(one)
                return

    async def action_do(self, name: str) -> None:
        """Do one of the actions of this list by its id."""
        for one in self._here():
            if one.id == name:
                await self._do(one)
                return

    async def _do(self, action: Action) -> None:
        if len(self.screen_stack) > 1:
            return
        if action.plan is None and action.ready(self.table.chosen):
            await self.run_action(f"app.{action.id}")
        elif action.plan is not None and action.ready(self.table.chosen):
            self._plan(action)
        else:
            self.notify(f"{action.label}: not for what is chosen", severity="warning", markup=False)

    def _plan(self, action: Action) -> None:
        from manager.tui.errand import Errand
        from manager.tui.sheets import PlanSheet

        rows = action.chosen(self.table.chosen)
        title = " ".join([action.label, *(row.name for row in rows[:3]), *(["..."] if len(rows) > 3 else [])])
        assert action.plan is not None
        assert action.line is not None
        making = action.plan
        errand = Errand(
            title,
            action.line(rows),
            lambda manager: making(manager, rows),
            self._opener,
            self.post_message,
            action.carry,
        )
        sheet = PlanSheet(errand, forbidden=self.forbidden if action.changes else "")
        self._sheets[errand.number] = sheet
        self.push_screen(sheet, lambda go: self._answered(errand, go=bool(go)))
        errand.start()

    def _answered(self, errand: Errand, *, go: bool) -> None:
        self._sheets.pop(errand.number, None)
        if not go:
            errand.drop()
            return
        from manager.tui.activity import Record

        self.records.append(Record(errand))
        errand.go()
        self.notify(f"{errand.title}: begun; o shows how far it is", markup=False)
        self._show_activity()

    async def action_back(self) -> None:
        """Close what is open: the filter, the detail, the drawer; the list itself stays."""
        field, detail = self.query_one("#filter", Input), self.query_one("#detail")
        if field.has_class("on"):
            field.value = ""
            field.remove_class("on")
            self.table.filter_by("")
        elif detail.has_class("on"):
            detail.remove_class("on")
            self.query_one("#lists").remove_class("behind")
        else:
            self.table.filter_by("")
        self.table.focus()
        self._show_frame()

    def action_enter(self) -> None:
        """Show the row."""
        self.table.key_enter()

    def action_filter(self) -> None:
        """Filter as one types."""
        field = self.query_one("#filter", Input)
        field.value = self.table.filter
        field.add_class("on")
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list down."""
        if event.input.id == "filter":
            self.table.filter_by(event.value)
            self._show_frame()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter, and go to the list."""
        if event.input.id == "filter":
            event.input.remove_class("on")
            self.table.focus()

    def action_logs(self) -> None:
        """Follow what an environment writes."""
        from manager.tui.logs import Logs

        if (row := self.table.row) is not None:
            self.push_screen(Logs(row.name, self._opener))

    def action_shell(self) -> None:
        """Give the terminal to a shell inside an environment, and take it back."""
        from textual.app import SuspendNotSupported

        row = self.table.row
        if row is None or self.forbidden:
            self.notify(self.forbidden or "nothing is chosen", severity="warning", markup=False)
            return
        try:
            with self.suspend(), closing(self._opener()) as manager:
                manager.shell(row.name)
        except SuspendNotSupported:
            self.notify("this terminal cannot be lent to a shell", severity="error")
        except ManagerError as error:
            self.notify(error.sentence, severity="error", markup=False)
        self._ask()

    def action_open(self) -> None:
        """Open an environment in the browser, and copy its URL."""
        row = self.table.row
        if row is not None:
            name = row.name
            self._desk.ask(f"open {name}", lambda manager: Reached(name, _reached(manager, name)), Unreached)

    def on_reached(self, message: Reached) -> None:
        """Go there; the token is in the clipboard alone, and not on the screen."""
        from manager.app.opening import browse

        self.copy_to_clipboard(message.url)
        browse(message.url)
        self.notify(f"{message.name}: its URL is copied", markup=False)

    def on_unreached(self, message: Unreached) -> None:
        """Say why not, and what helps."""
        hint = f"\n{message.error.hint}" if message.error.hint else ""
        self.notify(f"{message.error.sentence}{hint}", severity="error", markup=False)

    def action_needy(self) -> None:
        """Only what needs attention, or everything."""
        self.table.only_needy(not self.table.needy_only)
        self._show_frame()

    def action_sort(self) -> None:
        """Sort by the next column; after the last one as it came."""
        column, down = self.table.order
        at = 0 if column is None else column + 1
        self.table.order_by(at if at < len(self.kind.columns) else None, down=down)

    def action_turn(self) -> None:
        """Turn the order round."""
        column, down = self.table.order
        self.table.order_by(0 if column is None else column, down=not down)

    def action_mark(self) -> None:
        """Mark the row."""
        self.table.mark()
        self._show_foot()

    def action_tab(self, by: int) -> None:
        """Go to another tab of the detail."""
        if self._tabs[1]:
            self._tab = (self._tab + by) % len(self._tabs[1])
            self._show_detail()

    def action_copy(self) -> None:
        """Copy what the row is called; of a matter, the command that settles it."""
        row = self.table.row
        if row is not None:
            text = row.cells[-1] if self.kind.id == "matter" else row.name
            self.copy_to_clipboard(text)
            self.notify(f"copied: {text}", markup=False)

    def action_refresh_now(self) -> None:
        """Read again."""
        self._ask()

    async def action_activity(self) -> None:
        """Open or close the drawer."""
        from manager.tui.activity import Drawer

        drawer = next(iter(self.query(Drawer)), None)
        if drawer is None:
            drawer = Drawer(id="activity")
            await self.screen.mount(drawer, before=self.query_one("#filter"))
        drawer.toggle_class("on")
        drawer.show(self.records)

    def action_theme(self) -> None:
        """Take the next theme."""
        at = THEMES.index(self.theme) if self.theme in THEMES else -1
        self.theme = THEMES[(at + 1) % len(THEMES)]

    def action_palette(self) -> None:
        """Show every action by name."""
        from manager.tui.sheets import Palette

        listed = [(one.id, one.label, one.help) for one in self._here() if one.id not in ("palette", "enter")]
        listed += [(f"mode {index}", name, f"Look at {name.lower()}.") for index, name in enumerate(MODES)]
        self.push_screen(Palette(listed), self._picked)

    async def _picked(self, name: str | None) -> None:
        if name is None:
            return
        if name.startswith("mode "):
            await self.action_mode(int(name[5:]))
        else:
            await self.action_do(name)

    def action_help(self) -> None:
        """Show what can be done here."""
        from manager.tui.sheets import Help

        self.push_screen(Help(f"{MODES[KINDS.index(self.kind)]}: what can be done here", self._here()))

    def _stopped(self) -> None:
        """Leave at once, as a closed terminal asks for: what is written there may never come back."""
        after = threading.Timer(_GONE, os._exit, (1,))
        after.daemon = True
        after.start()
        for one in self.records:
            one.errand.drop()
        self._desk.close()
        self.exit(return_code=1)

    async def action_quit(self) -> None:
        """Leave; where something is under way, only when it is said twice."""
        work = [one for one in self.records if one.state == "running"]
        if work and not getattr(self, "_leaving", False):
            self._leaving = True
            self.set_timer(3, lambda: setattr(self, "_leaving", False))
            names = ", ".join(one.errand.title for one in work)
            self.notify(
                f"under way: {names}. q again leaves it; the next run goes on", severity="warning", markup=False
            )
            return
        for one in work:
            one.errand.drop()
        self._desk.close()
        self.exit()


def _reached(manager: Manager, name: str) -> str:
    from manager.app.opening import open_url

    return open_url(manager.environment(name))
