"""What an inspector says: tables that are other than the golden ones, and dialects that leave something out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_lite

if TYPE_CHECKING:
    from pathlib import Path

PROBES = ["names", "columns", "defaults", "keys", "constraints", "indexes", "views", "again"]
# SQLite keeps no comments: for these tests its dialect has some.
COMMENTS = """
import golden
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
golden.GOLDEN["sqlite"]["comments"] = "of the dialect"
listed = SQLiteDialect.get_columns
def told(dialect, *words, **more):
    found = listed(dialect, *words, **more)
    return [one | {"comment": golden.PRICE if one["name"] == "price" else None} for one in found]
SQLiteDialect.get_columns = told
SQLiteDialect.get_table_comment = lambda *words, **more: {"text": golden.NOTE}
"""


def test_sqlite_by_another_name_passes(tmp_path: Path) -> None:
    """Its dialect reflects all but comments, which SQLite does not keep."""
    lines = of_lite(tmp_path, "", ["reflect."], scheme="sqlite", seconds=300)

    ends = {name: line["outcome"] for name, line in lines.items()}
    assert ends == {f"reflect.{name}": "pass" for name in PROBES} | {"reflect.comments": "unsupported"}, lines


def test_a_dialect_with_comments_passes(tmp_path: Path) -> None:
    """The control of what is changed in it below."""
    assert of_lite(tmp_path, COMMENTS, ["reflect.comments"], scheme="sqlite")["reflect.comments"]["outcome"] == "pass"


def sent(old: str, new: str) -> str:
    """Change what goes to the server."""
    return f"""
class Cursor(sqlite3.Cursor):
    def execute(self, statement, values=()):
        return super().execute(statement.replace({old!r}, {new!r}), values)
"""


def told(method: str, change: str) -> str:
    """Change what the dialect tells: ``change`` is an expression of ``it``."""
    return f"""
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
{COMMENTS}
whole = SQLiteDialect.{method}
def changed(dialect, *words, **more):
    it = whole(dialect, *words, **more)
    return {change}
SQLiteDialect.{method} = changed
"""


WRONG = [
    ("names", sent("create view", "create table"), "Wrong tables list"),
    ("names", told("get_table_names", "it[:1]"), "Wrong tables list"),
    ("columns", sent("(12, 3)", "(12)"), "Wrong columns price"),
    ("columns", sent("code varchar(20) not null", "code varchar(20)"), "Wrong columns code"),
    ("columns", told("get_columns", "it[::-1]"), "Wrong order list"),
    ("columns", told("get_columns", "it[1:]"), "Wrong columns id"),
    ("defaults", sent("default 1.5", "default 2.5"), "Wrong defaults price"),
    ("defaults", told("get_columns", "[one | {'default': None} for one in it]"), "Wrong defaults day flag price word"),
    ("keys", sent("primary key (a, b)", "primary key (b, a)"), "Wrong primary keys list"),
    ("keys", sent("on delete cascade", "on delete restrict"), "Wrong on delete str"),
    ("keys", told("get_foreign_keys", "[]"), "Wrong foreign keys list"),
    ("keys", told("get_foreign_keys", "[one | {'referred_columns': ['b', 'a']} for one in it]"), "Wrong columns there"),
    ("constraints", sent("unique (code, parent_a)", "unique (code)"), "Wrong unique code"),
    ("constraints", sent("price >= 0", "price > 0"), "Wrong checks dear"),
    ("constraints", told("get_check_constraints", "[]"), "Wrong checks dear"),
    ("indexes", sent("create unique index", "create index"), "Wrong indexes once"),
    ("indexes", sent("(small, code)", "(code, small)"), "Wrong indexes by_small"),
    ("views", sent("price > 7", "price > 8"), "Wrong text of a view"),
    ("views", told("get_view_names", "[]"), "Wrong views list"),
    ("comments", told("get_table_comment", "{'text': None}"), "Wrong comment of the table"),
    ("comments", told("get_columns", "[one | {'comment': None} for one in it]"), "Wrong comments price"),
    ("again", sent("DROP TABLE check", "DROP TABLE IF EXISTS other"), "Wrong tables after dropping"),
    ("again", sent("UNIQUE INDEX", "INDEX"), "Wrong tables child"),
]


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_what_is_left_out_or_changed_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """The failure names what differs, and nothing else."""
    line = of_lite(tmp_path, wrong, [f"reflect.{probe}"], scheme="sqlite")[f"reflect.{probe}"]

    assert line["outcome"] == "fail", line
    assert line["signature"].startswith(sign), line
