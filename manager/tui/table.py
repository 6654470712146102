"""The one table: any number of rows, of which it draws those that are seen.

What is shown is replaced by key: the cursor stays on its row, on the same line of the screen, and marks stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from manager.tui.rows import MOODS, Column, Row, accepts, in_order, widths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.style import Style
    from textual import events

_GAP = "  "
_MARK, _NO_MARK = "●", " "


class ResourceTable(ScrollView, can_focus=True):
    """Rows of one kind, with a cursor, marks, a filter and an order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False),
        Binding("home,g", "to(0)", "first", show=False),
        Binding("end,G", "to(-1)", "last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--head", "table--cursor", "table--marked", "table--stale", *(f"table--{mood}" for mood in MOODS)
    }  # fmt: skip

    class Moved(Message):
        """The cursor is on another row, or there is none."""

        def __init__(self, table: ResourceTable, row: Row | None) -> None:
            super().__init__()
            self.table, self.row = table, row

        @property
        def control(self) -> ResourceTable:
            """Give the table."""
            return self.table

    class Entered(Moved):
        """Somebody wants to see the row that the cursor is on."""

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.marked: set[str] = set()
        self.stale = False
        self._all: list[Row] = []
        self._seen: list[Row] = []
        self._at = 0
        self._text = ""
        self._needy_only = False
        self._order: tuple[int | None, bool] = (None, False)
        self._widths = [0] * len(self.columns)
        self._strips: dict[tuple[str, bool, bool], tuple[Row, Strip]] = {}
        self._styles: dict[str, Style] = {}

    # -- what there is

    @property
    def rows(self) -> Sequence[Row]:
        """Give the rows that come through the filter, in their order."""
        return self._seen

    @property
    def whole(self) -> int:
        """Say how many rows there are without a filter."""
        return len(self._all)

    @property
    def row(self) -> Row | None:
        """Give the row that the cursor is on."""
        return self._seen[self._at] if self._seen else None

    @property
    def chosen(self) -> tuple[Row, ...]:
        """Give the marked rows that can be seen, else the one under the cursor."""
        marked = tuple(row for row in self._seen if row.key in self.marked)
        return marked or ((self.row,) if self.row else ())

    @property
    def filter(self) -> str:
        """Give the filter's text."""
        return self._text

    @property
    def needy_only(self) -> bool:
        """Say whether only what needs attention is shown."""
        return self._needy_only

    @property
    def order(self) -> tuple[int | None, bool]:
        """Give the column that rows are sorted by, None for none, and whether downwards."""
        return self._order

    def put(self, rows: Iterable[Row], columns: Sequence[Column] = ()) -> None:
        """Show these rows in the place of those that there were, under other columns where these are named.

        Where they say what those said, nothing is measured and drawn.
        """
        rows = list(rows)
        same = rows == self._all and (not columns or tuple(columns) == self.columns)
        self._all = rows
        if same:
            fresh = {row.key: row for row in rows}
            self._seen = [fresh[row.key] for row in self._seen]
            return
        if columns and tuple(columns) != self.columns:
            self.columns, self._order = tuple(columns), (None, False)
            self._widths = [0] * len(self.columns)
        self.marked &= {row.key for row in self._all}
        self._show_again()

    def filter_by(self, text: str) -> None:
        """Show what comes through a filter; see :func:`~manager.tui.rows.accepts`."""
        self._text = text
        self._show_again()

    def only_needy(self, only: bool) -> None:
        """Show only what needs attention, or everything."""
        self._needy_only = only
        self._show_again()

    def order_by(self, column: int | None, *, down: bool = False) -> None:
        """Sort by a column; by none, rows stand as they came."""
        self._order = (column, down)
        self._show_again()

    def mark(self) -> None:
        """Mark the row under the cursor, or take its mark away; the cursor goes on to the next one."""
        if self.row is not None:
            self.marked ^= {self.row.key}
            self._strips.clear()
            self.refresh()
            self.action_move(1)

    def outdate(self, stale: bool) -> None:
        """Show that what is seen is not the present."""
        if stale != self.stale:
            self.stale = stale
            self._strips.clear()
            self.refresh()

    def _show_again(self) -> None:
        was, line = self.row, self._at - round(self.scroll_y)
        through = accepts(self._text, self.columns)
        rows = (row for row in self._all if through(row) and (row.needy or not self._needy_only))
        self._seen = in_order(rows, self._order[0], down=self._order[1])
        self._at = self._place_of(was)
        self._measure()
        if self.is_mounted and self._seen:
            self.scroll_to(y=max(0, self._at - line), animate=False, force=True, immediate=True)
            self._reveal()
        self.refresh()
        if self.row is not was:
            self.post_message(self.Moved(self, self.row))

    def _place_of(self, was: Row | None) -> int:
        if was is not None:
            for index, row in enumerate(self._seen):
                if row.key == was.key:
                    return index
        return max(0, min(self._at, len(self._seen) - 1))

    # -- moving

    def action_move(self, by: int) -> None:
        """Move the cursor by so many rows."""
        self._move_to(self._at + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by so many screens."""
        self._move_to(self._at + by * max(1, self._lines - 1))

    def action_to(self, index: int) -> None:
        """Move the cursor to a row by its number; negative ones count from the end."""
        self._move_to(index if index >= 0 else len(self._seen) + index)

    def _move_to(self, index: int) -> None:
        if not self._seen:
            return
        was, self._at = self._at, max(0, min(index, len(self._seen) - 1))
        if was != self._at:
            if not self._reveal():
                # Nothing scrolls: the line that was left and the one that is reached are all that changes.
                self._draw(was, self._at)
            self.post_message(self.Moved(self, self.row))

    @property
    def _lines(self) -> int:
        """Say how many rows fit below the head."""
        return max(1, self.scrollable_content_region.height - 1)

    def _draw(self, *indexes: int) -> None:
        """Draw single rows again."""
        top = round(self.scroll_y)
        width = self.scrollable_content_region.width
        self.refresh(*(Region(0, index - top + 1, width, 1) for index in indexes))

    def _reveal(self) -> bool:
        """Scroll to the cursor's row where it is out of sight, and say whether."""
        top, y = round(self.scroll_y), self._at
        if y < top:
            top = y
        elif y >= top + self._lines:
            top = y - self._lines + 1
        else:
            return False
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self.refresh()
        return True

    async def _on_click(self, event: events.Click) -> None:
        """Put the cursor where somebody clicks; on the row where it is, that enters."""
        index = round(self.scroll_y) + event.y - 1
        if event.y and 0 <= index < len(self._seen):
            if index == self._at:
                self.post_message(self.Entered(self, self.row))
            else:
                self._move_to(index)

    def key_enter(self) -> None:
        """Enter the row."""
        if self.row is not None:
            self.post_message(self.Entered(self, self.row))

    # -- drawing

    def _measure(self) -> None:
        # A scrollbar may come or go.
        room = max(1, (self.size.width or 80) - 2 - self.scrollbar_size_vertical)
        self._widths = widths(self.columns, self._all, room)
        self._strips.clear()
        # The head takes a line of its own.
        self.virtual_size = Size(0, len(self._seen) + 1)

    def on_resize(self) -> None:
        """Fit the columns again."""
        self._measure()
        self._reveal()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget the colours."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            plain = self.rich_style
            self._styles[name] = plain + self.get_component_rich_style(f"table--{name}") if name else plain
        return self._styles[name]

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen: the head, or a row."""
        width = self.scrollable_content_region.width
        if y == 0:
            return self._head(width)
        index = round(self.scroll_y) + y - 1
        if index >= len(self._seen):
            return Strip.blank(width, self.rich_style)
        row = self._seen[index]
        kind = (row.key, index == self._at and self.has_focus, row.key in self.marked)
        known = self._strips.get(kind)
        if known is None or known[0] is not row:
            if len(self._strips) > 500:
                self._strips.clear()
            known = self._strips[kind] = row, self._line(row, kind[1], kind[2], width)
        return known[1]

    def _head(self, width: int) -> Strip:
        style, (column, down) = self._style("head"), self._order
        words = [
            column_.title.upper() + (("▼" if down else "▲") if index == column else "")
            for index, column_ in enumerate(self.columns)
        ]
        cells = zip(words, self._widths, self.columns, strict=True)
        text = _GAP.join(_fit(word, wide, right=one.right) for word, wide, one in cells if wide)
        return Strip([Segment(f" {_NO_MARK}{text}", style)]).adjust_cell_length(width, style)

    def _line(self, row: Row, at: bool, marked: bool, width: int) -> Strip:
        base = self._style("stale") if self.stale else self._style(row.mood)
        if marked:
            base += self._style("marked")
        if at:
            base += self._style("cursor")
        moods = dict(row.moods)
        segments = [Segment(f"{_MARK if marked else _NO_MARK} ", base)]
        for index, (cell, wide) in enumerate(zip(row.cells, self._widths, strict=True)):
            if not wide:
                continue
            style = base
            if index in moods and not at and not self.stale:
                style = base + self._style(moods[index])
            segments += [Segment(_fit(cell, wide, right=self.columns[index].right), style), Segment(_GAP, base)]
        return Strip(segments).adjust_cell_length(width, base)


def _fit(text: str, width: int, *, right: bool) -> str:
    """Make a text as wide as its column; what is cut ends with an ellipsis."""
    long = cell_len(text)
    if long > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"
    return " " * (width - long) + text if right else text + " " * (width - long)
