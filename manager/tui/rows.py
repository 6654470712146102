"""Rows of a table as they are shown, and which of them a filter lets through. Nothing here knows of a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# How a row or a cell is meant, which a theme gives a colour; the words beside it say the same.
MOODS = ("good", "warn", "bad", "dim")
# Of a column that is cut, so much can still be read.
_LEAST = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title (also its name in a filter), and the width of the screen from which on it is shown.

    ``right`` puts numbers below each other; ``widest`` is where a long cell is cut.
    """

    title: str
    right: bool = False
    above: int = 0
    widest: int = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A thing: ``key`` tells it from all others of its kind, ``name`` is what a command calls it.

    ``cells`` are texts in the order of the columns, ``moods`` those of single cells by index; ``mood`` is the whole
    row's. ``needy`` is whether it needs somebody; ``thing`` is the value that it was made of.
    """

    key: str
    name: str
    cells: tuple[str, ...]
    mood: str = ""
    moods: tuple[tuple[int, str], ...] = ()
    needy: bool = False
    thing: object = field(default=None, compare=False, repr=False)


class Listing(list[Row]):
    """Rows, and in sentences what a reader of them has to know: what could not be read, and so is not among them."""

    notes: tuple[str, ...] = ()


def words(*before: str) -> Callable[[Sequence[Row]], tuple[str, ...]]:
    """Give a command of rows: words, and then their names."""
    return lambda rows: (*before, *(row.name for row in rows))


def accepts(text: str, columns: Sequence[Column]) -> Callable[[Row], bool]:
    """Read a filter, and give what says whether a row comes through.

    Words are parts of any cell, whatever their case, and all have to be there; ``!x`` keeps out what has x,
    ``stage:retired`` looks at one column by its title's beginning, ``@ana`` at the owner's. A column that is not there
    is a word as it stands.
    """
    titles = [column.title.lower() for column in columns]
    tests = [_test(word.lower(), titles) for word in text.split()]
    return lambda row: all(test(row) for test in tests)


def _test(word: str, titles: Sequence[str]) -> Callable[[Row], bool]:
    if len(word) > 1 and word.startswith("!"):
        inner = _test(word[1:], titles)
        return lambda row: not inner(row)
    if word.startswith("@") and "owner" in titles:
        word = f"owner:{word[1:]}"
    name, colon, value = word.partition(":")
    index = next((index for index, title in enumerate(titles) if colon and name and title.startswith(name)), None)
    if index is None:
        return lambda row: any(word in cell.lower() for cell in row.cells)
    at = index
    return lambda row: value in row.cells[at].lower()


def in_order(rows: Iterable[Row], column: int | None, *, down: bool) -> list[Row]:
    """Sort rows by a column, numbers by their size; without one they stay as they came."""
    if column is None:
        return list(rows)
    return sorted(rows, key=lambda row: _weight(row.cells[column]), reverse=down)


def _weight(text: str) -> tuple[int, float, str]:
    """Numbers first, by size; then words; nothing at the end."""
    try:
        return (0, float(text.replace(",", "").partition(" ")[0]), text)
    except ValueError:
        return (1 if text not in ("", "-") else 2, 0.0, text.lower())


def widths(columns: Sequence[Column], rows: Sequence[Row], room: int) -> list[int]:
    """Give each column's width in cells, 0 for one that is not shown.

    They are as wide as their cells, from the first on; the one that does not fit any more gets what is left, if that is
    enough to read, and those behind it are not shown. The first column is always there.
    """
    found = [0] * len(columns)
    left = room
    for index, column in enumerate(columns):
        if room < column.above:
            continue
        longest = max((len(row.cells[index]) for row in rows), default=0)
        wanted = min(max(longest, len(column.title)), column.widest)
        wide = min(wanted, max(left - 2, 1 if left == room else 0))
        if wide < min(wanted, _LEAST) and left != room:
            break
        found[index] = wide
        left -= wide + 2
        if wide < wanted:
            break
    return found
