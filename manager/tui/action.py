"""What an action is: something that a person can do, with its keys, its command and its plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from manager.app.manager import Manager
    from manager.core.plan import Plan
    from manager.tui.deed import Deed
    from manager.tui.rows import Row

    Rows = tuple[Row, ...]
    # What was written into the fields, by their options.
    Written = Mapping[str, str]
    Line = Callable[[Rows], tuple[str, ...]]
    Making = Callable[[Manager, Rows, Written], Plan | Deed | Iterator[object]]
    Carrying = Callable[[Manager, object], Iterator[object]]

# What an action is about: nothing, the row under the cursor, or all that are marked.
Per = Literal["none", "one", "marked"]
_SAID = {
    "slash": "/", "question_mark": "?", "colon": ":", "left_square_bracket": "[", "right_square_bracket": "]",
    "left_curly_bracket": "{", "right_curly_bracket": "}",
    "escape": "esc", "less_than_sign": "<", "greater_than_sign": ">", "comma": ",", "full_stop": ".",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """Something that is asked before a plan is made: the option of the command that it stands for, and what it is.

    ``many`` takes several words, for an option that may be repeated. One without dashes is a word of the command by
    itself; a ``secret`` is seen by nobody, and in the command a reference that a person fills in stands for it. What is
    written is ``shown`` in the command, where it may hold a secret all the same. ``known`` gives values that fit: they
    are offered, and others may be written all the same.
    """

    option: str
    label: str
    needed: bool = False
    many: bool = False
    secret: bool = False
    shown: Callable[[str], str] | None = None
    known: Callable[[Manager, Rows], Iterable[str]] | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person can do.

    ``id`` is also the name of the app's method where ``plan`` is None; ``kinds`` are the lists where it is there, none
    for everywhere; ``line`` gives the words after ``solvent``; ``changes`` is whether ``--read-only`` forbids it.
    ``carry`` carries out what ``plan`` gave, where that is more than a plan; ``parts`` is whether single steps may be
    left out of it, which its command has to take as well. ``fits`` says of a row whether there is something to do.
    ``fields`` are asked for first, beside what ``about`` says of the row. One without
    ``keys`` is in the palette.
    """

    id: str
    keys: str
    label: str
    help: str
    kinds: tuple[str, ...] = ()
    per: Per = "none"
    line: Line | None = None
    plan: Making | None = None
    carry: Carrying | None = None
    changes: bool = False
    fits: Callable[[Row], bool] | None = None
    footer: bool = False
    fields: tuple[Field, ...] = ()
    about: Callable[[Row], str] | None = None
    parts: bool = False

    @property
    def key(self) -> str:
        """Give the first of its keys as a person reads it."""
        first = self.keys.partition(",")[0]
        return _SAID.get(first, first) or ":"

    @property
    def said(self) -> str:
        """Give all of its keys as a person reads them."""
        return " ".join(_SAID.get(key, key) for key in self.keys.split(",")) or f": {self.label}"

    def on(self, kind: str) -> bool:
        """Say whether a list has it."""
        return not self.kinds or kind in self.kinds

    def chosen(self, rows: Rows) -> Rows:
        """Give the rows that it is about, of those that are marked or under the cursor."""
        return () if self.per == "none" else rows if self.per == "marked" else rows[:1]

    def ready(self, rows: Rows) -> bool:
        """Say whether it can be done with these rows."""
        if self.per == "none":
            return True
        about = self.chosen(rows)
        return bool(about) and all(self.fits is None or (row.thing is not None and self.fits(row)) for row in about)

    def command(self, rows: Rows, written: Written) -> tuple[str, ...]:
        """Give the words of the command that does the same, with an option for each field that something is in."""
        assert self.line is not None
        words = list(self.line(rows))
        for field in self.fields:
            text = written.get(field.option, "").strip()
            if field.secret:
                words += ["--secret", f"{field.option}=env:{field.option.upper()}"] * bool(text)
                continue
            if not field.option.startswith("-"):
                words.append(text)
                continue
            text = field.shown(text) if field.shown else text
            for one in text.split() if field.many else [text] * bool(text):
                words += [field.option, one]
        return tuple(words)


def fitting(actions: Sequence[Action], room: int) -> list[Action]:
    """Give those whose key and label fit beside each other into so many cells; how to get help is always among them."""
    left = list(actions)
    while len(left) > 1 and sum(len(f"{one.key} {one.label}  ") for one in left) > room:
        # Those of everywhere go first, the last one first: help names them all.
        last = next((one for one in reversed(left) if not one.kinds and one.id != "help"), None)
        left.remove(last or next(one for one in reversed(left) if one.id != "help"))
    return left
