"""Errors of the wrong class or with the wrong code, and what should be one and is none: each is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo, of_lite

if TYPE_CHECKING:
    from pathlib import Path

PROBES = [
    "errors.classes", "errors.unique", "errors.not-null", "errors.check", "errors.foreign-key", "errors.syntax",
    "errors.missing-table", "errors.missing-column", "errors.existing-table", "errors.afterwards", "errors.closed",
]  # fmt: skip
# What SQLite has no error for.
NONE = ["errors.division", "errors.range", "errors.length", "errors.deadlock"]


def test_a_driver_with_the_right_errors_passes(tmp_path: Path) -> None:
    """All that SQLite can tell."""
    lines = of_lite(tmp_path, "", [*PROBES, *NONE])

    ends = {name: line["outcome"] for name, line in lines.items()}
    assert ends == dict.fromkeys(PROBES, "pass") | dict.fromkeys(NONE, "unsupported"), lines


def as_other(other: str) -> str:
    """Raise each error as another one."""
    return f"""
class Cursor(sqlite3.Cursor):
    def execute(self, text, *values):
        try:
            return super().execute(text, *values)
        except sqlite3.Error as error:
            raise {other}
"""


SWALLOWS = as_other("error").replace("raise error", "return self")
FLAT = as_other("DatabaseError(str(error))")
CODE = (
    as_other("ChangedCode(error)")
    + """
def ChangedCode(error):
    error.sqlite_errorcode = 42
    return error
"""
)
CLOSED = """
class Connection(Connection):
    def close(self):
        pass
"""
# No cursor after the first one.
ONCE = """
class Connection(Connection):
    def cursor(self):
        made, self.cursor = Cursor(self), None
        return made
"""
WRONG = [
    ("errors.classes", "\nclass IntegrityError(Exception): pass\n", "Wrong IntegrityError"),
    ("errors.classes", "\nInterfaceError = None\n", "Wrong InterfaceError"),
    ("errors.afterwards", ONCE, "TypeError"),
    ("errors.closed", CLOSED, "Wrong closed connection nothing"),
]  # fmt: skip
MAPPED = [one for one in PROBES if one not in ("errors.classes", "errors.closed", "errors.afterwards")]


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_driver_with_wrong_errors_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """With a signature that says what is wrong."""
    line = of_lite(tmp_path, wrong, [probe])[probe]

    assert line["outcome"] == "fail", line
    assert line["signature"].startswith(sign), line


@pytest.mark.parametrize(
    ("wrong", "sign"),
    [(FLAT, "DatabaseError"), (SWALLOWS, "nothing"), (CODE, "code ['42']")],
    ids=["flat", "silent", "code"],
)
def test_each_error_is_told_by_its_class_and_code(tmp_path: Path, wrong: str, sign: str) -> None:
    """One class for all, none at all, and a code that means something else: every probe sees it."""
    lines = of_lite(tmp_path, wrong, MAPPED)

    assert {line["outcome"] for line in lines.values()} == {"fail"}, lines
    signs = {name: line["signature"] for name, line in lines.items()}
    assert signs == {name: f"Wrong {name.partition('.')[2]} {sign}" for name in MAPPED}


# A server's driver, whose statements fail as they are told to.
FAILING = """
IntegrityError = type("IntegrityError", (DatabaseError,), {})
CLASS, CODE = ProgrammingError, "42P01"
class Cursor(Cursor):
    def execute(self, statement, values=()):
        if "_missing" in statement:
            error = CLASS("no such table")
            error.sqlstate = CODE
            raise error
        super().execute(statement, values)
"""


@pytest.mark.parametrize(
    ("wrong", "outcome", "sign"),
    [
        ("", "pass", ""),
        ("CLASS = DatabaseError", "fail", "Wrong missing-table DatabaseError"),
        ("CODE = None", "fail", "Wrong missing-table no code"),
        ("CODE = '42601'", "fail", "Wrong missing-table code ['42601']"),
    ],
)
def test_a_code_of_a_server_counts(tmp_path: Path, wrong: str, outcome: str, sign: str) -> None:
    """A driver of a server that gives codes has to give the right one."""
    line = of_echo(tmp_path, FAILING + wrong, ["errors.missing-table"])["errors.missing-table"]

    assert (line["outcome"], line.get("signature", "")) == (outcome, sign), line


# Two sessions that wait for each other, as the driver of a server would tell.
LOCKING = """
import threading
ENDS = ["deadlock", None]
class Cursor(Cursor):
    def execute(self, statement, values=()):
        if statement.startswith(("update", "insert into")):
            if threading.current_thread() is threading.main_thread():
                return
            end = ENDS.pop()
            if end == "hang":
                threading.Event().wait()
            if end:
                error = (OperationalError if end == "deadlock" else ProgrammingError)(end)
                error.sqlstate = "40P01"
                raise error
            return
        super().execute(statement, values)
"""


@pytest.mark.parametrize(
    ("ends", "outcome", "sign"),
    [
        ("['deadlock', None]", "pass", ""),
        ("[None, None]", "fail", "Wrong deadlock 0"),
        ("['deadlock', 'deadlock']", "fail", "Wrong deadlock 2"),
        ("['other', None]", "fail", "Wrong deadlock ProgrammingError"),
        ("['hang', 'hang']", "fail", "Wrong deadlock hangs"),
    ],
)
def test_a_deadlock_has_one_victim(tmp_path: Path, ends: str, outcome: str, sign: str) -> None:
    """Exactly one, with the right class, and no hang."""
    line = of_echo(tmp_path, LOCKING + f"ENDS = {ends}", ["errors.deadlock"])["errors.deadlock"]

    assert (line["outcome"], line.get("signature", "")) == (outcome, sign), line
