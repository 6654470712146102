"""A driver that shows, logs, sends on or writes down its password is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo
from tests.probes.check.test_alchemy import DIALECT

if TYPE_CHECKING:
    from pathlib import Path

# A server that knows its sessions and refuses a table that is not there; a driver that logs, but not secrets.
SERVER = """
import logging, os, tempfile
LOG = logging.getLogger("psycopg")
SESSIONS = "select pid::text, usename::text, application_name, query from pg_stat_activity where query is not null"
SAID[SESSIONS] = ("1", "solvent", "", "select 1")
class Connection(Connection):
    dsn = "host=db password=xxx"

def connect(**words):
    LOG.debug("connecting to %s", words["host"])
    shown(words)
    try:
        entered(words)
    except OperationalError as error:
        raise refused(error, words)
    made = Connection(words)
    made.dsn = dsn(words)
    return made

class Cursor(Cursor):
    def execute(self, statement, values=()):
        if "nowhere" in statement:
            raise ProgrammingError("there is no such table")
        super().execute(statement, values)

def refused(error, words):
    return error
def shown(words):
    pass
def dsn(words):
    return "host=db password=xxx"
"""


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver's own file has the password, and lies elsewhere."""
    (tmp_path / "temporary").mkdir()
    for name in ("HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path / "temporary"))


PROBES = ["hygiene.connection", "hygiene.errors", "hygiene.engine", "hygiene.logs", "hygiene.sessions", "hygiene.files"]


def test_a_driver_that_keeps_the_password_to_itself_passes(tmp_path: Path) -> None:
    """Nothing is found where nothing is."""
    lines = of_echo(tmp_path, DIALECT + SERVER, PROBES, scheme="stub")

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(PROBES, "pass"), lines


def test_without_a_password_nothing_could_be_found(tmp_path: Path) -> None:
    """A short one stands anywhere: that is no pass."""
    lines = of_echo(tmp_path, f"{SERVER}\nPASSWORD = 'pw'\n", ["hygiene.connection"], source={"password": "pw"})

    assert lines["hygiene.connection"]["outcome"] == "not_run"


SHOWN = "def __repr__(self):\n        return f'<connection {self.words}>'"
CHAINED = """
def refused(error, words):
    error.__cause__ = ValueError(f"no {words['password']}")
    return error
"""
WROTE = """
def shown(words):
    with open(f"{tempfile.gettempdir()}/{os.getpid()}-check.log", "w") as file:
        file.write(words["password"])
"""
LOGGED = "\ndef shown(words):\n    LOG.debug('connecting with %s', words)\n"
WARNED = "\nimport warnings\ndef shown(words):\n    warnings.warn(f'odd: {words}')\n"
QUOTED = "from urllib.parse import quote\ndef dsn(words):\n    return 'url://u:' + quote(words['password'], safe='')\n"
LEAKS = [
    ("hygiene.connection", f"\nclass Connection(Connection):\n    {SHOWN}\n", "repr of the connection"),
    ("hygiene.connection", "\ndef dsn(words):\n    return f\"password={words['password']}\"\n", "connection.dsn"),
    ("hygiene.connection", QUOTED, "connection.dsn"),
    ("hygiene.errors", "\ndef refused(error, words):\n    return OperationalError(f'refused: {words}')\n", "an error"),
    ("hygiene.errors", CHAINED, "an error"),
    ("hygiene.engine", "\ndef refused(error, words):\n    return OperationalError(f'refused: {words}')\n", "an error"),
    ("hygiene.logs", LOGGED, "the log"),
    ("hygiene.logs", WARNED, "the log"),
    ("hygiene.sessions", "\nSAID[SESSIONS] = lambda words: ('1', 'solvent', str(words), '')\n", "the server's list"),
    ("hygiene.files", WROTE, ".log"),
]


@pytest.mark.parametrize(("probe", "wrong", "where"), LEAKS)
def test_a_password_that_is_shown_fails(tmp_path: Path, probe: str, wrong: str, where: str) -> None:
    """The failure says where it stands, and not what it is."""
    line = of_echo(tmp_path, DIALECT + SERVER + wrong, [probe], scheme="stub")[probe]

    assert line["outcome"] == "fail", line
    assert line["signature"].startswith(f"Wrong password in {where}")
    assert "pa55" not in str(line)


def test_a_server_that_lists_nothing_proves_nothing(tmp_path: Path) -> None:
    """This session at least has to be there."""
    empty = "\nclass Cursor(Cursor):\n    def fetchall(self):\n        return []\n"

    line = of_echo(tmp_path, SERVER + empty, ["hygiene.sessions"])["hygiene.sessions"]

    assert (line["outcome"], line["signature"]) == ("fail", "Wrong no session")
