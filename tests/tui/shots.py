"""One walk through every list and sheet, in a world in memory where it is always noon of the same day.

``python -m tests.tui.shots`` writes what is seen anew: tests/tui/screens (text, 80x24 and 160x48) and the pictures of
docs/tui. A test holds each against what is seen now.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.debt import Totals
from manager.core.observed import BuildStatus
from tests.app import upgrading
from tests.app.conftest import RELEASE, TODAY, small_world
from tests.fakes.indexes import serving
from tests.tui.support import LARGE, SMALL, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.app.conftest import World
    from tests.tui.support import Person

REPOSITORY = Path(__file__).parents[2]
SCREENS, PICTURES = Path(__file__).parent / "screens", REPOSITORY / "docs" / "tui"
SIZES = {"80x24": SMALL, "160x48": LARGE}
# The size of the pictures, and those shots that there is one of.
_PICTURE = (120, 32)
PICTURED = ("overview", "images", "connectors", "matrix", "environments", "plan", "help")
# Where something is waited for: what is pressed, what has come when it is seen, and the name of the shot.
WALK = (
    ("", "libyears", "overview"),
    ("enter", "pay it:", "matter"),
    ("escape m", "psycopg", "debt"),
    ("2", RELEASE, "images"),
    ("enter", "ide_version", "release"),
    ("right_square_bracket", "released", "dates"),
    ("left_square_bracket escape L", "enter shows the plan", "form"),
    ("escape 3", "postgresql", "connectors"),
    ("enter", "tier", "connector"),
    ("escape m", "not run", "matrix"),
    ("m", "warehouse", "connections"),
    ("m", "ENGINE", "sources"),
    ("slash p o s t g r e enter space space S", "space leaves a step out", "steps"),
    ("space", "LEFT OUT", "parts"),
    ("escape escape 4", "running", "environments"),
    ("space", "1 marked", "marked"),
    ("k space slash w o r k", "/work", "filter"),
    ("enter escape enter", "workspace", "environment"),
    ("escape u", "enter carries it out", "plan"),
    ("escape X", "this cannot be undone", "destructive"),
    ("escape l", "the log ends here", "log"),
    ("escape question_mark", "what can be done here", "help"),
    ("escape colon", "what to do", "palette"),
    ("escape m", "files", "workspaces"),
    ("5", "checked yet", "runs"),
    ("o", "nothing was done yet", "activity"),
)
# What lies over the lists.
OVER = ("log", "form", "plan", "steps", "parts", "destructive", "help", "palette")


class Noon(datetime):
    """Noon of a day that never passes."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Give it."""
        return datetime(2026, 11, 21, 12, tzinfo=UTC).astimezone(tz)


@contextmanager
def frozen() -> Iterator[World]:
    """Give a world of which nothing depends on machine, person and time."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        patch.setenv("SOLVENT_TUI_THEME", "textual-dark")
        patch.delenv("NO_COLOR", raising=False)
        time.tzset()
        patch.setattr(os, "cpu_count", lambda: 2)
        whole = list(pwd.getpwuid(os.getuid()))
        patch.setattr(pwd, "getpwuid", lambda _uid: pwd.struct_passwd(["ana", *whole[1:]]))
        world = small_world(Path(place), patch)
        upgrading.prepare(world)
        world.launch("bell")
        world.launch("notes")
        manager = world.manager()
        list(manager.apply(manager.plan_stop("bell")))
        world.build("jupyterlab:4.5-py3.11", BuildStatus.CANDIDATE)
        _owe(world, patch)
        usual, said = world.engine.logs, b"one line\nand another one\n"

        def logs(*of: str, **how: object) -> Iterator[bytes]:
            # What containers of a moment print is theirs.
            return (one for one in [said]) if how.get("tail") else usual(*of, **how)  # type: ignore[arg-type]

        patch.setattr(world.engine, "logs", logs)
        import manager.tui.app
        import manager.tui.form
        import manager.tui.logs
        import manager.tui.sheets

        for name, module in list(sys.modules.items()):
            known = name == "manager.app.times" or name.startswith("manager.tui.")
            if known and getattr(module, "datetime", None) is datetime:
                patch.setattr(module, "datetime", Noon)
        yield world
    time.tzset()


def _owe(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let a driver be a year old, as the index says, and nightlies have looked for two months."""
    manager = world.manager()
    locked = {one.connector.id: one.version for one in manager.connectors()}
    with serving() as index:
        index.python("psycopg", (locked["postgresql"], "2025-11-21"), ("99.0", "2026-11-20"))
        index.python("marimo", ("0.1", "2026-01-01"))
        patch.setenv("UV_DEFAULT_INDEX", f"{index.address}/simple")
        list(manager.refresh(("marimo",)))
    for before in range(1, 61):
        totals = Totals(1 + (before % 30) / 10, max(0, before - 40), before // 20)
        world.store.debts.keep(world.engine.info().id, TODAY - timedelta(days=before), totals)


async def _walk(world: World, size: tuple[int, int], take: Callable[[str, Person], None]) -> None:
    async with opened(world, size) as person:
        for keys, word, name in WALK:
            await person.press(*keys.split())
            await person.sees(word)
            await person.sees(
                "" if name in ("log", "form", "plan", "steps", "parts", "destructive", "help", "palette") else "live"
            )
            # What still comes, comes from threads: two looks that are the same.
            before = ""
            while before != (before := person.text()) or "reading ..." in before:
                await person.pilot.pause(0.15)
            take(name, person)


def walked(size: tuple[int, int], take: Callable[[str, Person], None]) -> None:
    """Go through everything, and take what is seen by the name of each shot."""
    with frozen() as world:
        asyncio.run(_walk(world, size, take))


def _tidy(text: str) -> str:
    """Put zeros for the names of containers of a moment, and for seconds that passed."""
    text = re.sub(r"(-contents-)[0-9a-f]{8}", r"\g<1>00000000", text)
    return re.sub(r"(ready_seconds +)\d+\.\d+", r"\g<1>0.000", text)


def screens(size: tuple[int, int]) -> dict[str, str]:
    """Give each shot as text."""
    found: dict[str, str] = {}
    walked(size, lambda name, person: found.update({name: _tidy(person.text()) + "\n"}))
    return found


def pictures() -> dict[str, str]:
    """Give those that there is a picture of, as SVG without the fonts that Rich has fetched from elsewhere."""
    found: dict[str, str] = {}

    def take(name: str, person: Person) -> None:
        if name in PICTURED:
            svg = person.app.export_screenshot(title="solvent tui", simplify=True)
            svg = re.sub(r"\s*@font-face\s*\{[^}]*\}", "", _tidy(svg))
            # Rich numbers its pictures by what was in them before they were tidied.
            found[name] = re.sub(r"terminal-\d+", f"terminal-{name}", svg)

    walked(_PICTURE, take)
    return found


def main() -> None:
    """Write everything."""
    for place, size in SIZES.items():
        folder = SCREENS / place
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in screens(size).items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    PICTURES.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (PICTURES / f"{name}.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
