"""What people do: keys and the palette end in one of these, and what changes something in a plan."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from textual.widgets import Input

from manager.errors import ManagerError
from manager.tui.actions import OWED
from manager.tui.editing import edited, judged, located
from manager.tui.look import THEMES
from manager.tui.messages import Judged, Located, Reached, Unreached
from manager.tui.modes import MODES, mode_of
from manager.tui.planning import Planning
from manager.tui.table import ResourceTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.manager import Manager
    from manager.tui.action import Action
    from manager.tui.activity import Drawer
    from manager.tui.kinds import Kind

# How long a terminal that has gone is given to take the screen back, in seconds.
_GONE = 1.0


class Doing(Planning):
    """The app with everything that can be done in it."""

    async def action_mode(self, index: int) -> None:
        """Look at another list."""
        if len(self.screen_stack) > 1:
            return
        await self._look_at(MODES[index].kinds[0])

    async def action_other(self) -> None:
        """Look at the next list of this mode."""
        kinds = mode_of(self.kind).kinds
        await self._look_at(kinds[(kinds.index(self.kind) + 1) % len(kinds)])

    async def _look_at(self, kind: Kind) -> None:
        await self.action_back()
        self.table.display = False
        self.kind = kind
        if self.kind.id not in self._tables:
            self._tables[self.kind.id] = table = ResourceTable(self.kind.columns, id=self.kind.id)
            await self.query_one("#lists").mount(table, after=self.query_one("#empty"))
        self.table.display = True
        self.table.focus()
        self._show_recalled()
        self._ask()
        self._show_frame()

    async def action_press(self, key: str) -> None:
        """Do what a key means in this list."""
        for one in self._here():
            if key and key in one.keys.split(","):
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
        if not action.ready(self.table.chosen):
            self.notify(f"{action.label}: not for what is chosen", severity="warning", markup=False)
        elif action.plan is not None:
            # A sheet shows what it would be, whether or not it is forbidden.
            await self._ask_for(action)
        elif action.changes and self.forbidden:
            self.notify(self.forbidden, severity="warning", markup=False)
        else:
            await self.run_action(f"app.{action.id}")

    async def action_back(self) -> None:
        """Close what is open: the filter, the detail, the drawer; the list itself stays."""
        field, detail = self.query_one("#filter", Input), self.query_one("#detail")
        if field.has_class("on"):
            field.value = ""
            field.remove_class("on")
            field.display = False
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
        # At once: what is typed from now on is no key of the list.
        field.display = True
        self.screen.set_focus(field)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list down."""
        if event.input.id == "filter":
            self.table.filter_by(event.value)
            self._show_frame()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter, and go to the list."""
        if event.input.id == "filter":
            event.input.remove_class("on")
            event.input.display = False
            self.table.focus()

    def action_logs(self) -> None:
        """Follow what an environment writes."""
        from manager.tui.logs import Logs

        if (row := self.table.row) is not None:
            self.push_screen(Logs(row.name, self._opener))

    def action_shell(self) -> None:
        """Give the terminal to a shell inside an environment, and take it back."""
        if (row := self.table.row) is not None:
            self._lend("a shell", lambda: self._in_shell(row.name))
            self._ask()

    def _in_shell(self, name: str) -> None:
        with closing(self._opener()) as manager:
            manager.shell(name)

    def _lend(self, borrower: str, use: Callable[[], None]) -> None:
        """Give the terminal away while something uses it; say why that could not be."""
        from textual.app import SuspendNotSupported

        try:
            with self.suspend():
                use()
        except SuspendNotSupported:
            self.notify(f"this terminal cannot be lent to {borrower}", severity="error")
        except ManagerError as error:
            self.notify(error.sentence, severity="error", markup=False)

    def action_dates(self) -> None:
        """Show the row's dates: the second of a release's tabs."""
        self._tab = 1
        self.table.key_enter()
        self._show_detail()

    def action_edit(self) -> None:
        """Find where the row's thing stands, or what is wrong with the catalog, to open it there."""
        thing = self.table.row.thing if self.table.row else None
        self._desk.ask("place", lambda manager: located(manager, thing), Unreached)

    def on_located(self, message: Located) -> None:
        """Give the terminal to the editor, take it back, and read what it left."""
        self._lend("an editor", lambda: edited(message.path, message.line))
        self._desk.ask("judge", judged, Unreached)
        self._ask()

    def on_judged(self, message: Judged) -> None:
        """Say that the catalog is valid; what is wrong with one stands above the list."""
        self.notify(message.text, markup=False)

    def action_open(self) -> None:
        """Open an environment in the browser, and copy its URL, with which one can do anything in it."""
        if (row := self.table.row) is not None:
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
        self.table.order_by(at if at < len(self.table.columns) else None, down=down)

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
        """Copy what the row is called; of a matter or a debt, the command that settles it."""
        row = self.table.row
        if row is not None:
            text = row.cells[-1] if self.kind.id in OWED else row.name
            self.copy_to_clipboard(text)
            self.notify(f"copied: {text}", markup=False)

    def action_refresh_now(self) -> None:
        """Read again."""
        self._ask()

    async def action_activity(self) -> None:
        """Open or close the drawer."""
        (await self._drawer()).toggle_class("on")

    def action_work(self) -> None:
        """Show all of it, to be searched."""
        from manager.tui.logs import Work

        self.push_screen(Work(self.records))

    def action_cancel(self) -> None:
        """Stop what was begun last; it ends at its next event, and says so."""
        running = [one for one in self.records if one.state == "running"]
        if not running:
            self.notify("nothing is under way", severity="warning")
            return
        running[-1].errand.drop()
        self.notify(f"{running[-1].errand.title}: stopping", markup=False)

    async def show_drawer(self) -> None:
        """Open the drawer: what was asked for stands there now."""
        (await self._drawer()).add_class("on")

    async def _drawer(self) -> Drawer:
        """Give the drawer of the lists, with what there is to show in it."""
        from manager.tui.activity import Drawer

        lists = self.screen_stack[0]
        drawer = next(iter(lists.query(Drawer)), None)
        if drawer is None:
            drawer = Drawer(id="activity")
            await lists.mount(drawer, before=lists.query_one("#filter"))
        drawer.show(self.records)
        return drawer

    def action_theme(self) -> None:
        """Take the next theme."""
        at = THEMES.index(self.theme) if self.theme in THEMES else -1
        self.theme = THEMES[(at + 1) % len(THEMES)]

    def action_palette(self) -> None:
        """Show every action by name."""
        from manager.tui.sheets import Palette

        listed = [(one.id, one.label, one.help) for one in self._here() if one.id not in ("palette", "enter")]
        listed += [(f"mode {index}", one.title, f"Look at {one.title.lower()}.") for index, one in enumerate(MODES)]
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

        self.push_screen(Help(f"{self.kind.title}: what can be done here", self._here()))

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
        if work and not self._leaving:
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
