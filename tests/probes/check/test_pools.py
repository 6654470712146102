"""A pool that loses answers, keeps sessions, or does not know a lost connection when it sees one: each is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo
from tests.probes.check.test_alchemy import DIALECT
from tests.probes.check.test_limits import SESSIONS

if TYPE_CHECKING:
    from pathlib import Path

POOLED = """
Dialect.is_disconnect = lambda self, error, connection, cursor: "closed the connection" in str(error)
Dialect.do_ping = lambda self, connection: connection.cursor().execute("select 1") is None
class Cursor(Cursor):
    def execute(self, statement, values=()):
        super().execute(statement, tuple(values.values()) if isinstance(values, dict) else values)
        self.description = [("v", None, None, None, None, None, None)] if self.rows else None
"""
PROBES = ["pools.alchemy", "pools.pre-ping", "pools.disconnect"]


def test_a_dialect_that_knows_a_lost_connection_passes(tmp_path: Path) -> None:
    """All three."""
    lines = of_echo(tmp_path, DIALECT + SESSIONS + POOLED, PROBES, scheme="stub")

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(PROBES, "pass"), lines


WRONG = [
    ("pools.alchemy", "\ndef answer(number):\n    return number * number + (number == 777)\n", "Wrong answer"),
    ("pools.disconnect", "\nDialect.is_disconnect = lambda *given: False\n", "Wrong known as a lost connection bool"),
    ("pools.pre-ping", "\nDialect.is_disconnect = lambda *given: False\n", "OperationalError"),
    ("pools.pre-ping", "\ndef dead(connection):\n    LIVE[connection.id] = connection\n", "Wrong same session"),
]


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_pool_that_goes_wrong_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """With a signature that says what is wrong."""
    line = of_echo(tmp_path, DIALECT + SESSIONS + POOLED + wrong, [probe], scheme="stub")[probe]

    assert line["outcome"] == "fail", line
    assert sign in line["signature"], line
