"""The lists: what is in them, how one moves, what a filter lets through, and what stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.errors import Unreachable
from tests.tui.support import SMALL, with_app

if TYPE_CHECKING:
    from tests.app.conftest import World
    from tests.tui.support import Person

RELEASE = "jupyterlab:4.6-py3.13"


def test_the_first_screen_says_what_needs_somebody(world: World) -> None:
    """Each matter with the command that settles it, and the releases on a line of time."""

    async def do(person: Person) -> None:
        await person.sees("KIND", "build", "1 Overview", "█")

    with_app(world, do)


def test_each_number_shows_its_list(world: World) -> None:
    """Images, connectors, environments, runs, and back."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("2")
        await person.sees("RELEASE", RELEASE, "promoted")
        await person.press("3")
        await person.sees("CONNECTOR", "postgresql", "psycopg")
        await person.press("4")
        await person.sees("NAME", "work", "running")
        await person.press("5")
        await person.sees("Nothing was checked yet")
        await person.press("1")
        await person.sees("SUBJECT")

    with_app(world, do)


def test_a_small_terminal_shows_the_first_columns(world: World) -> None:
    """At 80x24 what matters is there, and the detail takes the list's place."""

    async def do(person: Person) -> None:
        await person.press("3")
        await person.sees("postgresql", "psycopg")
        assert "TITLE" not in person.text()
        await person.press("enter")
        await person.sees("title", "tier")
        assert "CONNECTOR" not in person.text()
        await person.press("escape")
        await person.sees("CONNECTOR")

    with_app(world, do, SMALL)


def test_a_filter_narrows_as_one_types_and_escape_takes_it_away(world: World) -> None:
    """Words of any cell, of one column, and what is not wanted."""

    async def do(person: Person) -> None:
        await person.press("3")
        await person.sees("postgresql", "duckdb")
        await person.press("slash", *"duck")
        await person.until(lambda: [row.name for row in person.app.table.rows] == ["duckdb"])
        await person.press("enter", "escape")
        await person.until(lambda: len(person.app.table.rows) == person.app.table.whole)
        await person.press("slash", *"tier:core !redis")
        await person.until(lambda: 0 < len(person.app.table.rows) < person.app.table.whole)
        assert {row.cells[2] for row in person.app.table.rows} == {"core"}
        assert "redis" not in {row.name for row in person.app.table.rows}

    with_app(world, do)


def test_what_is_read_again_moves_neither_cursor_nor_mark(world: World) -> None:
    """An environment that comes in above the cursor pushes nothing away."""
    for name in ("bell", "cobb", "dunn"):
        world.launch(name)

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("cobb")
        await person.press("j", "space", "k")
        assert person.app.table.row is not None
        assert (person.app.table.row.name, len(person.app.table.marked)) == ("cobb", 1)
        world.launch("able")
        await person.press("r")
        await person.sees("able")
        assert person.app.table.row.name == "cobb"
        assert [row.name for row in person.app.table.chosen] == ["cobb"]

    with_app(world, do)


def test_an_engine_that_is_away_leaves_what_was_seen(world: World) -> None:
    """It is said, what was read stays, and it comes back without a word."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("work", "running")
        for method in ("info", "containers"):
            world.engine.fail(method, Unreachable("the engine does not answer"), times=None)
        await person.press("r")
        await person.sees("the engine does not answer", "work")
        assert person.app.table.stale
        world.engine.heal()
        await person.press("r")
        await person.until(lambda: not person.app.table.stale)
        assert "does not answer" not in person.text()

    with_app(world, do)


def test_the_matrix_has_a_line_for_each_driver_and_source(world: World) -> None:
    """What was never run says so; `m` goes there and back, and enter says why."""

    async def do(person: Person) -> None:
        await person.press("3")
        await person.sees("CONNECTOR")
        await person.press("m")
        await person.sees("DRIVER", "AGAINST", "JUPYTERLAB:4.6-PY3.13", "psycopg", "postgresql-17", "○ not run")
        await person.press("slash", *"psycopg postgresql-17", "enter", "enter")
        await person.sees("never checked")
        await person.press("escape", "m")
        await person.sees("No connections")
        await person.press("m")
        await person.sees("SOURCE", "ENGINE")
        await person.press("m")
        await person.sees("TITLE", "TIER")

    with_app(world, do)


def test_a_terminal_that_becomes_small_shows_the_detail_alone(world: World) -> None:
    """And both again where it becomes large."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("enter")
        await person.sees("NAME", "workspace")
        await person.pilot.resize_terminal(40, 10)
        await person.until(lambda: "NAME" not in person.text())
        await person.sees("release")
        await person.pilot.resize_terminal(160, 48)
        await person.sees("NAME", "workspace")

    with_app(world, do)
