"""What lies below the Overview's list: what is owed, and the line of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.widgets import Static

if TYPE_CHECKING:
    from datetime import date

    from textual.app import ComposeResult

    from manager.app.debts import Owed
    from manager.app.release_views import ReleaseView

# Its share of the room of the lists, as in the style sheet, and the lines besides: head, modes, foot.
_SHARE, _FRAME = 0.4, 3
# What is not the line of time itself: the rule above, the debt, and the months.
_BESIDES = 3


class Horizon(Vertical):
    """The debt and the line of time, each as far as it is known, around a day."""

    def __init__(self) -> None:
        super().__init__(id="horizon")
        self._owed: Owed | None = None
        self._views: tuple[ReleaseView, ...] = ()
        self._day: date | None = None

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static(id="debt", markup=False)
        yield Static(id="timeline", markup=False)

    def owe(self, owed: Owed) -> None:
        """Show what is owed."""
        self._owed = owed
        self.draw()

    def schedule(self, views: tuple[ReleaseView, ...], day: date) -> None:
        """Show when releases come and go, around a day."""
        self._views, self._day = views, day
        self.draw()

    def draw(self) -> None:
        """Draw it as wide and as high as there is room."""
        # What draws it is not loaded before there is something to draw, which is after the first screen.
        width = max(40, self.app.size.width - 4)
        if self._owed is not None:
            from manager.tui.debts import line

            self.query_one("#debt", Static).update(line(self._owed, width))
        if self._day is not None:
            from manager.tui.timeline import timeline

            most = max(3, int((self.app.size.height - _FRAME) * _SHARE) - _BESIDES)
            self.query_one("#timeline", Static).update("\n".join(timeline(self._views, self._day, width, most)))
