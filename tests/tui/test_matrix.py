"""What changed between the last pass and the first failure: in the matrix' detail, and by the command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from manager.app.checking.sets import CandidateSet, shipped
from manager.cli.main import run
from manager.core.checks import Answer, Cell, Checked
from tests.app.conftest import RELEASE
from tests.tui.support import with_app

if TYPE_CHECKING:
    import pytest

    from tests.app.conftest import World
    from tests.tui.support import Person

BEGUN = datetime(2026, 11, 19, 3, tzinfo=UTC)
FAILED = Answer("values.decimal", "fail", "Decimal became float")


def _broken(world: World) -> None:
    """Have psycopg pass with an older driver and another build, and fail with the set that the release has."""
    manager = world.manager()
    now = shipped(manager.catalog.release(RELEASE, manager.today))
    older = CandidateSet(RELEASE, re.sub(r"(?m)^psycopg==\S+", "psycopg==3.2.13", now.text))
    cell = Cell(
        RELEASE, "postgresql", "psycopg", "3.3.9", "postgresql-17", "real", now.set_hash, "t", "sha256:" + "2" * 64
    )
    green = replace(cell, version="3.2.13", set_hash=older.set_hash, image="sha256:" + "1" * 64)
    checks = world.store.checks
    passed = replace(FAILED, outcome="pass", reason="")
    found = ((green, "verified", passed), (cell, "blocked", FAILED), (cell, "blocked", FAILED))
    for day, (one, verdict, answer) in enumerate(found):
        at = BEGUN + timedelta(days=day)
        checks.begin(f"r{day}", at, "nightly", "everything")
        checks.keep(f"r{day}", Checked(one, one.key("p"), verdict, "so", (answer,), at))  # type: ignore[arg-type]
    checks.keep_set(older.set_hash, RELEASE, older.text, BEGUN)
    checks.keep_set(now.set_hash, RELEASE, now.text, BEGUN)


def test_the_detail_of_a_blocked_mark_says_what_changed_since_it_passed(world: World) -> None:
    """Distribution, build, and the probe that fails; of what passes nothing is said."""
    _broken(world)

    async def do(person: Person) -> None:
        await person.press("3", "m")
        await person.sees("AGAINST", "blocked since 2026-11-20")
        await person.press("slash", *"psycopg postgresql-17", "enter", "enter")
        await person.sees(
            "it passed last on 2026-11-19 (r0), and failed", "psycopg  3.2.13 -> 3.3.9", "111111111111 ->"
        )
        await person.sees("values.decimal  Decimal became float")

    with_app(world, do)


def test_the_command_says_the_same(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON and in words; without ``--why`` the document is what it was."""
    _broken(world)

    def said(*words: str) -> str:
        assert run(["connector", "matrix", *words], lambda *_words: world.manager()) == 0
        return capsys.readouterr().out

    (found,) = json.loads(said("--why", "-o", "json"))["turns"]
    assert (found["passed"]["run"], found["failed"]["run"]) == ("r0", "r1")
    assert {"kind": "distribution", "name": "psycopg", "before": "3.2.13", "after": "3.3.9"} in found["changes"]
    assert [(one["probe"], one["before"]) for one in found["worse"]] == [("values.decimal", "pass")]
    assert "turns" not in json.loads(said("-o", "json"))
    assert "  it passed last on 2026-11-19 (r0), and failed first on 2026-11-20 (r1)" in said("--why")
    assert "passed last" not in said("--why", "-o", "name")
