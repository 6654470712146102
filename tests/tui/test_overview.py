"""What an administrator reads on a Monday: what broke, what was promoted over night, and what waits."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from manager.core.night_notices import NightNotice
from manager.core.nightly import NightlyFinding
from manager.tui.timeline import timeline
from tests.app.conftest import TODAY
from tests.tui.support import SMALL, with_app

if TYPE_CHECKING:
    from tests.app.conftest import World
    from tests.tui.support import Person

FOUND = (
    NightlyFinding("promoted", "jupyterlab:4.5-py3.11", "psycopg 3.3.9", "solvent image build jupyterlab:4.5-py3.11"),
    NightlyFinding("promote", "jupyterlab:4.4-py3.11", "12 cells verified", "solvent connector promote postgresql"),
    NightlyFinding("regression", "psycopg in jupyterlab", "values.decimal failed", "solvent connector hold postgresql"),
)


def test_what_a_night_brought_is_told_by_its_kind_and_the_broken_first(world: World) -> None:
    """Each with the command that settles it; what was promoted is good news, and needs nobody."""
    owner = world.manager().settings.owner
    # What a team was told as well is said once.
    for notice in (NightNotice(owner, date(2026, 11, 20), FOUND), NightNotice("platform", date(2026, 11, 21), FOUND)):
        world.store.ledger.written[notice.id] = notice

    async def do(person: Person) -> None:
        await person.sees("✖ regression", "↑ promoted", "↑ waits")
        kinds = [row.cells[0].split()[1] for row in person.app.table.rows]
        assert kinds.index("regression") < kinds.index("waits")
        assert kinds.count("regression") == 1
        assert "values.decimal failed; the nightly of 2026-11-20 found it" in person.text()
        await person.press("f")
        await person.until(lambda: "↑ promoted" not in person.text())
        await person.sees("✖ regression", "↑ waits")

    with_app(world, do)


def test_the_timeline_begins_with_what_changes_soonest_and_counts_the_rest(world: World) -> None:
    """As many as there is room for; on a higher screen all."""
    views = world.manager().releases()

    few, all_ = (timeline(views, TODAY, 120, most) for most in (4, 40))

    names = [line.split()[0] for line in all_[1:]]
    assert names[:2] == ["jupyterlab:4.4-py3.11", "marimo:0.25-py3.13"]
    assert set(names) == {one.release.name for one in views}
    assert [line.split()[0] for line in few[1:4]] == names[:3]
    assert few[4:] == [f"{len(names) - 3} releases more, which change later: 2"]


def test_the_timeline_takes_what_room_there_is(world: World) -> None:
    """A terminal that becomes small shows fewer releases, and says so."""

    async def do(person: Person) -> None:
        await person.sees("jupyterlab:4.4-py3.11", "notebook:7.5-py3.13")
        assert "releases more" not in person.text()
        await person.pilot.resize_terminal(*SMALL)
        await person.sees("releases more, which change later: 2")

    with_app(world, do)
