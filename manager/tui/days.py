"""The time machine: the whole app as it will look, or looked, on a day, and back to today."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from manager.core.lifecycle import Stage
from manager.tui.action import Field
from manager.tui.doing import Doing
from manager.tui.messages import Hit, Unlisted

if TYPE_CHECKING:
    from manager.app.manager import Manager

# Dates of a schedule reckon years on and back from each.
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)
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
            self._look_on(date.fromisoformat(said[_DAY.option]))
        except ValueError:
            self.notify(f"{said[_DAY.option]} is no day; it is written as 2027-03-31", severity="error", markup=False)

    def _look_on(self, day: date | None) -> None:
        """Have everything read as of a day; what is there until then is shown as old."""
        if day is not None and not _FIRST <= day <= _LAST:
            self.notify(f"there are days from {_FIRST} to {_LAST}", severity="error", markup=False)
            return
        self.as_of = day
        self.hit = ""
        # What was said of a row was said of another day.
        self._tabs = ("", ())
        self.query_one("#head").set_class(day is not None, "asof")
        self._desk.reopen()
        for table in self._tables.values():
            table.outdate(stale=True)
        self._read.clear()
        self._recalled.clear()
        self._lost.clear()
        self._ask()
        if day is not None:
            self._desk.ask("hit", hit, lambda error: Unlisted("hit", error))
        self._show_frame()

    def on_hit(self, message: Hit) -> None:
        """Say who is hit by then."""
        if message.day == self.as_of:
            self.hit = message.text
            self._show_frame()


def hit(manager: Manager) -> Hit:
    """Say which releases are retired on the Manager's day and not today, and how many environments they have."""
    today = manager.clock.now().date()
    found = [
        one
        for one in manager.releases(everything=True)
        if one.environments
        and one.release.stage(manager.today) is Stage.RETIRED
        and one.release.stage(today) is not Stage.RETIRED
    ]
    environments = sum(one.environments for one in found)
    names = ", ".join(one.release.name for one in found[:3]) + (" ..." if len(found) > 3 else "")
    many = f"{environments} environment{'s' * (environments != 1)}"
    return Hit(manager.today, f"retired by then: {names}, {many}" if found else "nobody is hit by then")
