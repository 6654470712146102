"""The README's tour really runs, in its order, and the Python in the pages runs in a real kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.reading import REPOSITORY, Typed, blocks, section, shape, typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
CONNECTIONS = (REPOSITORY / "docs" / "connections.md").read_text(encoding="utf-8")
TOUR = tuple(typed(section(README, "A tour of five minutes")))
PYTHON = {
    f"{name}, {number}": block
    for name, text in (("README.md", README), ("docs/connections.md", CONNECTIONS))
    for number, block in enumerate(blocks(text, "python"), 1)
}
# A block ends where it is ready to be used; this uses what it has made. The sample data has 3000 orders.
USES = {
    "engine = ": "print(engine.connect().exec_driver_sql('select count(*) from orders').scalar())",
    "connection = ": "print(connection.execute('select count(*) from orders').fetchone()[0])",
    "password = ": "import psycopg; keys = {'dbname' if k == 'database' else k: v for k, v in parameters.items()}\n"
    "print(psycopg.connect(password=password, **keys).execute('select count(*) from orders').fetchone()[0])",
}


@pytest.fixture
def clean(ready_world: World) -> Iterator[World]:
    """Give the world after quickstart, without what the tour makes, and leave it so."""
    _take_away(ready_world)
    yield ready_world
    _take_away(ready_world)


def _take_away(world: World) -> None:
    world("env", "remove", "work", code=None)
    world("workspace", "remove", "work", "--approve-destructive", code=None)


def differences(world: World, tour: tuple[Typed, ...]) -> list[str]:
    """Run commands in their order; say what differs from the page in exit code (0 or not) and in shape."""
    wrong = []
    for one in tour:
        done = world(*one.words, code=None)
        real = done.stdout + done.stderr
        if ("error: " in one.output) != (done.returncode != 0):
            wrong.append(f"{one.line}: exit {done.returncode}\n{real}")
        wrong += [f"{one.line}: no {mark!r} in\n{real}" for mark in shape(one.output) if mark not in shape(real)]
    return wrong


@pytest.mark.engine
def test_the_tour_runs_as_it_is_written(clean: World) -> None:
    """Every command of the tour ends as the page says, with the page's headings, facts, steps and errors."""
    assert len(TOUR) > 10

    assert differences(clean, TOUR) == []


@pytest.mark.engine
def test_a_wrong_tour_would_be_noticed(ready_world: World) -> None:
    """Negative control: another heading, an error that does not come, a command that fails and should not."""
    listed = next(one for one in TOUR if one.line == "solvent env list")
    wrong = (
        Typed(listed.line, listed.output.replace("WORKSPACE", "FOLDER")),
        Typed(listed.line, "error: no engine answers\n"),
        Typed("solvent env show nobody", ""),
    )

    assert [one.partition(":")[0] for one in differences(ready_world, wrong)] == [
        "solvent env list", "solvent env list", "solvent env list", "solvent env show nobody",
    ]  # fmt: skip


@pytest.mark.engine
@pytest.mark.parametrize("name", PYTHON)
def test_the_python_of_the_pages_runs_in_a_notebook(ready_world: World, name: str) -> None:
    """Each block runs in the kernel of an environment that has the connection, and reaches the database."""
    from manager.world.jupyter import run_cell

    block = PYTHON[name]
    use = next(code for made, code in USES.items() if f"\n{made}" in block)
    address, _, token = ready_world.environment("quickstart")["url"].partition("/lab?token=")

    result = run_cell(address, token, f"{block}\n{use}")

    assert (result.error, result.text.strip()) == ("", "3000")
