"""What is owed: its list, and the line of the Overview with what it was on earlier days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.amounts import few
from manager.tui.kinds import Kind, fields_of
from manager.tui.rows import Column, Listing, Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from manager.app.debts import Owed
    from manager.app.manager import Manager
    from manager.core.debt import Debt
    from manager.tui.kinds import Tabs

_BARS = "▁▂▃▄▅▆▇█"
_NAMED = 3
# Of a trend so many cells are enough to see where it goes, and fewer say nothing.
_WIDEST, _LEAST = 30, 6
_GAP = "   "


def _rows(manager: Manager) -> list[Row]:
    found = manager.debt()
    listing = Listing(map(_row, found.items))
    listing.notes = found.notes
    return listing


def _row(one: Debt) -> Row:
    cells = (
        one.kind, one.subject, one.amount, str(one.since or ""), str(one.interest), few(one.owners, _NAMED), one.pay,
    )  # fmt: skip
    return Row(f"{one.kind} {one.subject}", one.subject, cells, needy=one.kind == "release", thing=one)


def _of_debt(_manager: Manager, row: Row) -> Tabs:
    one: Any = row.thing
    return (("debt", f"{one.why}\n\npay it:\n  {one.pay}\n\n{fields_of(one.to_json())}"),)


DEBT = Kind(
    "debt", "Debt", (Column("kind"), Column("subject", above=60), Column("owed", right=True), Column("since"),
    Column("environments", right=True, above=100), Column("owners", above=100), Column("pay it", above=120)),
    _rows, _of_debt, "Nothing is known to be owed.",
)  # fmt: skip


def trend(amounts: Mapping[date, float], today: date, width: int) -> str:
    """Draw amounts of days until today as bars, from nothing to the most of them; a cell without a day is a dot.

    A cell stands for some days, of which the last one counts; today's is at the end.
    """
    from manager.core.debt import TREND_DAYS

    cells: list[float | None] = [None] * width
    for day, amount in sorted(amounts.items()):
        at = width - 1 - (today - day).days * width // (TREND_DAYS + 1)
        if 0 <= at < width:
            cells[at] = amount
    most = max((one for one in cells if one is not None), default=0)
    return "".join("·" if one is None else _bar(one, most) for one in cells)


def _bar(amount: float, most: float) -> str:
    return _BARS[round(amount / most * (len(_BARS) - 1))] if most else _BARS[0]


def line(found: Owed, width: int) -> str:
    """Say what is owed in all, and draw what was in the last days, in one line of a width."""
    from manager.core.debt import TREND_DAYS

    years, over, *people = found.totals.words
    days = {**found.trend, found.as_of: found.totals}
    told = f"{TREND_DAYS} days" if found.trend else "each nightly remembers its day"
    wide = [f"Debt ({told})", years, over, *people]
    texts = wide if len(_GAP.join(wide)) <= width else ["Debt", *wide[1:]]
    room = min((width - len(_GAP.join(texts)) - 2) // 2, _WIDEST)
    if found.trend and room >= _LEAST:
        known = {day: one.libyears for day, one in days.items() if one.libyears is not None}
        texts[1] += f" {trend(known, found.as_of, room)}"
        counted = {day: one.overdue_days for day, one in days.items() if one.overdue_days is not None}
        texts[2] += f" {trend(counted, found.as_of, room)}"
    return _GAP.join(texts)[:width].rstrip()
