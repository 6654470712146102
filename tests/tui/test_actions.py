"""Actions are declared once: footer, help, palette and key map agree, and a command does what its action does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.cli.main import run
from manager.core.plan import Plan
from manager.tui.actions import ACTIONS
from manager.tui.keys import keys
from manager.tui.modes import LISTS
from tests.tui.support import with_app

if TYPE_CHECKING:
    from manager.app.manager import Manager
    from tests.app.conftest import World
    from tests.tui.support import Person

DOCUMENT = Path(__file__).parents[2] / "docs/keys.md"
RELEASE = "jupyterlab:4.6-py3.13"
# What is written into the fields of those that have some.
SAID = {
    "launch": {"--name": "other", "--memory": "2g", "--cpus": "1.5"},
    "quarantine": {"--reason": "it is broken"},
    "rollback-set": {"--release": RELEASE},
}
CHANGING = [one for one in ACTIONS if one.plan]


def test_the_key_map_is_that_of_the_actions() -> None:
    """Written by ``python -m manager.tui.keys docs/keys.md``."""
    assert DOCUMENT.read_text(encoding="utf-8") == keys()


@pytest.mark.parametrize("kind", LISTS)
def test_no_key_means_two_things_in_one_list(kind: str) -> None:
    """Nor does it mean a mode."""
    found = [key for one in ACTIONS if one.on(kind) for key in one.keys.split(",")]

    assert len(found) == len(set(found))
    assert not {"1", "2", "3", "4", "5", "j", "k", "g", "G"} & set(found)


def test_footer_help_and_palette_say_the_same(world: World) -> None:
    """What the footer offers is in the help with its key, and the palette finds it by name."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        foot = person.text().splitlines()[-1]
        offered = [one for one in ACTIONS if one.footer and one.on("environment") and f"{one.key} {one.label}" in foot]
        assert {"x", "u", "q"} <= {one.key for one in offered}
        await person.press("question_mark")
        helped = person.text()
        assert [one.id for one in offered if one.help[:40] not in helped] == []
        await person.press("escape", "colon", *"stop")
        await person.sees("Stop it; its files stay.")
        await person.press("enter")
        await person.sees("solvent env stop work")

    with_app(world, do)


def _plan(manager: Manager, one: object, rows: tuple[object, ...]) -> Plan:
    made = one.plan(manager, rows, SAID.get(one.id, {}))  # type: ignore[attr-defined]
    if isinstance(made, Plan):
        return made
    *_, last = made
    return getattr(last, "plan", last)


@pytest.mark.parametrize("action", CHANGING, ids=[one.id for one in CHANGING])
def test_the_command_of_an_action_makes_the_same_plan(
    action: object, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """With ``--dry-run`` it prints the steps that the sheet shows, or refuses in the same words."""
    from manager.errors import ManagerError

    manager = world.launch("work")
    if action.id == "start":  # type: ignore[attr-defined]
        list(manager.apply(manager.plan_stop("work")))
    kind = next(kind for kind in LISTS.values() if action.on(kind.id) and kind.id != "matter")  # type: ignore[attr-defined]
    names = {"release": RELEASE, "connector": "postgresql", "environment": "work"}
    row = next(row for row in kind.rows(manager) if row.name == names[kind.id])
    assert action.ready((row,))  # type: ignore[attr-defined]
    try:
        shown, words = _plan(world.manager(), action, (row,)).to_json(), ""
    except ManagerError as error:
        shown, words = {}, error.message

    code = run(
        [*action.command((row,), SAID.get(action.id, {})), "--dry-run", "-o", "json"], lambda *_words: world.manager()
    )  # type: ignore[attr-defined]

    out, err = capsys.readouterr()
    if words:
        assert code
        assert words in json.loads(err.splitlines()[-1])["error"]["message"]
    else:
        assert (code, json.loads(out)["steps"]) == (0, shown["steps"])
