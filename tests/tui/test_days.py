"""The time machine: any day of the schedule on the screen, and nothing changed by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from manager.core.environments import LaunchRequest
from tests.app.conftest import run
from tests.tui.support import SMALL, with_app

if TYPE_CHECKING:
    from tests.app.conftest import World
    from tests.tui.support import Person

OLD = "jupyterlab:4.4-py3.11"


def test_a_day_is_shown_with_who_is_hit_and_today_comes_back(world: World) -> None:
    """Stages are those of the day, nothing can be changed, and the header says so until today is back."""
    world.build(OLD)
    manager = world.manager()
    run(manager, manager.plan_launch(LaunchRequest(OLD, name="old")))
    other = world.manager()
    other.settings = replace(other.settings, owner="bea")
    run(other, other.plan_launch(LaunchRequest(OLD, name="old")))
    who = ", ".join(sorted(("bea", manager.settings.owner)))

    async def do(person: Person) -> None:
        await person.press("2", "slash", *"4.4-py3.11", "enter")
        await person.sees("deprecated", "live")
        await person.press("d", *"2027-03-31", "enter")
        await person.sees("this is how 2027-03-31 looks", "1 of ", "live")
        await person.sees(f"retired by then: {OLD}, 2 environments of {who}")
        await person.until(lambda: "deprecated" not in person.text())
        await person.press("L", "enter")
        await person.sees("this is how 2027-03-31 looks", "retired")
        await person.press("escape", "escape")
        await person.press("4")
        await person.sees("old", "retired", "running")
        await person.press("slash", *f"@{manager.settings.owner}", "enter")
        await person.sees("1 of 2")
        await person.press("x")
        await person.sees("stop old: this is how 2027-03-31 looks")
        await person.press("enter", "escape", "0")
        await person.until(lambda: "looks" not in person.text())
        await person.sees("old", "deprecated", "running", "live")

    with_app(world, do)
    assert [one.state for one in world.engine.containers({})] == ["running", "running"]


def test_a_week_on_and_back(world: World) -> None:
    """From a day that was said on the command line, too; two steps that undo each other end where they began."""

    async def do(person: Person) -> None:
        await person.press("right_curly_bracket")
        await person.sees("this is how 2027-05-08 looks", "nobody is hit by then")
        await person.press("left_curly_bracket", "left_curly_bracket")
        await person.sees("this is how 2027-04-24 looks")
        assert person.app.as_of == date(2027, 4, 24)

    with_app(world, do, SMALL, day=date(2027, 5, 1))


def test_what_is_no_day_is_said(world: World) -> None:
    """And nothing moves."""

    async def do(person: Person) -> None:
        await person.press("d", *"tomorrow", "enter")
        await person.sees("tomorrow is no day")
        assert person.app.as_of is None

    with_app(world, do)


def test_read_only_stays_read_only_on_every_day(world: World) -> None:
    """Coming back to today opens nothing."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("right_curly_bracket", "0", "4")
        await person.sees("running", "read only")
        await person.press("x")
        await person.sees("stop work: read only")

    with_app(world, do, read_only=True)
