"""What an administrator reads on a Monday: what broke, what was promoted over night, and what waits."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from manager.core.night_notices import NightNotice
from manager.core.nightly import NightlyFinding
from tests.tui.support import with_app

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
    notice = NightNotice(owner, date(2026, 11, 20), FOUND)
    world.store.ledger.written[notice.id] = notice

    async def do(person: Person) -> None:
        await person.sees("✖ regression", "↑ promoted", "↑ waits")
        kinds = [row.cells[0].split()[1] for row in person.app.table.rows]
        assert kinds.index("regression") < kinds.index("waits")
        assert "values.decimal failed; the nightly of 2026-11-20 found it" in person.text()
        await person.press("f")
        await person.until(lambda: "↑ promoted" not in person.text())
        await person.sees("✖ regression", "↑ waits")

    with_app(world, do)
