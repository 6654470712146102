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
# Its connections are of the network, and end when these do.
NETWORKED = """
import socket
class Connection(Connection):
    def __init__(self, words):
        try:
            self.line = socket.create_connection((words["host"], int(words["port"])), 5)
        except OSError as error:
            raise OperationalError(str(error))
        self.line.setblocking(False)
        super().__init__(words)
    def close(self):
        super().close()
        self.line.close()
def connect(**words):
    entered(words)
    return Connection(words)
class Cursor(Cursor):
    def execute(self, statement, values=()):
        try:
            gone = self.connection.line.recv(1) == b""
        except BlockingIOError:
            gone = False
        except OSError:
            gone = True
        if gone:
            dead(self.connection)
        super().execute(statement, values)
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


def test_a_pool_that_lives_through_a_restart_passes(tmp_path: Path) -> None:
    """Its connections are cut, nobody listens for a while, and then somebody does again."""
    line = of_echo(tmp_path, DIALECT + SESSIONS + POOLED + NETWORKED, ["pools.restart"], scheme="stub")["pools.restart"]

    assert line["outcome"] == "pass", line


@pytest.mark.parametrize(
    ("wrong", "sign"),
    [
        ("\nDialect.is_disconnect = lambda *given: False\n", "OperationalError"),
        ("\ndef dead(connection):\n    pass\n", "Wrong away answers"),
        ("\ndef dead(connection):\n    time.sleep(60)\n", "Wrong a pool whose server is away slow"),
        ("\ndef dead(connection):\n    raise KeyError('line')\n", "KeyError"),
    ],
    ids=["not known", "not noticed", "waits", "another class"],
)
def test_a_pool_that_does_not_live_through_a_restart_fails(tmp_path: Path, wrong: str, sign: str) -> None:
    """It does not know a lost connection, does not notice one, waits for ever, or raises what is no driver's error."""
    code = DIALECT + SESSIONS + POOLED + NETWORKED + wrong
    line = of_echo(tmp_path, code, ["pools.restart"], scheme="stub")["pools.restart"]

    assert line["outcome"] == "fail", line
    assert sign in line["signature"], line
