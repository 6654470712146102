"""What was owed on each day, the same in memory and in a database."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.core.debt import Totals
from manager.errors import Unreachable
from manager.world.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.ports import Store

FIRST, SECOND, THIRD = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)
LITTLE, MUCH = Totals(0.25, 3, 1), Totals(7.41, 18, 5)


def test_days_come_back_in_their_order_each_engine_by_itself(store: Store) -> None:
    """With what nobody knew that day; days before and after are left out."""
    for engine, day, one in (("e", THIRD, MUCH), ("e", FIRST, LITTLE), ("e", SECOND, Totals()), ("f", SECOND, MUCH)):
        store.debts.keep(engine, day, one)

    found = store.debts.days("e", FIRST, SECOND)

    assert list(found.items()) == [(FIRST, LITTLE), (SECOND, Totals())]
    assert store.debts.days("f", FIRST, THIRD) == {SECOND: MUCH}
    assert store.debts.days("g", FIRST, THIRD) == {}


def test_the_last_one_of_a_day_counts(store: Store) -> None:
    """A second nightly of a day has seen more."""
    store.debts.keep("e", FIRST, LITTLE)
    store.debts.keep("e", FIRST, MUCH)

    assert store.debts.days("e", FIRST, FIRST) == {FIRST: MUCH}


def test_what_cannot_be_read_is_said_with_its_day(tmp_path: Path) -> None:
    """Somebody else wrote there."""
    database = open_store(f"sqlite:///{tmp_path}/state.db")
    database.debts.keep("e", FIRST, LITTLE)
    database._session.write(lambda do: do.run('UPDATE "debts" SET "totals" = :text', text="{"))  # type: ignore[attr-defined]

    with pytest.raises(Unreachable, match="what was owed on 2026-11-01 cannot be read"):
        database.debts.days("e", FIRST, FIRST)
    database.close()
