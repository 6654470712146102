"""Foreign text in a Markdown page: whatever a driver says stays on its line, and is no markup."""

from __future__ import annotations

import re

# What Markdown, or the HTML that it may hold, would take for more than a letter.
_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&@$]")
_LONGEST = 300


def plain(text: str, longest: int = _LONGEST) -> str:
    """Give a text as one line in which nothing is markup, cut after ``longest`` letters."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if len(line) > longest:
        line = line[: longest - 1] + "…"
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};" if found[0] in "<>&|`@$" else f"\\{found[0]}", line)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Give the lines of a table; its cells are written as they are."""
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
