"""Connecting: a driver that hides a parameter, a password, a class of errors or a timeout is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import PASSWORD, listening, of_echo, of_lite, of_own

if TYPE_CHECKING:
    from pathlib import Path

# A driver that does as it should where a server cannot be reached: what it is asked for is a port of this machine.
SOUND = """
import socket
USERS = {}

def entered(words):
    timeout = words.get("connect_timeout")
    try:
        with socket.create_connection((words["host"], words["port"]), timeout) as there:
            if timeout:
                # A server that is one says hello; those of these tests only do so to whoever does not ask for a time.
                there.recv(1)
    except OSError as error:
        raise OperationalError(f"could not connect: {error}") from error
    if words["user"] in USERS:
        if words["password"] != USERS[words["user"]]:
            raise OperationalError("wrong password")
    elif words.get("password") != PASSWORD:
        raise OperationalError("no such user, or a wrong password")

SAID["select current_database()"] = lambda words: (words["dbname"],)
SAID["select current_user"] = lambda words: (words["user"],)
SAID["select rolsuper or rolcreaterole from pg_roles where rolname = current_user"] = (True,)
plain = Cursor.execute

def execute(self, statement, values=()):
    if statement.startswith("create role"):
        name, password = re.fullmatch(r'create role "(.*)" login password \\'(.*)\\'', statement).groups()
        USERS[name.replace('""', '"')] = password.replace("''", "'")
    else:
        plain(self, statement, values)

Cursor.execute = execute
"""
_FREE = "connect.unknown-parameter"
_FOREVER = """
sound = entered
def entered(words):
    if words.get("connect_timeout"):
        socket.create_connection((words["host"], words["port"])).recv(1)
    sound(words)
"""
_OTHER = """
sound = entered
def entered(words):
    try:
        sound(words)
    except OperationalError as error:
        raise DatabaseError("no") from error
"""
_QUOTING = """
sound = entered
def entered(words):
    sound({**words, "password": words["password"].replace("%", "")})
"""
_ASCII = """
sound = entered
def entered(words):
    words["password"].encode("latin-1")
    sound(words)
"""
WRONG = [
    ("connect.select", "SAID['select 1'] = (2,)", ""),
    ("connect.place", "Connection.commit = lambda self: TABLES.clear()", ""),
    ("connect.unknown-parameter", "KNOWN = type('All', (), {'__contains__': lambda *_: True})()",
     "Wrong unknown parameter ignored"),
    ("connect.unknown-parameter", "KNOWN.discard('no_such')\nProgrammingError = type('E', (Error,), "
     "{'__init__': lambda self, text: Error.__init__(self, 'no')})", "Wrong unknown parameter unnamed"),
    ("connect.wrong-password", "def entered(words):\n    if words['password'] != PASSWORD:\n"
     "        raise OperationalError(f'not with {words}')", "Wrong wrong password shown"),
    ("connect.wrong-password", "def entered(words):\n    if words['password'] != PASSWORD:\n"
     "        raise OperationalError('42601', 'no')", "Wrong wrong password code"),
    ("connect.wrong-password", "def entered(words):\n    if words['password'] != PASSWORD:\n"
     "        raise ValueError('no')", "Wrong wrong password ValueError"),
    ("connect.login-class", "def entered(words):\n    if words['password'] != PASSWORD:\n"
     "        raise ProgrammingError('no')", "Wrong wrong password ProgrammingError"),
    ("connect.unreachable-class", _OTHER, "Wrong refused port DatabaseError"),
    ("connect.refused-port", "def entered(words):\n    pass", "Wrong refused port nothing"),
    ("connect.refused-port", "def entered(words):\n    socket.create_connection((words['host'], words['port']))",
     "Wrong refused port ConnectionRefusedError"),
    ("connect.unknown-host", "def entered(words):\n    pass", "Wrong unknown host nothing"),
    ("connect.silent-server", _FOREVER, "Wrong silent server slow"),
    ("connect.black-hole", _FOREVER, "Wrong black hole slow"),
    ("connect.awkward-database", "SAID['select current_database()'] = lambda words: (words['dbname'][:16],)",
     "Wrong database str"),
    ("connect.awkward-user", _QUOTING, ""),
    ("connect.unicode-password", _ASCII, ""),
]  # fmt: skip
_RIGHT = sorted({probe for probe, _, _ in WRONG})


def test_a_sound_driver_passes(tmp_path: Path) -> None:
    """Every question that a driver is found wrong with below is passed by one that is right."""
    lines = of_echo(tmp_path, SOUND, _RIGHT)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(_RIGHT, "pass"), lines
    assert lines[_FREE]["measures"] == {"rejected": 1}


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_driver_that_connects_wrongly_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """A failure, with the signature where the probe gives one, and without the password."""
    line = of_echo(tmp_path, SOUND + wrong, [probe])[probe]

    assert line["outcome"] == "fail", line
    assert sign in ("", line["signature"])
    assert PASSWORD not in str(line)


def test_a_parameter_that_is_warned_of_is_enough(tmp_path: Path) -> None:
    """It connects, and says by name what it does not know."""
    warns = """
import warnings
strict = connect
def connect(**words):
    if words.pop("no_such_parameter", None):
        warnings.warn("no_such_parameter is not known")
    return strict(**words)
"""

    line = of_echo(tmp_path, warns, [_FREE])[_FREE]

    assert (line["outcome"], line["measures"]) == ("pass", {"warned": 1})


def test_a_server_that_takes_any_password_is_no_fault_of_the_driver(tmp_path: Path) -> None:
    """It could not be told what the driver makes of a wrong one."""
    probes = ["connect.login-class", "connect.wrong-password"]

    lines = of_echo(tmp_path, "entered = lambda words: None", probes)

    assert {line["outcome"] for line in lines.values()} == {"error"}


def test_a_user_that_may_not_be_made_is_not_supported(tmp_path: Path) -> None:
    """It is the source's limit and says nothing of the driver."""
    refusing = "SAID['select rolsuper or rolcreaterole from pg_roles where rolname = current_user'] = (False,)"
    probe = "connect.awkward-user"

    line = of_echo(tmp_path, SOUND + refusing, [probe])[probe]

    assert (line["outcome"], line["reason"]) == ("unsupported", "the source lets no user be made")


def test_a_file_with_an_awkward_name_is_a_database_too(tmp_path: Path) -> None:
    """SQLite keeps it; a driver that cuts the name off after a blank opens another one."""
    probe = "connect.awkward-database"
    memory = """
sound = connect
def connect(database, **more):
    return sound(":memory:" if "'" in database else database, **more)
"""

    right, wrong = of_lite(tmp_path, "", [probe])[probe], of_lite(tmp_path, memory, [probe])[probe]

    assert (right["outcome"], wrong["outcome"]) == ("pass", "fail")


def test_a_port_that_the_catalog_has_as_text_reaches_the_driver_as_a_number(tmp_path: Path) -> None:
    """As PyMySQL wants it; what is our own mistake is no failure of a driver."""
    picky = """
def entered(words):
    if type(words["port"]) is not int:
        raise ValueError("port should be of type int")
"""

    for wrong, outcome in ((picky, "pass"), (picky.replace("int:", "str:"), "fail")):
        with listening() as port:
            lines = of_echo(tmp_path, wrong, ["connect.select"], source={"port": str(port)})

        assert lines["connect.select"]["outcome"] == outcome


_BARRED = """
free = Cursor.execute
def execute(self, statement, values=()):
    if statement.startswith("create {}"):
        raise ProgrammingError("permission denied")
    free(self, statement, values)
Cursor.execute = execute
"""


@pytest.mark.parametrize(
    ("able", "barred", "why"),
    [
        (("fresh-database", "may_kill"), "database", "(fresh-database, may_kill): ProgrammingError: permission denied"),
        (("schema-only",), "table", "(schema-only): ProgrammingError: permission denied"),
    ],
)
def test_an_own_source_that_allows_less_than_is_said_is_not_asked(
    tmp_path: Path, able: tuple[str, ...], barred: str, why: str
) -> None:
    """Each probe would fail alike, which says nothing of the driver; what needs no place of its own is asked there."""
    barring, probes = _BARRED.replace("{}", barred), ["values.", "connect.select"]

    (said,) = of_own(tmp_path, barring, probes, *able)
    read = of_own(tmp_path, barring, probes, "read-only")

    assert said == {"nonce": "n", "absent": f"no table can be made there {why}"}
    assert read[-1] == {"nonce": "n", "done": True}
    assert {line["outcome"] for line in read if line.get("probe") == "connect.select"} == {"pass"}
    assert "fail" not in {line.get("outcome") for line in read}


def test_an_own_source_is_asked_where_a_table_can_be_made(tmp_path: Path) -> None:
    """The control: a role that is let do what is said; a driver that fails there has failed."""
    lines = of_own(tmp_path, "given = lambda value: 7", ["values.bytes"], "schema-only")

    assert {line["outcome"] for line in lines if line.get("probe") == "values.bytes"} == {"fail"}


def test_an_own_source_that_gives_no_answer_is_not_asked(tmp_path: Path) -> None:
    """Nothing is listed, and nothing has failed."""
    (said,) = of_own(tmp_path, "SAID['select 1'] = (2,)", ["values."], "read-only")

    assert said["absent"].startswith("it cannot be asked anything: ")
