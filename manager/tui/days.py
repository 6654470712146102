"""The time machine: the whole app as it will look, or looked, on a day, and back to today."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from manager.core.amounts import few, many
from manager.core.lifecycle import Stage
from manager.errors import UsageError
from manager.tui.action import Field
from manager.tui.decisions import day
from manager.tui.doing import Doing
from manager.tui.messages import Hit, Unlisted

if TYPE_CHECKING:
    from manager.app.manager import Manager

# Dates of a schedule reckon years on and back from each.
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)
_NAMED = 3
_DAY = Field("--as-of", "day, as 2027-03-31", needed=True)


class Days(Doing):
    """The app with the day that it shows."""

    def action_scrub(self, by: int) -> None:
        """Go some days on, or back."""
        self._look_on((self.as_of or datetime.now(UTC).date()) + timedelta(days=by))

    def action_today(self) -> None:
        """Go back to today."""
        self._look_on(None)

    async def action_day(self) -> None:
        """Go to a day that is asked for."""
        from manager.tui.form import Form

        before = {_DAY.option: str(self.as_of)} if self.as_of else {}
        about = "everything is shown as it is on that day, and nothing can be changed; 0 goes back to today"
        await self.push_screen(Form("look at another day", (_DAY,), before, about), self._said_day)

    async def _said_day(self, said: dict[str, str] | None) -> None:
        if said is None:
            return
        try:
            self._look_on(day(said[_DAY.option]))
        except UsageError as error:
            self.notify(f"{error.sentence}; {error.hint}", severity="error", markup=False)

    def _look_on(self, wanted: date | None) -> None:
        """Have everything read as of a day; what is there until then is shown as old."""
        if wanted is not None and not _FIRST <= wanted <= _LAST:
            self.notify(f"there are days from {_FIRST} to {_LAST}", severity="error", markup=False)
            return
        self.as_of = wanted
        self.hit = ""
        # What was said of a row was said of another day.
        self._tabs = ("", ())
        self.query_one("#head").set_class(wanted is not None, "asof")
        self._desk.reopen()
        for table in self._tables.values():
            table.outdate(stale=True)
        self._read.clear()
        self._recalled.clear()
        self._lost.clear()
        self._noted.clear()
        self._ask()
        if wanted is not None:
            self._desk.ask("hit", hit, lambda error: Unlisted("hit", error))
        self._show_frame()

    def on_hit(self, message: Hit) -> None:
        """Say who is hit by then."""
        if message.day == self.as_of:
            self.hit = message.text
            self._show_frame()


def hit(manager: Manager) -> Hit:
    """Say which releases are retired on the Manager's day and not today, and who has environments of them."""
    today = manager.clock.now().date()
    retired = {
        one.name
        for one in manager.catalog.releases
        if one.stage(manager.today) is Stage.RETIRED and one.stage(today) is not Stage.RETIRED
    }
    found = [one.environment for one in manager.adoption.listing()[0] if one.environment.release in retired]
    if not found:
        return Hit(manager.today, "nobody is hit by then")
    names, owners = sorted({one.release for one in found}), sorted({one.owner for one in found})
    environments = f"{many(len(found), 'environment')} of {few(owners, _NAMED)}"
    return Hit(manager.today, f"retired by then: {few(names, _NAMED)}, {environments}")
