"""Actions are declared once: footer, help, palette and key map agree, and a command does what its action does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.cli.main import run
from manager.core.parts import parted
from manager.core.plan import Plan
from manager.errors import ManagerError
from manager.tui.actions import ACTIONS
from manager.tui.deed import Deed
from manager.tui.keys import keys
from manager.tui.modes import LISTS
from tests.tui.lab import REFUSED, SAID, Lab
from tests.tui.support import with_app

if TYPE_CHECKING:
    from manager.tui.action import Action
    from manager.tui.kinds import Kind
    from tests.app.conftest import World
    from tests.tui.support import Person

DOCUMENT = Path(__file__).parents[2] / "docs/keys.md"
CHANGING = [one for one in ACTIONS if one.plan]
# Their commands have no ``--dry-run``: what is compared is what they leave behind, or say.
AT_ONCE = ("save", "forget", "add-source", "forget-source", "try", "lint", "compare", "verify", "diff", "sbom", "notes")


def test_the_key_map_is_that_of_the_actions() -> None:
    """Written by ``python -m manager.tui.keys docs/keys.md``."""
    assert DOCUMENT.read_text(encoding="utf-8") == keys()


@pytest.mark.parametrize("kind", LISTS)
def test_no_key_means_two_things_in_one_list(kind: str) -> None:
    """Nor does it mean a mode."""
    found = [key for one in ACTIONS if one.on(kind) for key in one.keys.split(",") if key]

    assert len(found) == len(set(found))
    assert not {"1", "2", "3", "4", "5", "j", "k", "g", "G"} & set(found)


@pytest.mark.parametrize("kind", [one for one in LISTS.values() if re.search(r"\b[a-zA-Z] \w+s\b", one.empty)])
def test_an_empty_list_names_a_key_that_it_has(kind: Kind) -> None:
    """What it says to do next can be done there."""
    found = re.search(r"\b([a-zA-Z]) \w+s\b", kind.empty)
    assert found
    (action,) = (one for one in ACTIONS if one.on(kind.id) and one.key == found[1])
    assert action.plan
    assert action.ready(())


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

    with_app(world, do, (160, 60))


@pytest.mark.parametrize("action", CHANGING, ids=[one.id for one in CHANGING])
def test_the_command_of_an_action_makes_the_same_plan(
    action: Action, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With ``--dry-run`` it prints what the sheet shows, or refuses in the same words; else it does the same."""
    monkeypatch.setenv("PASSWORD", "secret")
    lab = Lab(tmp_path / "lab", monkeypatch)
    lab.prepare(action)
    row = lab.row(action)
    assert action.ready((row,))
    line = action.command((row,), SAID.get(action.id, {}))
    made, words = None, ""
    try:
        made = lab.made(action, row)
    except ManagerError as error:
        words = error.message
    if action.id in AT_ONCE:
        assert isinstance(made, Deed)
        capsys.readouterr()
        _done_alike(action, made, lab, line, Lab(tmp_path / "other", monkeypatch), capsys)
        return
    form = ("-o", "json") if words or isinstance(made, Plan) else ()

    code = run([*line, "--dry-run", *form], lab.manager)

    out, err = capsys.readouterr()
    if words:
        assert action.id in REFUSED, words
        assert code
        assert words in json.loads(err.splitlines()[-1])["error"]["message"]
    elif isinstance(made, Deed):
        assert (code, bool(out)) == (0, True)
        assert out.strip() in made.text()
    else:
        assert made is not None
        assert (code, json.loads(out)["steps"]) == (0, made.to_json()["steps"])
        first = next((step.id for step in made.steps), "none")
        code = run([*line, "--without", first, "--dry-run", *form], lab.manager)
        out, err = capsys.readouterr()
        if not action.parts:
            assert (code, "option" in err and "--without" in err) == (2, True), err
        elif made:
            assert (code, json.loads(out)["steps"]) == (0, parted(made, [first]).to_json()["steps"])
        else:
            assert (code, "there is no step none to leave out" in err) == (2, True)


def _done_alike(
    action: Action, made: Deed, lab: Lab, line: tuple[str, ...], other: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    """Do it here, and by the command in another world; compare what was left, and what was said where it failed."""
    said, failed = [], ""
    try:
        said += made.do()
    except ManagerError as error:
        failed = error.message
    capsys.readouterr()

    code = run([*line, "-o", "json", "--no-input"], other.manager)

    out, err = capsys.readouterr()
    assert bool(code) == bool(failed), (out, err, said)
    assert not failed or failed in err
    assert lab.kept() == other.kept()
    if action.id == "compare":
        document, text = json.loads(out), "\n".join(said)
        assert document["changes"]
        assert [one for one in document["changes"] if f"{one['kind']:<12} {one['name']}" not in text] == []
    if action.id == "diff":
        changes = json.loads(out)["diff"]["changes"]
        assert len(changes) > 100
        assert [one["name"] for one in changes if f" {one['name']}  {one['before'] or '-'} -> " not in said[-1]] == []
    if action.id == "sbom":
        assert [one["purl"] for one in json.loads(out)["components"] if one["purl"] not in said[-1]] == []
        assert "pkg:pypi/pandas@3.0.1  BSD-3-Clause" in said[-1]
    if action.id == "verify":
        assert [one for one in json.loads(out)["verify"]["results"] if one["id"] not in "\n".join(said)] == []
