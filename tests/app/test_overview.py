"""What an administrator has to see on a Monday beside their own: who is hit soon, and what was told to nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.core.environments import LaunchRequest
from tests.app.conftest import run

if TYPE_CHECKING:
    from tests.app.conftest import World

OLD = "jupyterlab:4.4-py3.11"


@pytest.mark.parametrize(
    ("day", "mine", "text"),
    [
        (date(2026, 12, 20), False, "it retires in 14 days: 1 environment of bea"),
        (date(2026, 12, 20), True, ""),
        (date(2026, 11, 30), False, ""),
        (date(2027, 1, 20), False, ""),
    ],
    ids=["soon", "one's own", "later", "retired"],
)
def test_a_release_that_retires_soon_names_the_people_that_it_hits(
    world: World, day: date, mine: bool, text: str
) -> None:
    """One's own environments are matters by themselves, and what is retired hits nobody any more."""
    world.build(OLD)
    manager = world.manager()
    if not mine:
        manager.settings = replace(manager.settings, owner="bea")
    run(manager, manager.plan_launch(LaunchRequest(OLD, name="old")))

    found = {one.text: one.pay for one in world.manager(day).status() if one.kind == "retires"}

    assert found == ({text: f"solvent lifecycle impact {OLD}"} if text else {})


def test_notices_that_did_not_get_through_are_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that sends them again."""
    monkeypatch.setattr("manager.app.status.undelivered", lambda _world: ("2 notices for mail: refused",))

    (found,) = [one for one in world.manager().status() if one.kind == "undelivered"]

    assert (found.text, found.pay) == ("2 notices for mail: refused", "solvent lifecycle apply")
