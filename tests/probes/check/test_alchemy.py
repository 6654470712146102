"""What SQLAlchemy makes of a driver: arguments that change, values that change, blocks that are not rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo, of_lite

if TYPE_CHECKING:
    from pathlib import Path

# A dialect of its own for the made-up driver of a server.
DIALECT = """
import sys
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect

class Dialect(DefaultDialect):
    name = "stub"
    supports_statement_cache = True
    default_paramstyle = "format"
    @classmethod
    def import_dbapi(cls):
        return sys.modules[__name__]
    def create_connect_args(self, url):
        return [], told(url.translate_connect_args(username="user") | url.query)

def told(words):
    "What becomes of the arguments."
    return dict(words)

registry.register("stub", __name__, "Dialect")
KNOWN |= {"port", "application_name", "options"}
SAID["select rolsuper or rolcreaterole from pg_roles where rolname = current_user"] = (True,)
SAID["select current_user"] = lambda words: (words["user"],)
SAID["select pg_catalog.version()"] = ("",)

MADE = [PASSWORD]
def entered(words):
    if words["password"] not in MADE:
        raise OperationalError("wrong password")
class Cursor(Cursor):
    rowcount = -1
    def execute(self, statement, values=()):
        if statement.startswith("create role"):
            MADE.append(statement.partition(" password '")[2][:-1].replace("''", "'"))
        super().execute(statement, values)
        self.description = [("v", None, None, None, None, None, None)] if self.rows else None
"""

BY_FILE = ["alchemy.select", "alchemy.numbers", "alchemy.texts", "alchemy.times", "alchemy.json", "alchemy.uuid",
    "alchemy.keys", "alchemy.rollback", "alchemy.arguments"]  # fmt: skip
BY_SERVER = ["alchemy.select", "alchemy.arguments", "alchemy.awkward-login", "alchemy.unicode-login"]


def test_sqlite_by_another_name_passes(tmp_path: Path) -> None:
    """Everything that a dialect of an engine in the process is asked; decimals are not for it."""
    lines = of_lite(tmp_path, "", [*BY_FILE, "alchemy.decimal", "alchemy.awkward-login"], scheme="sqlite")

    ends = {name: line["outcome"] for name, line in lines.items()}
    unsupported = dict.fromkeys(["alchemy.decimal", "alchemy.awkward-login"], "unsupported")
    assert ends == dict.fromkeys(BY_FILE, "pass") | unsupported


def test_a_dialect_of_a_server_passes(tmp_path: Path) -> None:
    """Arguments, and users that are made for it."""
    lines = of_echo(tmp_path, DIALECT, BY_SERVER, scheme="stub")

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(BY_SERVER, "pass"), lines


def sent(code: str) -> str:
    """Change what goes to the server: ``given`` maps a value, ``said`` a statement."""
    head = "given = lambda value: value\nsaid = lambda statement: statement\n"
    return f"""
{head}{code}
class Cursor(sqlite3.Cursor):
    def execute(self, statement, values=()):
        return super().execute(said(statement), [given(one) for one in values])
    def executemany(self, statement, rows):
        return super().executemany(said(statement), [[given(one) for one in row] for row in rows])
"""


WRONG = [
    ("alchemy.select", sent("said = lambda text: text.replace('select 1', 'select 2')"), "Wrong select 1 int"),
    ("alchemy.numbers", sent("given = lambda value: 7 if value == -2**63 else value"), "Wrong big"),
    ("alchemy.numbers", sent("given = lambda value: 0 if value is None else value"), "Wrong small whole"),
    ("alchemy.texts", sent("given = lambda value: value[:99] if isinstance(value, str) else value"), "Wrong long"),
    ("alchemy.texts", sent("given = lambda value: None if value == '' else value"), "Wrong empty"),
    ("alchemy.texts", sent("given = lambda v: v[:1] if isinstance(v, (bytes, memoryview)) else v"), "Wrong raw"),
    ("alchemy.times", sent("given = lambda v: v.replace('.123456', '') if isinstance(v, str) else v"), "Wrong stamp"),
    ("alchemy.json", sent("given = lambda v: v.replace('2.5', '2') if isinstance(v, str) else v"), "Wrong document"),
    ("alchemy.uuid", sent("given = lambda v: v.replace('5', '6') if isinstance(v, str) else v"), "Wrong identity"),
    ("alchemy.keys", "\nclass Cursor(sqlite3.Cursor):\n    lastrowid = 7\n", "Wrong rows list"),
    ("alchemy.rollback", "\nclass Connection(Connection):\n    def rollback(self):\n        pass\n", "Wrong rows list"),
]


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_driver_that_changes_something_below_sqlalchemy_fails(
    tmp_path: Path, probe: str, wrong: str, sign: str
) -> None:
    """The failure names what changed."""
    line = of_lite(tmp_path, wrong, [probe], scheme="sqlite")[probe]

    assert line["outcome"] == "fail", line
    assert line["signature"].startswith(sign)


LOSES = [
    ("alchemy.arguments", 'words["password"].replace("%", "")', "password", "Wrong password made of its parts"),
    ("alchemy.arguments", '"x"', "application_name", "Wrong application_name made of its parts"),
    ("alchemy.arguments", 'words["database"].split("?")[0]', "database", "Wrong database made of its parts"),
    ("alchemy.awkward-login", 'words["password"].replace("+", " ")', "password", "OperationalError"),
    ("alchemy.awkward-login", '"somebody"', "user", "Wrong user str"),
    ("alchemy.unicode-login", 'words["password"].encode("ascii")', "password", "UnicodeEncodeError"),
]


@pytest.mark.parametrize(("probe", "value", "name", "sign"), LOSES)
def test_a_dialect_that_loses_characters_fails(tmp_path: Path, probe: str, value: str, name: str, sign: str) -> None:
    """A parameter that does not reach the driver as it was given."""
    loses = f"{DIALECT}\ntold = lambda words: words | {{{name!r}: {value}}}\n"

    line = of_echo(tmp_path, loses, [probe], scheme="stub")[probe]

    assert line["outcome"] == "fail", line
    assert line["signature"].startswith(sign)
