"""What people decide and save: forms, a look before anything is written, and what comes of it."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING, Any

import pytest

from manager.app import catalogs
from manager.app.manager import Manager
from manager.errors import Failed, UsageError
from manager.tui.actions import ACTIONS
from manager.tui.editing import command, edited
from tests.app.conftest import REPOSITORY
from tests.tui.support import endless, with_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.conftest import World
    from tests.tui.support import Person


@pytest.fixture
def root(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a trusted catalog of one's own, which the world's Managers have from then on."""
    made = tmp_path / "ours"
    made.mkdir()
    shutil.copy(REPOSITORY / "solvent.toml", made)
    for part in ("images", "connectors", "compose"):
        shutil.copytree(REPOSITORY / part, made / part)
    catalogs.trust(made, world.manager().settings)
    usual = world.manager
    monkeypatch.setattr(world, "manager", lambda *words, **more: usual(*words, **{"catalog": made, **more}))
    return made


def test_a_hold_is_asked_for_shown_as_a_file_and_written(world: World, root: Path) -> None:
    """One of the two ends has to be said; the file is seen before it is there."""

    async def do(person: Person) -> None:
        await person.press("3", "slash", *"psycopg", "enter")
        await person.sees("1 of ", "psycopg")
        await person.press("H", "down", "down", "down", *"the year is closed first", "enter")
        await person.sees("say when it lifts itself")
        await person.press("escape")
        await person.sees("enter shows the plan", "the year is closed first")
        await person.press("down", *"2027-01-31", "enter")
        await person.sees("writes", "2027-01-31", "solvent connector hold postgresql --until 2027-01-31")
        assert not list(root.rglob("*hold-postgresql*"))
        await person.press("enter")
        await person.until(lambda: person.app.records and person.app.records[-1].state == "done")
        await person.sees("2027-01-31")

    with_app(world, do)
    assert "postgresql" in {one.subject for one in world.manager().catalog.driver_decisions}


def test_a_password_is_seen_by_nobody(world: World, root: Path) -> None:
    """Not while it is typed, not in the command, not in the drawer; the connection works on its reference."""

    async def do(person: Person) -> None:
        await person.press("3", "m", "m")
        await person.sees("No connections. n saves one.")
        await person.press("n", *"sales", "down", *"postgresql", "down", *"postgresql://ana@db/sales")
        await person.press("down", "down", "down", *"hunter2hunter2", "enter")
        await person.sees("saves the connection sales of postgresql", "password=env:PASSWORD")
        assert "hunter2" not in person.text()
        await person.press("enter")
        # What came of it stands in the drawer, which opens by itself.
        await person.sees("sales", "personal", "saved: sales")
        assert "hunter2" not in person.text()

    with_app(world, do)
    (one,) = world.manager().connections()
    assert [key for key, _ in one.secrets] == ["password"]
    assert "hunter2" not in str(one)


def test_what_is_wrong_on_a_form_is_said_and_nothing_is_lost(world: World, root: Path) -> None:
    """A connector that is not there, a parameter that lacks: the sheet says so before anything is agreed to."""

    async def do(person: Person) -> None:
        await person.press("3", "m", "m")
        await person.sees("No connections")
        await person.press("n", *"sales", "down", *"postgres", "enter")
        await person.sees("postgres", "hint:")
        await person.press("escape")
        await person.sees("sales", "enter shows the plan")
        await person.press("down", *"ql", "down", *"postgresql://ana@db", "enter")
        await person.sees("connection sales cannot be saved", "database is required and missing")
        await person.press("escape")
        await person.sees("postgresql://ana@db", "enter shows the plan")
        await person.press("down", "down", *"/sales", "enter")
        await person.sees("saves the connection sales of postgresql", "enter carries it out")

    with_app(world, do)
    assert not world.manager().connections()


def test_what_fails_while_it_is_written_comes_back_with_all_that_was_said(
    world: World, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full, once; the password as well, which nobody sees. The second time it is saved."""
    usual, full = Manager.add_connection, [True]

    def added(self: Manager, *words: str, **more: Any) -> Any:
        if full:
            raise Failed("the connection cannot be written", why=str(full.pop() and "no space left"))
        return usual(self, *words, **more)

    monkeypatch.setattr(Manager, "add_connection", added)

    async def do(person: Person) -> None:
        await person.press("3", "m", "m")
        await person.sees("No connections")
        await person.press("n", *"sales", "down", *"postgresql", "down", *"postgresql://ana@db/sales")
        await person.press("down", "down", "down", *"hunter2hunter2", "enter")
        await person.sees("enter carries it out")
        await person.press("enter")
        await person.sees("the connection cannot be written", "enter shows the plan", "postgresql://ana@db/sales")
        assert "hunter2" not in person.text()
        await person.press("enter")
        await person.sees("enter carries it out")
        await person.press("enter")
        await person.sees("saved: sales")

    with_app(world, do)
    (one,) = world.manager().connections()
    assert [key for key, _ in one.secrets] == ["password"]


def test_a_secret_is_not_shown_either_where_it_completes_what_is_shared(world: World, root: Path) -> None:
    """No connector is said there, and the shared one's is meant."""
    lines = ("[[connection]]", 'name = "house"', 'owner = "ana"', 'connector = "postgresql"', "needs = []")
    values = 'parameters = { host = "db", database = "sales" }'
    (root / "connectors/connections.toml").write_text("\n".join((*lines, values, "")))
    action = next(one for one in ACTIONS if one.id == "save")
    assert action.plan

    with pytest.raises(UsageError) as caught:
        action.plan(world.manager(), (), {"NAME": "house", "--url": "postgresql://ana:hunter2hunter2@db/sales"})
    assert "has a secret in it" in caught.value.message
    with pytest.raises(UsageError) as other:
        action.plan(world.manager(), (), {"NAME": "house", "--set": "host=elsewhere"})
    assert "decided by the catalog" in other.value.message


def test_forgetting_a_connection_has_its_name_typed(world: World, root: Path) -> None:
    """Enter alone changes nothing."""
    world.manager().add_connection("lab", "postgresql", parameters={"host": "db", "database": "lab", "user": "ana"})

    async def do(person: Person) -> None:
        await person.press("3", "m", "m")
        await person.sees("lab", "personal")
        await person.press("D")
        await person.sees("forgets the connection lab", "type lab to go on")
        await person.press("enter")
        assert world.manager().connections()
        await person.press(*"lab", "enter")
        await person.sees("No connections")

    with_app(world, do)


def test_the_file_of_a_row_is_opened_at_its_line_and_read_again(
    world: World, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the editor has broken is listed with its place, while the rows of before stay; `e` opens it there again."""
    file, broken = root / "connectors/postgresql/connector.toml", list[int]()
    lent = tmp_path / "lent"
    editor = tmp_path / "vim"
    breaks = """if grep -qx 'nonsense =' "$2"; then sed -i '/^nonsense =$/d' "$2"; else echo 'nonsense =' >> "$2"; fi"""
    editor.write_text(f'#!/bin/sh\necho "$@" >> {lent}\n{breaks}\n', encoding="utf-8")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("manager.tui.app.Solvent.suspend", lambda _self: _Nothing())

    async def do(person: Person) -> None:
        await person.press("3", "slash", *"psycopg", "enter")
        await person.sees("1 of ", "psycopg")
        await person.press("e")
        await person.until(lent.exists)
        await person.sees("✖", "connector.toml")
        await person.sees("psycopg")
        broken.append(len(file.read_text().splitlines()))
        await person.press("e")
        await person.until(lambda: "✖" not in person.text())

    with_app(world, do)
    first, again = (line.split() for line in lent.read_text().splitlines())
    assert (first[0][0], int(first[0][1:]) >= 1, first[1]) == ("+", True, str(file))
    assert again == [f"+{broken[0]}", str(file)]


def test_a_catalog_that_was_never_valid_is_opened_where_it_is_wrong(
    world: World, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row is there yet, on the first screen either."""
    file = root / "connectors/postgresql/connector.toml"
    text, opened = file.read_text(), list[tuple[object, int]]()

    def mended(path: Path, line: int) -> None:
        opened.append((path, line))
        file.write_text(text)

    monkeypatch.setattr("manager.tui.doing.edited", mended)
    monkeypatch.setattr("manager.tui.app.Solvent.suspend", lambda _self: _Nothing())

    async def do(person: Person) -> None:
        await person.sees("✖", "connector.toml")
        assert not person.app.table.rows
        await person.press("e")
        await person.sees("is valid", "live")

    file.write_text("nonsense = 1\n" + text)
    with_app(world, do)
    assert opened == [(file, 1)]


class _Nothing:
    def __enter__(self) -> None:
        """There is no terminal to give away."""

    def __exit__(self, *_words: object) -> None:
        """Nor to take back."""


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("vim", ("vim", "+7", "f.toml")),
        ("/usr/bin/nano -w", ("/usr/bin/nano", "-w", "+7", "f.toml")),
        ("code", ("code", "--wait", "--goto", "f.toml:7")),
        ("code -w", ("code", "-w", "--goto", "f.toml:7")),
        ("hx", ("hx", "f.toml:7")),
        ("gedit", ("gedit", "f.toml")),
        ("", ("vi", "+7", "f.toml")),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(editor: str, words: tuple[str, ...]) -> None:
    """One that is not known gets the file."""
    from pathlib import Path

    assert command(editor, Path("f.toml"), 7) == words


def test_an_editor_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what helps."""
    monkeypatch.setenv("VISUAL", str(tmp_path / "none"))

    with pytest.raises(Failed, match="cannot be started"):
        edited(tmp_path / "f.toml", 1)


def test_the_dates_of_a_release_are_a_key_away(world: World, root: Path) -> None:
    """Its ends with what each is bound by."""

    async def do(person: Person) -> None:
        await person.press("2", "slash", *"4.6-py3.13", "enter")
        await person.sees("jupyterlab:4.6-py3.13")
        await person.press("t")
        await person.sees("bounds")

    with_app(world, do)


@pytest.mark.parametrize(
    "written",
    [
        {"--url": "postgresql://ana:hunter2hunter2@db/sales"},
        {"--set": "host=db password=hunter2hunter2"},
        {"--secret": "password=hunter2hunter2"},
    ],
)
def test_a_secret_in_the_wrong_field_is_refused_and_never_shown(world: World, written: dict[str, str]) -> None:
    """Neither by the command, which stands there at once, nor by the refusal."""
    action = next(one for one in ACTIONS if one.id == "save")
    said = {"NAME": "sales", "--connector": "postgresql", **written}

    assert "hunter2" not in " ".join(action.command((), said))
    assert action.plan
    if "--secret" not in written:
        with pytest.raises(UsageError) as caught:
            action.plan(world.manager(), (), said)
        assert "hunter2" not in str(caught.value)


def test_what_is_said_at_length_can_be_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The try of a connection ends, and what it runs with it."""
    world.manager().add_connection("lab", "postgresql", parameters={"host": "db", "database": "lab", "user": "ana"})
    closed: list[bool] = []

    def slow(_manager: Manager, _name: str) -> Iterator[str]:
        return endless("still at it", closed)

    monkeypatch.setattr("manager.app.manager.Manager.test_connection", slow)

    async def do(person: Person) -> None:
        await person.press("3", "m", "m")
        await person.sees("lab", "personal")
        await person.press("c")
        await person.sees("enter carries it out")
        await person.press("enter", "o")
        await person.sees("still at it")
        await person.press("ctrl+k")
        await person.sees("test lab  failed", "stopped")
        assert closed == [True]

    with_app(world, do)
