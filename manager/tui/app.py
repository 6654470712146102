"""The app: five lists, what is said of a row, and everything that people do with them.

Threads read and carry out (:mod:`.desk`, :mod:`.errand`) and post messages; what they tell is taken in here, and every
change of what is seen is made in a handler.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from manager.errors import Stale
from manager.tui.days import Days
from manager.tui.horizon import Horizon
from manager.tui.look import THEMES
from manager.tui.messages import Recalled
from manager.tui.modes import LISTS
from manager.tui.remembered import recalled

if TYPE_CHECKING:
    from manager.tui.messages import (
        Ended,
        Happened,
        Indebted,
        Listed,
        Noted,
        Planned,
        Said,
        Scheduled,
        Told,
        Unlisted,
    )

# How often what is seen is read again, in seconds.
_EVERY = 5.0
# For so long a thread may have the interpreter for itself, in seconds.
_STEP = 0.0005
# So many times as long as reading took nothing is read.
_SHARE = 10


class Solvent(Days):
    """The terminal UI; ``opener`` gives a Manager as of a day, in whatever thread asks."""

    def on_mount(self) -> None:
        """Begin to read, and go on doing so."""
        if os.environ.get("SOLVENT_TUI_THEME") in THEMES:
            self.theme = os.environ["SOLVENT_TUI_THEME"]
        for one in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(one, self._stopped)
        # What reads in a thread is waited for in steps of this: a key is not to wait for more than a few of them.
        sys.setswitchinterval(_STEP)
        self.table.focus()
        # First the frame, then what was, then what is.
        self._desk.ask(
            "recall", lambda manager: recalled(manager, LISTS.values()), lambda _error: Recalled(()), again=False
        )
        self._ask()
        self.call_after_refresh(self._desk.open)
        self._show_frame()
        self.set_interval(_EVERY, self._tick)
        self.query_one("#head").set_class(self.as_of is not None, "asof")

    def on_recalled(self, message: Recalled) -> None:
        """Show what was, until what is has come."""
        for one in message.lists:
            self._recalled.setdefault(one.kind, one)
        self._show_recalled()
        self._show_frame()

    def on_listed(self, message: Listed) -> None:
        """Show rows; what could not be read before can be now."""
        self._read[message.kind] = message.at
        self._noted[message.kind] = tuple(message.notes)
        self._lost.pop(message.kind, None)
        self._rest = time.monotonic() + _SHARE * message.took
        if table := self._tables.get(message.kind):
            shape = LISTS[message.kind].shape
            table.put(message.rows, shape(message.rows) if shape else ())
            table.outdate(stale=False)
            row = table.row
            if table is self.table and row and self._tabs[0] != row.key and self.query_one("#detail").has_class("on"):
                # What was only remembered, or was of another day, can be told now.
                self._tell(row.key)
        self._show_frame()

    def on_unlisted(self, message: Unlisted) -> None:
        """Keep what was seen, marked as old, and say why."""
        if message.kind not in LISTS:
            # What lies beside a list stays as it was; the list says what is wrong.
            return
        self._lost[message.kind] = message.error
        if table := self._tables.get(message.kind):
            table.outdate(stale=True)
        self._show_frame()

    def on_scheduled(self, message: Scheduled) -> None:
        """Show when releases come and go."""
        self.query_one(Horizon).schedule(message.views, message.day)

    def on_indebted(self, message: Indebted) -> None:
        """Show what is owed."""
        self.query_one(Horizon).owe(message.owed)

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

    def on_noted(self, message: Noted) -> None:
        """Take a line down."""
        for one in self.records:
            if one.errand is message.errand:
                one.note(message.line)
        self._show_activity()

    def on_happened(self, message: Happened) -> None:
        """Take an event down."""
        for one in self.records:
            if one.errand is message.errand:
                one.take(message.event)
        self._show_activity()

    async def on_ended(self, message: Ended) -> None:
        """Say how an errand ended: on its sheet before it was begun, else in the drawer; show a stale plan anew."""
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
        if isinstance(message.error, Stale):
            await self._anew(message.errand, message.error.why)
        asked = self._asked.pop(message.errand.number, None)
        if asked and message.error and message.errand.tells and asked[0].fields and self.idle:
            # Nothing of what was written is lost: it failed where it was written down.
            await self._fill(*asked, why=message.error.sentence)
        if message.errand.tells:
            await self.show_drawer()
