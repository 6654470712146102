"""A driver that waits for ever, that answers out of a dead session, or that leaves one behind: each is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo, of_lite

if TYPE_CHECKING:
    from pathlib import Path

# A server with sessions, which are killed, cancelled, and told to take no longer than a time.
SESSIONS = """
import itertools, threading, time
IDS, LIVE = itertools.count(100), {}
LIMITS = True
class Connection(Connection):
    closed, limit = False, 60
    def __init__(self, words):
        super().__init__(words)
        self.id, self.halt = next(IDS), None
        self.wake = threading.Event()
        LIVE[self.id] = self
    def cancel(self):
        self.halt = coded("57014")
        self.wake.set()
    def close(self):
        LIVE.pop(self.id, None)
        self.closed = True
def coded(code, kind=OperationalError):
    error = kind(code)
    error.sqlstate = code
    return error
def dead(connection):
    "What a driver does that finds its session dead."
    connection.closed = True
    raise OperationalError("the server closed the connection")
def answer(number):
    return number * number
class Cursor(Cursor):
    def execute(self, statement, values=()):
        me = self.connection
        if me.id not in LIVE:
            dead(me)
        if statement == "select pg_backend_pid()":
            self.rows = [(me.id,)]
        elif statement.startswith("select pg_terminate_backend"):
            victim = LIVE.pop(int(statement.strip(")").split("(")[1]), None)
            if victim:
                victim.wake.set()
        elif statement == "select pid from pg_stat_activity":
            self.rows = [(one,) for one in LIVE]
        elif statement.startswith("set statement_timeout"):
            me.limit = 0.7
        elif statement.startswith("select pg_sleep"):
            woken = me.wake.wait(me.limit)
            if me.id not in LIVE:
                dead(me)
            raise me.halt or coded("57014")
        elif statement.startswith("insert into"):
            pass
        elif " where id = " in statement:
            self.rows = [(answer(values[0]),)]
        else:
            super().execute(statement, values)
def connect(**words):
    entered(words)
    return Connection(words)
"""
LIMITS = [
    "limits.statement-timeout",
    "limits.cancel",
    "limits.killed",
    "limits.killed-meanwhile",
    "limits.known-closed",
]


def test_a_driver_that_keeps_to_limits_passes(tmp_path: Path) -> None:
    """Of a server, and of an engine in the process, whose queries are cancelled as well."""
    lines = of_echo(tmp_path, SESSIONS, [*LIMITS, "limits.read-timeout", "pools.threads"])
    lite = of_lite(tmp_path, "", ["limits.cancel", "limits.killed", "pools.threads"])

    ends = {name: line["outcome"] for name, line in lines.items()}
    passed = dict.fromkeys([*LIMITS, "pools.threads"], "pass")
    assert ends == {**passed, "limits.read-timeout": "unsupported"}, lines
    assert {name: line["outcome"] for name, line in lite.items()} == {
        "limits.cancel": "pass",
        "limits.killed": "unsupported",
        "pools.threads": "pass",
    }


# One that goes on in a session that was killed.
GHOST = "\ndef dead(connection):\n    LIVE[connection.id] = connection\n"
# It waits for ever instead.
WAITS = "\ndef dead(connection):\n    threading.Event().wait()\n"
OTHER = "\ndef dead(connection):\n    raise ProgrammingError('gone')\n"
FORGETS = "\ndef dead(connection):\n    raise OperationalError('gone')\n"
DEAF = "\nclass Connection(Connection):\n    limit = property(lambda self: 60, lambda self, value: None)\n"
NO_CODE = "\ndef coded(code, kind=OperationalError):\n    return kind('timeout')\n"
OTHER_KIND = "\nmade = coded\ndef coded(code, kind=None):\n    return made(code, ProgrammingError)\n"
NOTHING = "\nclass Connection(Connection):\n    def cancel(self):\n        pass\n"
SHARES = """
ONE = []
def connect(**words):
    ONE or ONE.append(Connection(words))
    return ONE[0]
"""
WRONG = [
    ("limits.statement-timeout", DEAF, "Wrong it slow"),
    ("limits.statement-timeout", NO_CODE, "Wrong timeout no code"),
    ("limits.statement-timeout", OTHER_KIND, "Wrong timeout ProgrammingError"),
    ("limits.cancel", NOTHING, "Wrong cancelled Wrong"),
    ("limits.cancel", OTHER_KIND, "Wrong cancelled ProgrammingError"),
    ("limits.killed", GHOST, "Wrong killed nothing"),
    ("limits.killed", WAITS, "Wrong killed slow"),
    ("limits.killed", OTHER, "Wrong killed ProgrammingError"),
    ("limits.killed-meanwhile", OTHER, "Wrong killed ProgrammingError"),
    ("limits.killed-meanwhile", WAITS, "Wrong killed Wrong"),
    ("limits.known-closed", FORGETS, "Wrong known as closed bool"),
    ("limits.known-closed", GHOST, "Wrong again nothing"),
    ("pools.threads", "\ndef answer(number):\n    return number * number + (number == 777)\n", "Wrong answer"),
    ("pools.threads", "\nclass Connection(Connection):\n    def close(self):\n        pass\n", "Wrong sessions left"),
    ("pools.threads", SHARES, "Error"),
]  # fmt: skip


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_driver_that_keeps_to_no_limit_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """With a signature of its own, and never by the hard limit."""
    line = of_echo(tmp_path, SESSIONS + wrong, [probe])[probe]

    assert line["outcome"] == "fail", line
    assert sign in line["signature"], line


def test_a_driver_that_waits_too_long_for_an_answer_fails(tmp_path: Path) -> None:
    """A read timeout that comes late, or never, or as something else."""
    said = "SAID['select sleep(5)'] = lambda words: late()\nimport time\ndef late():\n    "
    ends = {
        "time.sleep(1); raise OperationalError('timed out')": ("pass", ""),
        "time.sleep(4.5); raise OperationalError('timed out')": ("fail", "Wrong read late"),
        "return (0,)": ("fail", "Wrong read nothing"),
        "raise ProgrammingError('timed out')": ("fail", "Wrong read ProgrammingError"),
    }
    wrong = "\nKNOWN.add('read_timeout')\n"
    for code, end in ends.items():
        lines = of_echo(tmp_path, wrong + said + code, ["limits.read-timeout"], driver="pymysql", engine="mysql")

        line = lines["limits.read-timeout"]
        assert (line["outcome"], line.get("signature", "")) == end, line
