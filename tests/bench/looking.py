"""The terminal UI among a thousand releases, five hundred connectors and ten thousand environments; and two others.

Beside it a plain table of Textual with the same ten thousand rows, and harlequin where it can be installed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.figures import megabytes, ratio, seconds, slowest
from tests.bench.large import large
from tests.bench.screen import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.figures import Figure
    from tests.bench.large import Large
    from tests.bench.screen import Screen

# A mode's key, and a word that is in its list and nowhere else.
LISTS = {"releases": ("2", "many-19:"), "connectors": ("3", "many-driver"), "environments": ("4", "20261121.1")}
KEYS, PAGES, _BACK = 200, 60, 10
# Between two keys, in seconds; a person's are further apart.
_PAUSE = 0.02
_PLAIN = [sys.executable, str(Path(__file__).with_name("plain.py"))]


class _Keys(NamedTuple):
    down: str
    page_down: str
    page_up: str
    top: str


_KEYS = _Keys("j", "\x06", "\x02", "g")
_PLAIN_KEYS = _Keys("\x1b[B", "\x1b[6~", "\x1b[5~", "\x1b[1;5H")


@dataclass
class Looked:
    """Seconds of each run, and of keys those of each key by list; ``plain`` and ``harlequin`` are the others.

    ``memory`` is in megabytes.
    """

    paint: list[float] = field(default_factory=list)
    usable: list[float] = field(default_factory=list)
    live: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    keys: dict[str, list[float]] = field(default_factory=dict)
    pages: dict[str, list[float]] = field(default_factory=dict)
    plain: list[float] = field(default_factory=list)
    plain_rows: list[float] = field(default_factory=list)
    plain_keys: list[float] = field(default_factory=list)
    plain_pages: list[float] = field(default_factory=list)
    harlequin: list[float] = field(default_factory=list)


def by_turns(turns: int) -> Looked:
    """Start them by turns, after one turn that does not count; keys are pressed in the last turn."""
    found = Looked()
    with large() as state, _harlequin() as other:
        with shown(state.command("tui"), state.environ) as screen:
            # Nothing is remembered yet, so rows come when they are read.
            found.first.append(screen.until("live"))
            screen.left("q")
        for turn in range(turns + 1):
            seen = found if turn else Looked()
            _ours(state, seen, keys=turn == turns)
            _plain(state, seen, keys=turn == turns)
            if other:
                with shown(other, state.environ) as screen:
                    seen.harlequin.append(screen.until("Data Catalog"))
    return found


def _ours(state: Large, found: Looked, *, keys: bool) -> None:
    with shown(state.command("tui"), state.environ) as screen:
        found.paint.append(screen.until("1 Overview"))
        screen.until("deprecated")
        screen.quiet(0.002)
        screen.answered(_KEYS.down)
        found.usable.append(screen.age())
        found.live.append(screen.until("live"))
        for name, (key, word) in LISTS.items() if keys else ():
            screen.quiet()
            screen.press(key)
            screen.until(word)
            screen.quiet(0.3)
            found.keys[name], found.pages[name] = _keys(screen, _KEYS)
        found.memory.append(screen.memory() / 1e6)
        screen.quiet()
        found.left.append(screen.left("q"))


def _plain(state: Large, found: Looked, *, keys: bool) -> None:
    with shown(_PLAIN, state.environ) as screen:
        found.plain.append(screen.until("plain table"))
        found.plain_rows.append(screen.until("env-0"))
        if keys:
            screen.quiet()
            found.plain_keys, found.plain_pages = _keys(screen, _PLAIN_KEYS)


def _keys(screen: Screen, keys: _Keys) -> tuple[list[float], list[float]]:
    """Press keys whenever it is quiet, lists being read again or not; give the seconds of each."""
    lines = [_pressed(screen, keys.down) for _ in range(KEYS)]
    _pressed(screen, keys.top)
    return lines, [_pressed(screen, keys.page_up if number // _BACK % 2 else keys.page_down) for number in range(PAGES)]


def _pressed(screen: Screen, key: str) -> float:
    screen.quiet(_PAUSE)
    return screen.answered(key)


def figures(seen: Looked) -> list[Figure]:
    """Hold what was measured against what was set."""
    found = [
        seconds("terminal UI: first paint, from the command's start (stand-in engine)", seen.paint, 0.35),
        seconds("terminal UI: first list's rows drawn, as they were last time, and a key answered", seen.usable, 0.5),
        seconds("terminal UI: first list as it is now", seen.live),
        seconds("terminal UI: the same where nothing is remembered", seen.first),
        ratio("terminal UI: usable over a plain `DataTable` of 10,000 rows", seen.usable, seen.plain_rows),
        seconds("a plain `DataTable` of 10,000 rows: rows drawn", seen.plain_rows),
    ]
    if seen.harlequin:
        found += [
            ratio("terminal UI: first paint over harlequin's", seen.paint, seen.harlequin),
            seconds("harlequin: first paint", seen.harlequin),
        ]
    for name in LISTS:
        found += [
            slowest(f"terminal UI: key to screen among the {name}, 95th percentile", seen.keys[name], 0.02),
            slowest(f"terminal UI: page down and up among the {name}, 95th percentile", seen.pages[name], 0.04),
        ]
    return [
        *found,
        slowest("a plain `DataTable`: key to screen, 95th percentile", seen.plain_keys),
        slowest("a plain `DataTable`: page down and up, 95th percentile", seen.plain_pages),
        megabytes("terminal UI: most memory, all lists read in the last run", [max(seen.memory)], 200),
        seconds("terminal UI: `q` to the end of the process", seen.left, 1),
    ]


@contextmanager
def _harlequin() -> Iterator[list[str]]:
    """Install harlequin in a folder of its own; give its command, or nothing where it cannot be had."""
    with tempfile.TemporaryDirectory(prefix="solvent-harlequin-") as place:
        uv, python = str(Path(sys.executable).with_name("uv")), str(Path(place, "venv", "bin", "python"))
        try:
            for words in (
                ("venv", "--quiet", "--python", sys.executable, str(Path(place, "venv"))),
                ("pip", "install", "--quiet", "--compile-bytecode", "--python", python, "harlequin"),
            ):
                subprocess.run((uv, *words), check=True, timeout=300)
        except (subprocess.SubprocessError, OSError):
            yield []
            return
        yield [str(Path(place, "venv", "bin", "harlequin"))]
