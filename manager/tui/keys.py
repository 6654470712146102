"""The key map as Markdown, from the actions themselves.

``python -m manager.tui.keys docs/keys.md`` writes it; a test says when that has to be done again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from manager.tui.actions import ACTIONS, MOVES
from manager.tui.modes import LISTS
from manager.tui.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.tui.action import Action

_TOP = """\
# Keys of the terminal UI

Generated from the actions by `python -m manager.tui.keys docs/keys.md`. `?` shows those of the list that one looks at,
`:` and `ctrl+p` find each by name. What changes something is shown as a plan first, and `y` copies it as a command.
"""


def keys() -> str:
    """Give the whole key map."""
    parts = [_TOP, "## Everywhere\n", _table([*MOVES, *((one.said, one.help) for one in ACTIONS if not one.kinds)])]
    for kind in LISTS.values():
        here = [one for one in ACTIONS if kind.id in one.kinds]
        if here:
            parts += [f"## {kind.title}\n", "\n".join([*_head("Command"), *map(_line, here)])]
    return "\n".join([*parts[:1], *(part.rstrip("\n") + "\n" for part in parts[1:])])


def _line(one: Action) -> str:
    if one.line is None:
        return f"| `{one.said}` | {one.help} | |"
    # The key of the matrix' lines has three words.
    name = Row("CONNECTOR DRIVER SOURCE", {"none": "", "one": "NAME", "marked": "NAME..."}[one.per], ())
    words = " ".join(("solvent", *one.command((name,), {field.option: "..." for field in one.fields})))
    return f"| `{one.said}` | {one.help} | `{words}` |"


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(["| Key | What it does |", "|---|---|", *(f"| `{key}` | {text} |" for key, text in rows)])


def _head(more: str) -> Iterator[str]:
    yield f"| Key | What it does | {more} |"
    yield "|---|---|---|"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(keys(), encoding="utf-8")
