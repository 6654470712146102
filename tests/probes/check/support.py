"""Drivers that are made up, and what the probes say of them: each does one thing wrong, or nothing.

``LITE`` is SQLite under the name of a driver, so everything that SQL does can be asked of it. ``ECHO`` is a driver of a
server that keeps what it is given: its tables have one column ``v``. What a test adds to either changes what it does.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.app.checking.probes import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = Path(__file__).parents[3] / "manager/probes/check/run.py"
# What a sandbox tells its Python.
FLAGS = COMMAND[:-1]
PASSWORD = "pa55 word/of&the=tests"

LITE = """
import sqlite3
from sqlite3 import *
from sqlite3 import paramstyle

class Cursor(sqlite3.Cursor):
    pass

class Connection(sqlite3.Connection):
    def cursor(self, factory=None):
        return super().cursor(Cursor)

def connect(database, **more):
    return sqlite3.connect(database, factory=Connection, **more)
"""

# Added to LITE, it takes the types of an engine that has decimals.
DECIMALS = "\nimport decimal\nsqlite3.register_adapter(decimal.Decimal, str)\n"

ECHO = """
import datetime, re

paramstyle = "format"
PASSWORD = "pa55 word/of&the=tests"
TABLES = {}
# What a statement answers: a row, or what makes one of the keywords of the connection.
SAID = {"select 1": (1,)}

class Error(Exception): pass
class InterfaceError(Error): pass
class DatabaseError(Error): pass
class OperationalError(DatabaseError): pass
class ProgrammingError(DatabaseError): pass
class DataError(DatabaseError): pass

def sent(value):
    "What becomes of a value on the way there."
    return value

def given(value):
    "What becomes of a value on the way back."
    return value

def instant(value):
    zone, microsecond = datetime.timezone.utc, datetime.timedelta(microseconds=1)
    zoned = value if value.tzinfo else value.replace(tzinfo=zone)
    return round((zoned - datetime.datetime(1970, 1, 1, tzinfo=zone)) / microsecond)

def entered(words):
    "Let somebody in, or raise."
    if words.get("password") != PASSWORD:
        raise OperationalError("no such user, or a wrong password")

KNOWN = {"host", "port", "database", "dbname", "user", "password", "connect_timeout", "connection_timeout", "sslmode",
    "sslrootcert", "ssl", "ssl_ca", "ssl_verify_cert", "ssl_verify_identity", "ssl_disabled"}

class Cursor:
    def __init__(self, connection):
        self.connection, self.rows, self.description = connection, [], None
    def execute(self, statement, values=()):
        for word, kind in (("create table", list), ("drop table", None), ("delete from", list)):
            if statement.startswith(word):
                name = statement[len(word):].replace("if exists", "").split()[0]
                TABLES[name] = []
                return
        if found := re.match(r"insert into (\\S+) \\(v\\) values", statement):
            TABLES[found[1]].append(sent(values[0]))
        elif statement in SAID:
            row = SAID[statement]
            self.rows = [row(self.connection.words) if callable(row) else row]
        elif found := re.match(r"select (.*) from (\\S+)$", statement):
            rows = TABLES[found[2]]
            self.rows = [(given(one),) if found[1] == "v" else (instant(one),) for one in rows]
        elif not statement.startswith(("create", "drop", "set")):
            raise ProgrammingError(f"not a statement of these tests: {statement}")
    def fetchone(self):
        return self.rows.pop(0) if self.rows else None
    def fetchall(self):
        rows, self.rows = self.rows, []
        return rows
    def close(self):
        pass

class Connection:
    autocommit = False
    def __init__(self, words):
        self.words = words
    def cursor(self):
        return Cursor(self)
    def commit(self):
        pass
    def rollback(self):
        pass
    def close(self):
        pass

def connect(**words):
    for name in words:
        if name not in KNOWN:
            raise ProgrammingError(f"invalid connection option {name!r}")
    entered(words)
    return Connection(words)
"""


@contextmanager
def listening() -> Iterator[int]:
    """Give a port at which something answers, as a source's does."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def asked(
    folder: Path, driver: str, code: str, probes: list[str], source: dict[str, Any], **more: Any
) -> dict[str, dict[str, Any]]:
    """Put a driver of this code into a folder, ask probes of it against a source, and give their last lines by id.

    ``driver`` is the module's name, which says how it is connected to; ``more`` goes into the request.
    """
    lines = printed(folder, driver, code, probes, source, **more)
    assert lines[-1] == {"nonce": "n", "done": True}, lines[-1]
    return {line["probe"]: line for line in lines if "probe" in line}


def printed(
    folder: Path, driver: str, code: str, probes: list[str], source: dict[str, Any], **more: Any
) -> list[dict[str, Any]]:
    """Do as :func:`asked`, and give all lines, of which the last one need not be that it is done."""
    (folder / f"{driver}.py").write_text(code, encoding="utf-8")
    request = {
        "nonce": "n", "import_name": driver, "distribution": driver, "version": "1", "scheme": "", "source": source,
        "probes": probes, "attempts": 1, "seconds": 60, "path": [str(folder)], **more,
    }  # fmt: skip
    done = subprocess.run(
        (sys.executable, *FLAGS, str(RUN)), input=json.dumps(request), capture_output=True, text=True, timeout=90,
        check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines, done.stderr
    return lines


def of_lite(folder: Path, wrong: str, probes: list[str], **more: Any) -> dict[str, dict[str, Any]]:
    """Ask of SQLite under the name ``pysqlite3``, changed by code; give the lines by id."""
    source = {"engine": "sqlite", "version": "", "embedded": True, "database": ":memory:"}
    source["capabilities"] = ["fresh-database"]
    return asked(folder, "pysqlite3", LITE + wrong, probes, source, **more)


def of_echo(
    folder: Path, wrong: str, probes: list[str], *, driver: str = "psycopg", engine: str = "postgresql", **more: Any
) -> dict[str, dict[str, Any]]:
    """Ask of a made-up driver of a server, changed by code; give the lines by id."""
    with listening() as port:
        source = server(port, engine) | more.pop("source", {})
        return asked(folder, driver, ECHO + wrong, probes, source, **more)


def of_own(folder: Path, wrong: str, probes: list[str], *able: str, **source: Any) -> list[dict[str, Any]]:
    """Ask of a made-up driver of somebody's own server what is allowed there; give all lines."""
    with listening() as port:
        there = {**server(port, "postgresql"), "own": True, "capabilities": list(able), **source}
        return printed(folder, "psycopg", ECHO + wrong, probes, there)


def server(port: int, engine: str) -> dict[str, Any]:
    """Say of a server at a port of this machine what probes are told."""
    return {
        "engine": engine, "version": "", "host": "127.0.0.1", "port": port, "database": "sample", "user": "solvent",
        "password": PASSWORD, "capabilities": ["fresh-database", "may_kill"],
    }  # fmt: skip
