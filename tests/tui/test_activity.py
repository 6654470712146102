"""All that was done, on a screen of its own: it grows while one looks, is searched, and is left again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from manager.app.events import PlanDone, PlanStarted, Said, StepDone, StepStarted, Tick
from tests.tui.lab import Lab
from tests.tui.support import with_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from manager.app.events import Event
    from manager.app.manager import Manager
    from manager.core.plan import Plan
    from tests.app.conftest import World
    from tests.tui.support import Person


def test_what_was_said_at_length_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the packages of a build those with a word; esc ends the search, and then the screen."""
    lab = Lab(tmp_path / "lab", monkeypatch)

    async def do(person: Person) -> None:
        await person.press("2", "slash", *"jupyterlab:4.6-py3.13", "enter")
        await person.sees("20261120.1", "2 of")
        await person.app.run_action("app.do('sbom')")
        await person.sees("enter carries it out")
        await person.press("enter")
        await person.sees("pandas")
        await person.press("O")
        await person.sees("activity   esc back", "✔ contents jupyterlab:4.6-py3.13  done", "git@2", "pandas@3.0.1")
        await person.press("slash", *"pandas", "enter")
        await person.until(lambda: "git@2" not in person.text())
        await person.sees("pandas@3.0.1")
        await person.press("escape")
        await person.sees("git@2")
        await person.press("escape")
        await person.sees("RELEASE")

    with_app(lab, do)


def test_it_grows_while_one_looks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes meanwhile stands there, and the lists behind it go on."""
    world.manager().add_connection("lab", "postgresql", parameters={"host": "db", "database": "lab", "user": "ana"})
    more = threading.Event()

    def slow(_manager: Manager, _name: str) -> Iterator[str]:
        yield "the first line"
        assert more.wait(60)
        yield "and a second one"

    monkeypatch.setattr("manager.app.manager.Manager.test_connection", slow)

    async def do(person: Person) -> None:
        await person.press("O")
        await person.sees("nothing was done yet")
        await person.press("escape", "3", "m", "m")
        await person.sees("lab", "personal")
        await person.press("c")
        await person.sees("enter carries it out")
        await person.press("enter", "O")
        await person.sees("activity   esc back", "the first line")
        assert "second" not in person.text()
        more.set()
        await person.sees("and a second one")
        await person.press("escape", "ctrl+k")
        await person.until(lambda: [one.state for one in person.app.records] == ["failed"])

    with_app(world, do)


def test_a_flood_of_words_buries_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that says more than anybody reads is seen with its latest word, and the keys answer meanwhile."""
    world.launch("work")

    def flood(plan: Plan) -> Iterator[Event]:
        (step,) = plan.steps
        yield PlanStarted(plan)
        yield StepStarted(step)
        for number in range(200_000):
            yield Said(step, f"word {number}")
        yield Tick(())
        assert go_on.wait(60)
        yield StepDone(step, 1.0, None)
        yield PlanDone(1.0, {})

    go_on = threading.Event()
    monkeypatch.setattr("manager.app.manager.Manager.apply", lambda _manager, plan, **_more: flood(plan))

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("x")
        await person.sees("enter carries it out")
        await person.press("enter", "O")
        await person.sees("word 199999")
        go_on.set()
        await person.sees("✔ stop work  done")

    with_app(world, do)
