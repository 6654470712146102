"""What is known to fit into a field is offered, and completed; other words may be written all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.tui.actions import ACTIONS
from manager.tui.known import fitting, others, told
from tests.tui.lab import RELEASE, Lab
from tests.tui.support import SMALL, with_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.support import Person

OFFERED = [(action, field) for action in ACTIONS for field in action.fields if field.known]


def test_a_launch_offers_workspaces_and_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their beginnings; a further word has its own, and what is completed is what the command gets."""
    monkeypatch.setenv("PASSWORD", "secret")
    lab = Lab(tmp_path / "lab", monkeypatch)
    more = {"host": "db", "database": "lake", "user": "ana"}
    lab.manager().add_connection("lake", "postgresql", parameters=more, secrets={"password": "env:PASSWORD"})

    async def do(person: Person) -> None:
        await person.press("2", "slash", *"4.6-py3.13", "enter")
        await person.sees("jupyterlab:4.6-py3.13")
        await person.press("slash", "enter", "L")
        await person.sees("launch", "--name")
        assert "completes:" not in person.text()
        await person.press("down")
        await person.sees("→ completes: work")
        await person.press("down")
        await person.sees("→ completes: lab, lake")
        await person.press("l", "a", "k")
        await person.sees("→ completes: lake")
        await person.press("right")
        await person.until(lambda: "completes:" not in person.text())
        await person.press("space", "l")
        await person.sees("→ completes: lab, lake")
        await person.press("a", "b", "enter")
        await person.sees("--connection lake", "--connection lab")

    with_app(lab, do, SMALL)


def test_an_environment_is_launched_from_its_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a release that is said, and offered; a family stands for its newest one."""
    monkeypatch.setenv("PASSWORD", "secret")
    lab = Lab(tmp_path / "lab", monkeypatch)

    async def do(person: Person) -> None:
        await person.press("4")
        await person.sees("work", "L launch")
        await person.press("L")
        await person.sees("FAMILY:RELEASE", "→ completes: ")
        await person.press("enter")
        await person.sees("enter shows the plan")
        await person.press(*"jupyterlab", "down", *"another", "enter")
        await person.sees("solvent env launch jupyterlab --name another", "enter carries it out")
        await person.press("enter")
        await person.sees("another", RELEASE)

    with_app(lab, do)
    assert {one.environment.name: one.environment.release for one in lab.manager().environments()} == {
        "work": RELEASE, "another": RELEASE,
    }  # fmt: skip


def test_a_successor_is_another_release_and_first_one_of_the_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else there is comes after."""
    monkeypatch.setenv("PASSWORD", "secret")
    lab = Lab(tmp_path / "lab", monkeypatch)
    (redirect,) = (one for one in ACTIONS if one.id == "redirect")

    found = list(others(lab.manager(), (lab.row(redirect),)))

    mine = [one.startswith("jupyterlab:") for one in found]
    assert RELEASE not in found
    assert mine == sorted(mine, reverse=True)
    assert {True, False} == set(mine)


@pytest.mark.parametrize(("action", "field"), OFFERED, ids=[f"{one.id} {each.option}" for one, each in OFFERED])
def test_what_is_offered_is_what_there_is(
    action: object, field: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every field that offers something has it in a world with one of each thing."""
    monkeypatch.setenv("PASSWORD", "secret")
    lab = Lab(tmp_path / "lab", monkeypatch)

    assert list(field.known(lab.manager(), (lab.row(action),)))  # type: ignore[attr-defined,arg-type]


@pytest.mark.parametrize(
    ("text", "found", "line"),
    [
        ("", ("lab", "Lake"), "→ completes: lab, Lake"),
        ("LA", ("lab", "Lake"), "→ completes: lab, Lake"),
        ("lab", ("lab",), ""),
        ("lab la", ("lab", "Lake"), "→ completes: lab, Lake"),
        ("x", (), ""),
    ],
)
def test_what_fits_begins_like_the_last_word(text: str, found: tuple[str, ...], line: str) -> None:
    """Whatever the case; what is there already needs no telling."""
    assert (fitting(("lab", "Lake"), text), told(("lab", "Lake"), text)) == (found, line)


def test_of_many_the_first_are_told() -> None:
    """With how many there are besides."""
    assert told([f"n{index}" for index in range(20)], "").endswith("n7 and 12 more")
