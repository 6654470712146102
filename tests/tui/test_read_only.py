"""What ``--read-only`` shows, and that it has no way through."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from manager.tui.actions import ACTIONS
from manager.tui.modes import LISTS, mode_of
from manager.tui.plan_sheet import PlanSheet
from tests.tui.lab import REFUSED, SAID, Lab
from tests.tui.support import with_app

if TYPE_CHECKING:
    from pathlib import Path

    from manager.tui.action import Action
    from tests.tui.support import Person

# Their sheets show what is so, and change nothing.
LOOKING = {"lint", "compare", "notes"}
# No row of that world has something to do for them: they are tried after what they undo or need.
LATER = {"start", "unhold", "unsuspend"}
AT_ONCE = [one for one in ACTIONS if one.changes and not one.plan]


def state(lab: Lab) -> object:
    """Say what there is: files of the catalog, containers, volumes, connections and sources."""
    files = {one: hashlib.sha256(one.read_bytes()).hexdigest() for one in lab.root.rglob("*") if one.is_file()}
    engine, store = lab.world.engine, lab.world.store
    containers = [(one.name, one.state) for one in engine.containers({})]
    return files, containers, engine.volumes({}), engine.images({}), dict(store.pointers), [*store.kept], lab.kept()


async def look_at(person: Person, kind: str) -> None:
    """Go to a list, and wait for its rows, or to be told that it has none."""
    mode = mode_of(LISTS[kind])
    await person.press(str([*dict.fromkeys(mode_of(one) for one in LISTS.values())].index(mode) + 1))
    for _ in range(mode.kinds.index(LISTS[kind])):
        await person.press("m")
    empty = LISTS[kind].empty
    await person.until(lambda: person.app.kind.id == kind and (person.app.table.rows or empty in person.text()))


async def come_to(person: Person, key: str) -> None:
    """Put the cursor on a row."""
    await person.press("g")
    for _ in person.app.table.rows:
        if person.app.table.row and person.app.table.row.key == key:
            return
        await person.press("j")
    raise AssertionError((key, person.text()))


async def refused(person: Person, action: Action) -> None:
    """Ask for an action, say yes to it in every way there is, and see that it is forbidden."""
    await person.app.run_action(f"app.do('{action.id}')")
    await person.pilot.pause()
    if action.fields:
        for index, one in enumerate(action.fields):
            option = SAID[action.id].get(one.option, "")
            person.app.screen.query_one(f"#field-{index}", Input).value = option
        await person.press("enter")
    await person.until(lambda: isinstance(person.app.screen, PlanSheet))
    sheet = person.app.screen
    assert isinstance(sheet, PlanSheet)
    await person.until(lambda: sheet.plan is not None or sheet.refused)
    if action.id in REFUSED:
        assert sheet.refused, person.text()
    else:
        await person.sees(f"{sheet.errand.title}: read only")
        await person.press("enter", *sheet._wanted().replace(" ", "_"), "enter")
    assert person.app.screen is sheet
    await person.press("escape")
    while len(person.app.screen_stack) > 1:
        await person.press("escape")


@pytest.mark.parametrize("kind", [kind for kind in LISTS if any(one.plan and one.on(kind) for one in ACTIONS)])
def test_read_only_has_no_way_through(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every action of every list shows its plan, says why not, and takes no answer."""
    monkeypatch.setenv("PASSWORD", "secret")
    lab = Lab(tmp_path / "lab", monkeypatch)
    here = [one for one in ACTIONS if one.plan and one.on(kind) and one.id not in LOOKING]
    assert all(one.changes for one in here)

    async def do(person: Person) -> None:
        await look_at(person, kind)
        for one in here:
            if one.id in LATER:
                continue
            if one.per != "none":
                await come_to(person, lab.row(one, kind).key)
            await refused(person, one)
        assert person.app.records == []

    before = state(lab)
    with_app(lab, do, read_only=True)
    assert state(lab) == before


@pytest.mark.parametrize("name", sorted(LATER))
def test_nor_has_it_for_what_is_undone(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rests is not started, and what is held stays held."""
    action = next(one for one in ACTIONS if one.id == name)
    lab = Lab(tmp_path / "lab", monkeypatch)
    lab.prepare(action)

    async def do(person: Person) -> None:
        await look_at(person, action.kinds[0])
        await come_to(person, lab.row(action).key)
        await refused(person, action)
        assert person.app.records == []

    before = state(lab)
    with_app(lab, do, read_only=True)
    assert state(lab) == before


@pytest.mark.parametrize("action", AT_ONCE, ids=[one.id for one in AT_ONCE])
def test_what_is_done_at_once_is_forbidden_too(action: Action, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shell, an editor or a browser one could change anything."""
    lab = Lab(tmp_path / "lab", monkeypatch)
    opened: list[object] = []
    monkeypatch.setattr(lab.world.engine, "shell", lambda *words: opened.append(words) or 0)
    monkeypatch.setattr("manager.tui.doing.edited", lambda *words: opened.append(words))
    monkeypatch.setattr("manager.app.opening.browse", opened.append)

    async def do(person: Person) -> None:
        said: list[str] = []
        monkeypatch.setattr(person.app, "notify", lambda words, **_more: said.append(words))
        await look_at(person, action.kinds[0])
        if action.per != "none":
            await come_to(person, lab.row(action).key)
        await person.press(action.key)
        await person.until(lambda: said)
        assert said == ["read only"]
        assert person.app.clipboard == ""

    with_app(lab, do, read_only=True)
    assert opened == []


def test_the_same_keys_carry_it_out_where_nothing_is_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests above could not fail."""
    lab = Lab(tmp_path / "lab", monkeypatch)

    async def do(person: Person) -> None:
        await look_at(person, "environment")
        await come_to(person, lab.row(next(one for one in ACTIONS if one.id == "remove-files")).key)
        await person.press("X")
        await person.sees("type work to go on")
        await person.press("enter", *"work", "enter")
        await person.until(lambda: [one.state for one in person.app.records] == ["done"])

    before = state(lab)
    with_app(lab, do)
    assert state(lab) != before
