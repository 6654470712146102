"""What was seen last time is seen at once, as old, until it has been read again."""

from __future__ import annotations

import json
import threading
from datetime import date
from typing import TYPE_CHECKING

from manager.tui.kinds import BY_ID
from manager.tui.remembered import listed, recalled
from tests.tui.support import with_app

if TYPE_CHECKING:
    import pytest

    from tests.app.conftest import World
    from tests.tui.support import Person

KINDS = (BY_ID["environment"],)


def test_what_was_read_last_is_seen_until_it_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its age; nothing can be done with a row of then that has to know how it is now."""
    manager = world.launch("work")
    listed(manager, BY_ID["environment"])
    there, ask = threading.Event(), world.engine.containers

    def slow(*words: object) -> object:
        assert there.wait(60)
        return ask(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(world.engine, "containers", slow)

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("work", "running", "as of")
        assert person.app.table.stale
        await person.press("x")
        await person.sees("stop: not for what is chosen")
        there.set()
        await person.sees("live")
        assert not person.app.table.stale
        await person.press("x")
        await person.sees("solvent env stop work")

    with_app(world, do)


def test_another_day_is_neither_remembered_nor_recalled(world: World) -> None:
    """What is shown of it must be of it."""
    listed(world.launch("work"), BY_ID["environment"])

    assert [one.kind for one in recalled(world.manager(), KINDS).lists] == ["environment"]
    assert recalled(world.manager(date(2027, 5, 1)), KINDS).lists == ()


def test_what_cannot_be_read_is_forgotten(world: World) -> None:
    """Half a file, or one of another time."""
    manager = world.launch("work")
    listed(manager, BY_ID["environment"])
    (kept,) = manager.settings.cache_dir.rglob("environment.json")
    assert kept.stat().st_mode & 0o077 == 0

    told = json.loads(kept.read_bytes())
    (row,) = told["rows"]
    for cells in (row[2][:-1], [*row[2], ""], [1, *row[2][1:]]):
        kept.write_text(json.dumps({**told, "rows": [[*row[:2], cells, *row[3:]]]}))
        assert recalled(manager, KINDS).lists == (), cells
    for text in (
        "",
        "{",
        "[]",
        json.dumps({**told, "at": 1e300}),
        '{"at": 1, "rows": [[1]]}',
        '{"at": 1, "rows": [[1, 2, 3, 4, 5, 6]]}',
    ):
        kept.write_text(text)
        assert recalled(manager, KINDS).lists == (), text
