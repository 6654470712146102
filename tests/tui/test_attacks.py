"""What goes wrong for those who are fast, and what others have in store: keys in one burst, names that are no names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.tui.form import Form
from manager.tui.plan_sheet import PlanSheet
from manager.tui.rows import Row
from manager.tui.sheets import Palette
from tests.tui.support import with_app

if TYPE_CHECKING:
    from manager.tui.app import Solvent
    from tests.app.conftest import World
    from tests.tui.support import Person

EVIL = "a\x1b]0;PWNED\x07b\x1b[2Jc\u202e\nd"


async def burst(person: Person, *keys: str) -> None:
    """Press keys as a terminal gives those that came in one read: none waits for the one before."""
    from textual import events

    for key in keys:
        person.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await person.pilot.pause(0.1)
    await person.pilot.pause()


async def closed(person: Person) -> None:
    """Close what lies over the lists; an app that is gone is an error."""
    for _ in range(5):
        assert person.app.fault is None
        if len(person.app.screen_stack) > 1:
            await person.press("escape")
    assert len(person.app.screen_stack) == 1


def test_an_answer_that_is_given_twice_counts_once(world: World) -> None:
    """On a palette, a form and a sheet: the app stays, and what was agreed to is done once."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("work", "running")
        await person.press("colon")
        await person.until(lambda: isinstance(person.app.screen, Palette))
        await burst(person, "enter", "enter", "enter")
        await closed(person)
        await person.press("L")
        await person.until(lambda: isinstance(person.app.screen, Form))
        await person.press(*"jupyterlab")
        await burst(person, "enter", "enter")
        await person.until(lambda: isinstance(person.app.screen, PlanSheet))
        await person.press("escape")
        await closed(person)
        await person.press("X")
        await person.sees("type work to go on")
        await burst(person, *"work", "enter", "enter")
        await person.until(lambda: [one.state for one in person.app.records] == ["done"])
        assert len(person.app.screen_stack) == 1

    with_app(world, do)
    assert not world.manager().environments()


def test_what_breaks_the_app_is_told_without_anybody_s_values(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Textual's own report has the variables of every frame, a password in a form among them."""
    apps: list[Solvent] = []

    async def do(person: Person) -> None:
        apps.append(person.app)

        def failing() -> None:
            password = "hunter2" + "-secret"
            raise ValueError(len(password))

        person.app.call_later(failing)
        await person.pilot.pause(0.5)

    with pytest.raises(ValueError, match="14"):
        with_app(world, do)
    assert isinstance(apps[0].fault, ValueError)
    assert apps[0].return_code == 1
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err


def test_what_others_write_moves_no_cursor(world: World) -> None:
    """In lists, details, toasts, the drawer and all activity; what can be read of it is still there."""
    seen: list[str] = []

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("No environments")
        person.app.table.put([Row("x", EVIL, (EVIL, "ana", "", "", "running", "", "", "", "", ""))])
        person.app.notify(EVIL, markup=False)
        await person.sees("PWNED")
        lines = person.app.screen._compositor.render_strips(person.app.size)
        seen.extend(segment.text for strip in lines for segment in strip if not segment.control)

    with_app(world, do)
    assert any("PWNED" in text for text in seen)
    assert [text for text in seen if not text.isprintable()] == []
