"""Every change is a plan: it is seen, agreed to and followed, or nothing happens."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from textual.widgets import OptionList

from manager.app.events import Said
from manager.app.upgrades import Asked
from manager.cli.main import run as run_command
from manager.core.environments import LaunchRequest
from manager.core.parts import left_out
from manager.core.plan import Plan
from manager.tui.plan_sheet import PlanSheet
from tests.app.conftest import RELEASE, run
from tests.tui.support import SMALL, endless, with_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from manager.app.events import Event
    from manager.app.manager import Manager
    from tests.app.conftest import World
    from tests.tui.support import Person


def test_a_plan_is_shown_with_its_causes_and_command_and_carried_out(world: World) -> None:
    """Stopping an environment: the step, why, the same as a command, and the end in the list and the drawer."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("x")
        await person.sees("stop environment work", "because", "solvent env stop work", "enter carries it out")
        await person.press("enter")
        await person.sees("stopped")
        await person.press("o")
        await person.sees("✔ stop work  done")

    with_app(world, do)


def test_the_command_of_a_plan_that_waits_is_copied(world: World) -> None:
    """``y`` is no letter of an answer; where a name is typed, tab leads out of the field."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("x")
        await person.sees("enter carries it out")
        await person.press("y")
        await person.sees("copied: solvent env stop work")
        assert person.app.clipboard == "solvent env stop work"
        await person.press("escape", "X")
        await person.sees("type work to go on")
        await person.press("y", "tab", "y")
        await person.sees("copied: solvent env remove work --delete-workspace")
        await person.press("enter")
        assert (len(person.app.screen_stack), person.app.records) == (2, [])

    with_app(world, do)


def test_escape_changes_nothing(world: World) -> None:
    """The sheet goes, the environment runs on, and no work is left."""
    world.launch("work")
    before = [call for call, _ in world.engine.calls if call == "stop"]

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("x")
        await person.sees("enter carries it out")
        await person.press("escape")
        assert person.app.records == []
        await person.sees("running")

    with_app(world, do, SMALL)
    assert [call for call, _ in world.engine.calls if call == "stop"] == before


def test_a_destructive_step_has_its_target_typed(world: World) -> None:
    """Enter alone does nothing, another word does nothing, the name does it."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("X")
        await person.sees("delete workspace", "type work to go on")
        await person.press("enter")
        await person.press(*"works", "enter")
        assert len(person.app.screen_stack) == 2
        await person.press(*"work", "enter")
        await person.sees("No environments")

    with_app(world, do)


def test_a_refusal_is_said_with_its_hint(world: World) -> None:
    """A plan that cannot be made says why, and can only be left."""

    async def do(person: Person) -> None:
        await person.press("2", "slash", *"4.2-py3.9", "enter")
        await person.sees("jupyterlab:4.2-py3.9")
        await person.press("L")
        await person.sees("enter shows the plan")
        await person.press("enter")
        await person.sees("retired", "hint:")
        await person.press("escape", "escape")
        assert person.app.records == []

    with_app(world, do)


def test_another_person_in_between_makes_a_plan_stale(world: World) -> None:
    """What was agreed to is not done when the world is another one by then."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("x")
        await person.sees("enter carries it out")
        other = world.manager()
        list(other.apply(other.plan_remove("work")))
        await person.press("enter")
        await person.until(lambda: person.app.records and person.app.records[0].state == "failed")
        assert any("work" in line for line in person.app.records[0].lines)

    with_app(world, do)


def test_a_stale_plan_is_shown_as_it_is_now_and_waits_for_a_new_yes(world: World) -> None:
    """Two people at once: the second one's upgrade is not done, and stands there with what is left of it."""
    world.launch("one")
    world.launch("two")
    old = world.store.kept[0]
    world.build()

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("one", "two")
        await person.press("space", "j", "space", "u")
        await person.sees("upgrade one two", "enter carries it out")
        other = world.manager()
        list(other.apply(other.plan_remove("two")))
        run(other, other.plan_launch(LaunchRequest(RELEASE, name="two")))
        await person.press("enter")
        await person.sees("nothing was done, since it has changed", "as it is now:", "enter carries it out")
        assert [one.state for one in person.app.records] == ["failed"]
        assert old.digest in {one.image for one in world.engine.containers({})}
        await person.press("enter")
        await person.until(lambda: [one.state for one in person.app.records] == ["failed", "done"])

    with_app(world, do)


def test_single_steps_are_left_out_and_the_command_leaves_them_out_too(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """What needs such a step goes with it, is said to, and comes back with it; the rest is carried out."""
    world.launch("one")
    world.launch("two")
    old = world.store.kept[0]
    world.build()
    whole = world.manager().plan_upgrade(Asked(("one", "two"))).plan
    lines: list[list[str]] = []
    keys = ["escape"]

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("one", "two")
        await person.press("space", "j", "space", "u")
        await person.sees("upgrade one two", "space leaves a step out")
        at = [(step.kind, step.target) for step in whole.steps].index(("create environment", "two"))
        await person.press(*"j" * at, "space")
        await person.sees("create environment two", "LEFT OUT", "as asked", "it needs: create environment two")
        await person.press("y")
        await person.sees("copied: solvent env upgrade one two --without")
        lines.append(shlex.split(person.app.clipboard)[1:])
        await person.press("space")
        await person.until(lambda: "LEFT OUT" not in person.text())
        await person.press("space")
        await person.sees("LEFT OUT")
        await person.press(*keys)

    async def carry_out(person: Person) -> None:
        keys[:] = ["enter"]
        await do(person)
        await person.until(lambda: [one.state for one in person.app.records] == ["done"])

    with_app(world, do)
    capsys.readouterr()
    assert run_command([*lines[0], "--dry-run", "-o", "json"], lambda *_words: world.manager()) == 0
    shown = json.loads(capsys.readouterr().out)["steps"]
    assert [one["id"] for one in shown] == [step.id for step in whole.steps if step.target == "one"]
    with_app(world, carry_out)
    digests = {one.labels["io.solvent.environment"]: one.image for one in world.engine.containers({})}
    assert (digests["one"], digests["two"]) == (world.store.kept[1].digest, old.digest)


def test_what_was_left_out_stays_out_of_the_plan_that_is_shown_anew(world: World) -> None:
    """And a plan without any step that stays is not carried out."""
    for name in ("one", "two", "three"):
        world.launch(name)
    world.build()

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("one", "two", "three")
        await person.press("space", "space", "space", "u")
        await person.sees("space leaves a step out")
        await person.press("space")
        await person.sees("LEFT OUT", "--without")
        sheet = person.app.screen
        assert isinstance(sheet, PlanSheet)
        (out,) = sheet.without
        other = world.manager()
        list(other.apply(other.plan_remove("two")))
        run(other, other.plan_launch(LaunchRequest(RELEASE, name="two")))
        await person.press("enter")
        await person.sees("as it is now:", "LEFT OUT", f"--without {out}")
        anew = person.app.screen
        assert isinstance(anew, PlanSheet)
        assert isinstance(anew.plan, Plan)
        for index, step in enumerate(anew.plan.steps):
            anew.query_one(OptionList).highlighted = index
            if step.id not in left_out(anew.plan, anew.without):
                await person.press("space")
        await person.sees("every step is left out")
        await person.press("enter", "escape")
        assert [one.state for one in person.app.records] == ["failed"]

    with_app(world, do)


def test_a_form_becomes_the_options_of_the_command(world: World) -> None:
    """What is needed has to be there; what is left out is no option."""

    async def do(person: Person) -> None:
        await person.press("2", "slash", *"4.6-py3.13", "enter")
        await person.sees("jupyterlab:4.6-py3.13")
        await person.press("Q")
        await person.sees("quarantine", "why *")
        await person.press("enter")
        assert "plan:" not in person.text()
        await person.press(*"broken", "enter")
        await person.sees("--reason broken")
        await person.press("escape", "escape", "L")
        # What is typed before the form is there is nobody's.
        await person.sees("--cpus", "enter shows the plan")
        await person.press(*"mine", "down", "down", "down", *"2g", "enter")
        await person.sees("--name mine --memory 2g", "enter carries it out")
        await person.press("enter")
        await person.press("4")
        await person.sees("mine", "running")

    with_app(world, do)


def test_what_is_under_way_can_be_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its events are closed, so that nothing of it runs on, and the drawer says how it ended."""
    world.launch("work")
    closed: list[bool] = []

    def slow(_manager: Manager, plan: Plan, **_more: object) -> Iterator[Event]:
        return endless(Said(plan.steps[0], "still at it"), closed)

    monkeypatch.setattr("manager.app.manager.Manager.apply", slow)

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("ctrl+k")
        await person.sees("nothing is under way")
        await person.press("x")
        await person.sees("enter carries it out")
        await person.press("enter", "o")
        await person.sees("still at it")
        await person.press("ctrl+k")
        await person.sees("✖ stop work  failed", "stopped")
        assert closed == [True]

    with_app(world, do)


def test_the_command_names_the_catalog_that_was_named(world: World) -> None:
    """Copied into another folder, it is about the same one."""
    world.launch("work")

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("running")
        await person.press("x")
        await person.sees("y  solvent env stop work --catalog ours")

    with_app(world, do, besides=("--catalog", "ours"))
