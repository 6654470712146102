"""What is owed on the Overview: in one line with what it was, and as a list of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from manager.app.debts import Owed
from manager.core.debt import Totals
from manager.errors import Unreachable
from manager.tui.debts import line, trend
from tests.app.conftest import TODAY
from tests.tui.support import with_app

if TYPE_CHECKING:
    from tests.app.conftest import World
    from tests.tui.support import Person

NOW = Totals(7.41, 18, 5)


def test_a_trend_ends_today_and_leaves_out_what_nobody_saw() -> None:
    """From nothing to the most of the 90 days; of a cell's days the last one counts."""
    amounts = {
        TODAY - timedelta(days=before): amount for before, amount in ((0, 8.0), (1, 0.0), (46, 4.0), (400, 99.0))
    }

    assert trend(amounts, TODAY, 91) == "·" * 44 + "▅" + "·" * 44 + "▁█"
    assert trend(amounts, TODAY, 2) == "▅█"
    assert trend({TODAY: 0.0}, TODAY, 3) == "··▁"
    assert trend({}, TODAY, 3) == "···"


@pytest.mark.parametrize("width", range(40, 200))
def test_the_line_fits_its_width_and_says_the_amounts(width: int) -> None:
    """However narrow it is, and whatever is known."""
    past = {TODAY - timedelta(days=before): NOW for before in range(1, 90)}

    for found in (Owed(TODAY, NOW, (), past), Owed(TODAY, NOW, ()), Owed(TODAY, Totals(), (), past)):
        assert len(line(found, width)) <= width
    full = line(Owed(TODAY, NOW, (), past), width)
    assert "7.41 libyears" in full
    assert (width < 73) == ("█" not in full)
    assert "█" not in line(Owed(TODAY, NOW, ()), width)


def test_the_overview_says_what_is_owed_and_the_list_what_pays_it(world: World) -> None:
    """On another day as of that day; ``y`` copies the command."""
    world.launch("work")
    end = next(one for one in world.manager().releases() if one.release.name == "jupyterlab:4.6-py3.13")
    after = end.release.schedule.end_of_life + timedelta(days=3)
    world.store.debts.keep(world.engine.info().id, TODAY - timedelta(days=1), NOW)

    async def do(person: Person) -> None:
        await person.sees("0 overdue days", "0 people", "▁")
        await person.press("d", *str(after), "enter")
        await person.sees("3 overdue days", "1 person")
        assert "▁" not in person.text()
        await person.press("m")
        await person.sees("jupyterlab:4.6-py3.13", "3 days")
        await person.press("enter")
        await person.sees("its end of life was on", "pay it:")
        await person.press("y")
        assert person.app.clipboard == "solvent lifecycle impact jupyterlab:4.6-py3.13"

    with_app(world, do)


def test_what_cannot_be_read_leaves_the_line_and_comes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine goes away and comes back; no zero is shown for what is not known."""

    async def do(person: Person) -> None:
        await person.sees("0 overdue days")
        with monkeypatch.context() as patch:

            def away(_labels: dict[str, str]) -> None:
                raise Unreachable("the engine does not answer")

            patch.setattr(world.engine, "containers", away)
            await person.press("r")
            await person.sees("overdue days not known")
        await person.press("r")
        await person.sees("0 overdue days")

    with_app(world, do)
