"""What happens to others while somebody looks: engine, database, catalog, terminal and logs. It is said, and passes."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.errors import Unreachable
from manager.tui.modes import LISTS
from manager.tui.table import ResourceTable
from manager.world import files
from manager.world.store import open_store
from tests.fakes.standin import standing_in
from tests.tui.support import LARGE, SMALL, with_app
from tests.tui.test_terminal import ended, shown, started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.conftest import World
    from tests.tui.support import Person

TINY = (40, 10)


# -- in a real terminal, with a real database and what stands in for the engine


@contextmanager
def looking(home: Path, engine: Path) -> Iterator[tuple[int, int]]:
    """Have it run in a terminal; it has to end well, and to leave no traceback behind."""
    pid, terminal = started(home, f"unix://{engine}")
    try:
        yield pid, terminal
        os.write(terminal, b"q")
        assert ended(pid, terminal) == 0
    finally:
        os.close(terminal)


@contextmanager
def answering(engine: Path) -> Iterator[None]:
    """Have an engine of its own process: it ends as engines do, with every connection."""
    code = (
        "import sys, time; from pathlib import Path; from manager.core.names import Names\n"
        "from tests.fakes.standin import rows, standing_in\n"
        "with standing_in(Path(sys.argv[1]), rows(Names('solvent'), ['ana'], 3)):\n"
        "    print('there', flush=True); time.sleep(600)"
    )
    repository = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", code, str(engine)], cwd=repository, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == b"there\n"
        try:
            yield
        finally:
            one.kill()


def test_an_engine_that_comes_stops_and_comes_back_needs_no_new_start(tmp_path: Path) -> None:
    """What was seen stays meanwhile."""
    engine = tmp_path / "engine.sock"
    with looking(tmp_path / "home", engine) as (_, terminal):
        shown(terminal, b"unreachable")
        os.write(terminal, b"4")
        shown(terminal, b"no engine answers")
        for _ in range(2):
            with answering(engine):
                os.write(terminal, b"r")
                shown(terminal, b"live")
            os.write(terminal, b"r")
            shown(terminal, b"no engine answers")


def test_an_engine_that_never_answers_keeps_no_key_and_nobody_here(tmp_path: Path) -> None:
    """What waits for it is left behind."""
    engine = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(engine))
        silent.listen(20)
        with looking(tmp_path / "home", engine) as (_, terminal):
            shown(terminal, b"reading ...")
            for key, word in ((b"4", b"RELEASE"), (b"3", b"CONNECTOR"), (b"?", b"what can be done here")):
                os.write(terminal, key)
                shown(terminal, word)
            os.write(terminal, b"?")


def test_a_database_that_another_process_holds_is_waited_for(tmp_path: Path) -> None:
    """It is said, and read when it is free."""
    engine, state = tmp_path / "engine.sock", tmp_path / "home" / "state" / "state.db"
    open_store(f"sqlite:///{state}").close()
    with standing_in(engine, []), closing(sqlite3.connect(state, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with looking(tmp_path / "home", engine) as (_, terminal):
            shown(terminal, b"unreachable")
            other.execute("ROLLBACK")
            other.close()
            os.write(terminal, b"r")
            shown(terminal, b"live")


# -- in a world in memory


def test_what_only_the_engine_says_is_said_to_be_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is silent hides no environment that is there; that others may lack is said until it answers."""
    world.launch("work")
    usual, away = world.store.environments, [True]

    def environments(*words: str) -> object:
        if away:
            raise Unreachable("the database cannot be reached", why="it is locked")
        return usual(*words)

    monkeypatch.setattr(world.store, "environments", environments)

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("work", "running", "! only what the engine has is shown: the database cannot be reached")
        away.clear()
        await person.press("r")
        await person.until(lambda: "only what the engine has" not in person.text())
        await person.sees("work", "running", "live")

    with_app(world, do)


def test_a_catalog_that_becomes_invalid_is_said_with_its_place(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File and line; what was seen stays, as old, until the file is mended."""
    place = tmp_path / "catalog"
    files.copy_shipped(files.shipped_root(), place, git=False)
    files.trust(place, world.manager().settings.config_dir / "trusted")
    monkeypatch.setenv("SOLVENT_CATALOG", str(place))
    usual = world.manager
    monkeypatch.setattr(world, "manager", lambda: usual(catalog=place))
    file = place / "connectors" / "duckdb" / "connector.toml"
    text = file.read_text()

    async def do(person: Person) -> None:
        await person.press("3")
        await person.sees("DuckDB", "live")
        for _ in range(2):
            file.write_text("nonsense = 1\n" + text)
            await person.press("r")
            await person.sees("connectors/duckdb/connector.toml", "nonsense", "as of")
            assert person.app.table.stale
            assert person.app.table.rows
            file.write_text(text)
            await person.press("r")
            await person.sees("live")
            assert "nonsense" not in person.text()

    with_app(world, do)


def test_an_index_that_is_away_is_said_where_it_is_needed(world: World) -> None:
    """On the sheet of what needs it, with what helps; the lists need none."""

    async def do(person: Person) -> None:
        await person.press("2", "slash", *"4.6-py3.13", "enter")
        await person.sees("jupyterlab:4.6-py3.13")
        await person.press("K")
        await person.sees("the index does not answer", "hint: later")
        await person.press("enter", "escape")
        await person.sees("live")

    with pytest.MonkeyPatch.context() as patch:

        def away(*_words: object, **_more: object) -> object:
            raise Unreachable("the index does not answer", hint="later")

        patch.setattr("manager.app.manager.Manager.plan_lock", away)
        with_app(world, do)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
def test_every_list_and_sheet_lives_through_a_tiny_terminal(world: World, size: tuple[int, int]) -> None:
    """Where one was, the cursor's row is seen again."""
    for name in ("able", "bell", "cobb"):
        world.launch(name)

    async def do(person: Person) -> None:
        for key in "12345":
            await person.press(key)
            await person.sees("live")
            await person.press("G")
            row = person.app.table.row
            for open_, close in (("", ""), ("enter", "escape"), ("question_mark", "escape"), ("colon", "escape")):
                await person.press(*filter(None, [open_]))
                for one in (TINY, (1, 1), size):
                    await person.pilot.resize_terminal(*one)
                    await person.pilot.pause()
                await person.press(*filter(None, [close]))
            assert person.app.table.row == row
            if row is not None:
                assert row.cells[0][:8] in person.text()

    with_app(world, do, size)


def test_work_that_is_under_way_is_left_when_it_is_said_twice(world: World) -> None:
    """The first q names it."""
    world.launch("work")
    there = threading.Event()
    world.engine.before.append(lambda method, _arguments: there.wait(60) if method == "stop" else None)

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("x")
        await person.sees("enter carries it out")
        await person.press("enter")
        await person.sees("1 under way")
        await person.press("q")
        await person.sees("under way: stop work")
        assert person.app.is_running
        await person.press("q")
        await person.until(lambda: not person.app.is_running or person.app._exit)

    try:
        with_app(world, do)
    finally:
        there.set()


def test_a_log_of_a_gigabyte_is_followed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last lines are seen, and not much more than these is kept."""
    world.launch("work")
    lines, times = 16, 8400
    chunk = b"".join(b"%06d %s\n" % (number, b"x" * 8000) for number in range(lines))
    assert len(chunk) * times > 2**30

    def chunks(*_words: object, **_more: object) -> Iterator[bytes]:
        for _ in range(times):
            yield chunk
        yield b"this is the last line\n"

    monkeypatch.setattr(world.engine, "logs", chunks)
    before = memory()

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("l")
        await person.sees("this is the last line", "the log ends here")
        assert len(person.app.screen.query_one(ResourceTable).rows) == 5000
        await person.press("escape")
        await person.sees("running")

    with_app(world, do)
    assert memory() - before < 100 * 2**20


def test_no_list_is_without_this(world: World) -> None:
    """The modes that are gone through here are those that are there."""
    assert {kind.id for kind in LISTS.values()} >= {"matter", "release", "connector", "environment", "run"}


def memory() -> int:
    """Give the most bytes that this process had in memory so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
