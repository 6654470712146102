"""What one does with an environment besides its plans: read its log, go to its page, have a shell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.environments import LaunchRequest
from manager.tui.table import ResourceTable
from tests.app.conftest import RELEASE, run
from tests.tui.support import with_app

if TYPE_CHECKING:
    import pytest

    from tests.app.conftest import World
    from tests.tui.support import Person


def test_a_log_is_followed_searched_and_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest line is seen; what is searched for is all that is shown; escape leaves the search, then the log."""
    world.launch("work")
    text = [f"line {number}\n".encode() for number in range(3000)]

    def chunks(*_words: object, **_more: object) -> object:
        yield from text

    monkeypatch.setattr(world.engine, "logs", chunks)

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("l")
        await person.sees("log of work", "line 2999", "the log ends here")
        await person.press("slash", *"line 17", "enter", "g")
        await person.sees("line 170")
        table = person.app.screen.query_one(ResourceTable)
        assert all("line" in row.name and "17" in row.name for row in table.rows)
        await person.press("escape", "escape")
        await person.sees("NAME", "running")

    with_app(world, do)


def test_a_page_is_opened_by_its_url_which_is_nowhere_on_the_screen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clipboard has it, with the token; what does not run says how it is started."""
    world.launch("work")
    copied: list[str] = []
    monkeypatch.setattr("manager.tui.app.Solvent.copy_to_clipboard", lambda _self, text: copied.append(text))

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("w")
        await person.sees("work: its URL is copied")
        assert [text.startswith("http://127.0.0.1:") for text in copied] == [True]
        assert "token" in copied[0]
        assert copied[0] not in person.text()
        assert "T" * 43 not in person.text()

    with_app(world, do)


def test_a_shell_needs_a_terminal_that_can_be_lent(world: World) -> None:
    """Where there is none it is said, and the screen stays."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("s")
        await person.sees("cannot be lent to a shell")

    with_app(world, do)


def test_another_persons_environment_is_seen_and_left_alone(world: World) -> None:
    """A command knows mine by the name; of theirs nothing can be done, and what is told of it is theirs."""
    manager = world.manager()
    manager.settings = replace(manager.settings, owner="bea")
    run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work")))
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4", "slash", *"@bea", "enter")
        await person.sees("1 of 2", "bea")
        for key in ("x", "X", "u", "s", "w", "l", "a"):
            await person.press(key)
            assert len(person.app.screen_stack) == 1, key
        await person.press("enter")
        await person.sees("workspace", "owner", "bea")

    with_app(world, do)
