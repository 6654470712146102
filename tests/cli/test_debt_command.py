"""``solvent debt``: what is owed, to whom it matters, and what pays it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.debt import Totals
from manager.core.locks import parse
from manager.errors import Unreachable
from tests.cli.conftest import REPOSITORY
from tests.fakes.clock import TODAY
from tests.fakes.indexes import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import World

OLD = "jupyterlab:4.4-py3.11"
AFTER = date(2027, 1, 13)
LOCK = Path(REPOSITORY) / "images/jupyterlab/locks/4.6-py3.13/kernel.lock"


@pytest.fixture
def behind(solvent: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world whose psycopg is a year old, and with an environment on a release that soon ends."""
    solvent.build(OLD)
    assert solvent("env", "launch", OLD, "--name", "old", "-q").code == 0
    pinned = next(pin.version for pin in parse(LOCK.read_text()) if pin.name == "psycopg")
    with serving() as index:
        index.python("psycopg", (pinned, "2025-11-21"), ("99.0", "2026-02-01"), ("99.1", "2026-11-20"))
        index.python("marimo", ("0.1", "2026-01-01"))
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.address}/simple")
        solvent("refresh", "marimo")
        yield solvent


def test_what_is_owed_has_its_amount_its_owners_and_the_way_to_pay(behind: World) -> None:
    """On a later day the release is owed as well; what nobody asked the index about is said to be unknown."""
    ran = behind("debt", "--as-of", AFTER.isoformat(), "-o", "json")

    release, driver = ran.json["items"]
    end = date.fromisoformat(release["since"])
    assert (release["kind"], release["subject"], release["principal"]) == ("release", OLD, (AFTER - end).days)
    assert (release["interest"], len(release["owners"])) == (1, 1)
    assert release["pay"].startswith("solvent env upgrade old --to jupyterlab:")
    assert (driver["kind"], driver["principal"], driver["since"]) == ("driver", 1.0, "2026-02-01")
    assert driver["pay"] == "solvent connector lock --upgrade postgresql"
    assert ran.json["totals"] == {"libyears": 1.0, "overdue_days": (AFTER - end).days, "people": 1}
    assert ran.json["as_of"] == AFTER.isoformat()
    (note,) = ran.json["notes"]
    assert note.startswith("the age of 16 drivers is not known (PyAthena, ")
    assert f"note: {note}" in ran.err


def test_the_table_names_them_and_a_gate_fails_while_anything_is_owed(behind: World) -> None:
    """Exit code 3 with ``--check``; 0 where nothing is known to be owed."""
    ran = behind("debt", "--check")

    assert ran.code == 3
    assert "owed   1.00 libyears, 0 overdue days, 0 people" in ran.out
    assert "solvent connector lock --upgrade postgresql" in ran.out
    assert behind("debt", "-q").out.startswith("psycopg ")
    assert behind("debt").code == 0


def test_nothing_is_owed_where_nothing_is(solvent: World) -> None:
    """What nobody knows is no zero."""
    ran = solvent("debt", "--check")

    assert ran.code == 0
    assert "libyears not known, 0 overdue days, 0 people" in ran.out


def test_earlier_days_are_those_that_a_nightly_kept(behind: World) -> None:
    """Of this engine, of the last 90 days; today is no earlier day."""
    engine = behind.engine.info().id
    days = {before: TODAY - timedelta(days=before) for before in (0, 1, 90, 91)}
    for before, day in days.items():
        behind.store.debts.keep(engine, day, Totals(before, 1, 1))
    behind.store.debts.keep("another", days[1], Totals(99.0, 9, 9))

    found = behind("debt", "-o", "json").json["trend"]

    assert [(one["day"], one["libyears"]) for one in found] == [(str(days[90]), 90), (str(days[1]), 1)]


def test_an_engine_that_is_away_is_a_note_and_no_zero(behind: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drivers are in files; who has what is only on the engine."""

    def away(_labels: dict[str, str]) -> None:
        raise Unreachable("the engine does not answer")

    monkeypatch.setattr(behind.engine, "containers", away)
    ran = behind("debt", "-o", "json")

    assert ran.json["totals"] == {"libyears": 1.0, "overdue_days": None, "people": None}
    assert "who has what is not known: the engine does not answer" in ran.json["notes"]
