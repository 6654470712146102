"""Screens that lie over the lists, and what is not let through to a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.segment import Segment
from textual.await_complete import AwaitComplete
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color


class Over:
    """A screen that is left once: of two answers that came at the same moment the second one is nobody's.

    Textual takes the next screen away for it, and the app with the last one. It stands before the kind of screen, and
    is none itself: a screen looks like the first of its bases that is one.
    """

    _answered = False

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave it with an answer, unless it was left already."""
        if self._answered:
            return AwaitComplete()
        self._answered = True
        left: AwaitComplete = super().dismiss(result)  # type: ignore[misc]
        return left


class Printable(LineFilter):
    """Takes away what moves a terminal's cursor or changes its title, wherever the text comes from.

    Names, labels and errors come from containers and people; Textual prints what it is given.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Give the segments with a blank, or nothing, for each character that is not printable, as wide as before."""
        if all(text.isprintable() for text, _, control in segments if not control):
            return segments
        return [one if one.control else Segment(_printable(one.text), one.style) for one in segments]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " * cell_len(letter) for letter in text)
