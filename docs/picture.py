"""Draws the one idea of Solvent as docs/picture.svg: catalog and world, a plan, apply, events.

``python docs/picture.py`` writes the file; a test says when that has to be done again.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import NamedTuple

WIDTH, HEIGHT = 960, 404
SANS = "'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif"
MONO = "'SF Mono', Consolas, Menlo, 'DejaVu Sans Mono', monospace"
PAPER, INK, SOFT, LINE = "#ffffff", "#1b2733", "#5b6b7b", "#9aa8b5"


class Box(NamedTuple):
    """A card: where it stands, its colours, its title, and lines below it."""

    left: int
    top: int
    width: int
    height: int
    fill: str
    edge: str
    title: str
    says: str
    lines: tuple[str, ...]


CATALOG = Box(
    24, 32, 248, 132, "#eef5ff", "#3b76c4", "Catalog", "what should exist",
    ("solvent.toml", "images/*: family, locks", "connectors/*: connector"),
)  # fmt: skip
WORLD = Box(
    24, 216, 248, 132, "#eefaf1", "#2f8f57", "World", "what exists",
    ("container engine", "state database", "data sources, host"),
)  # fmt: skip
PLAN = Box(
    368, 92, 252, 196, "#fff8e8", "#c08a1e", "Plan", "the difference: a pure function",
    (
        "1. make tree kernel",
        "   because kernel lock changed",
        "2. build image",
        "3. prove build",
        "4. promote build",
        "   because all checks passed",
    ),
)  # fmt: skip
EVENTS = Box(
    716, 92, 220, 196, "#f6f0fd", "#7b55b8", "Events", "one step at a time, with why",
    ("progress   on stderr", "result     on stdout", "history    who, when, why,", "           before, after"),
)  # fmt: skip


def text(x: float, y: float, words: str, size: int = 14, **style: str) -> str:
    """Give a line of text; ``y`` is its base line."""
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in style.items())
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" xml:space="preserve"{more}>{escape(words)}</text>'


def card(box: Box) -> list[str]:
    """Give a card with its words."""
    left = box.left + 18
    parts = [
        f'<rect x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" rx="10" '
        f'fill="{box.fill}" stroke="{box.edge}" stroke-width="1.5"/>',
        text(left, box.top + 30, box.title, 18, font_weight="600"),
        text(left, box.top + 50, box.says, 13, fill=SOFT),
    ]
    first = box.top + 78
    return [*parts, *(text(left, first + 19 * row, one, 12, font_family=MONO) for row, one in enumerate(box.lines))]


def arrow(path: str, word: str, x: float, y: float) -> list[str]:
    """Give an arrow along a path, with a word beside it."""
    line = f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="2" marker-end="url(#tip)"/>'
    return [line, text(x, y, word, 14, font_weight="600", text_anchor="middle")]


def picture() -> str:
    """Give the whole picture as SVG."""
    tip = (
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 L10 5 L0 10 z" fill="{LINE}"/></marker></defs>'
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="{SANS}" fill="{INK}" role="img">',
        "<title>Catalog and world give a plan; applying it gives events and changes the world</title>",
        tip,
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="12" fill="{PAPER}"/>',
        *(line for box in (CATALOG, WORLD, PLAN, EVENTS) for line in card(box)),
        *arrow("M272 98 C320 98 320 150 364 150", "load", 326, 92),
        *arrow("M272 282 C320 282 320 230 364 230", "observe", 328, 300),
        *arrow("M620 190 L712 190", "apply", 664, 180),
        *arrow("M826 288 C826 366 760 372 640 372 L230 372 C180 372 150 368 149 352", "changes", 494, 362),
        text(494, 392, "only what carries Solvent's labels", 12, fill=SOFT, text_anchor="middle"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(picture(), encoding="utf-8")
