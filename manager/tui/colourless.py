"""Without colours (https://no-color.org): what a line would be coloured with is taken away, bold and reversed stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color


class Colourless(LineFilter):
    """Takes every colour away. Textual's own filter makes them grey, which is a colour as well."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Give the segments without colours."""
        return [Segment(text, style.without_color if style else None, control) for text, style, control in segments]
