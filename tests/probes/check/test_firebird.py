"""Firebird: a query has a table, what defines a table is there after a commit, and versions have not the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import of_echo

if TYPE_CHECKING:
    from pathlib import Path

# A driver under firebird-driver's name: it wants a table in each query, knows a new one after a commit, and takes no
# commit where nothing was begun.
FIREBIRD = """
class _Setting:
    value = None
class _Settings:
    stream_blob_threshold = _Setting()
    class db_defaults:
        timeout, utf8filename = _Setting(), _Setting()
driver_config = _Settings
MADE = set()
SAID = {"select 1 from rdb$database": (1,)}
paramstyle = "qmark"

class Cursor(Cursor):
    def execute(self, statement, values=()):
        if statement.startswith("select ") and " from " not in statement:
            raise ProgrammingError("unexpected end of command")
        self.connection.begin()
        if statement.startswith("create table "):
            self.connection.fresh.add(statement.split()[2])
        found = re.match(r"(?:insert into|delete from|select v from) (check_\\\\S+)", statement)
        if found and found[1] not in MADE:
            raise ProgrammingError("Table unknown")
        super().execute(statement.replace("(?)", "(%s)"), values)
class Connection(Connection):
    def __init__(self, words):
        super().__init__(words)
        self.active, self.fresh = False, set()
    def cursor(self):
        return Cursor(self)
    def begin(self):
        self.active = True
    def is_active(self):
        return self.active
    def commit(self):
        assert self.active
        MADE.update(self.fresh)
        self.active = False
    def rollback(self):
        assert self.active
        self.active = False
    def drop_database(self):
        pass
def connect(where, **words):
    words["database"] = where.partition(":")[2]
    assert words.pop("charset") == "UTF8"
    entered(words)
    return Connection(words)
create_database = connect
""".replace("\\\\", "\\")


def of_firebird(folder: Path, wrong: str, probes: list[str], version: str = "4") -> dict[str, dict[str, object]]:
    """Ask of the made-up driver, changed by code; give the lines by id."""
    return of_echo(folder, FIREBIRD + wrong, probes, driver="firebird", engine="firebird", source={"version": version})


LATE = "\nConnection.commit = lambda self: None\n"
WHOLE = "\nsent = lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000)\n"


@pytest.mark.parametrize(
    ("probe", "wrong", "sign"),
    [
        ("connect.select", "SAID['select 1 from rdb$database'] = (2,)", ""),
        ("values.timestamp", LATE, "ProgrammingError"),
        ("values.timestamp-fraction", WHOLE, "Wrong timestamp datetime"),
        ("values.time-fraction", WHOLE, "Wrong time time"),
        ("values.decimal", "given = float", "Wrong decimal float"),
    ],
)
def test_what_firebird_has_is_asked_in_its_words(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """A driver that does as Firebird's server passes, and one that changes something fails by that."""
    right, line = of_firebird(tmp_path, "", [probe])[probe], of_firebird(tmp_path, wrong, [probe])[probe]

    assert right["outcome"] == "pass", right
    assert line["outcome"] == "fail", line
    assert str(line["signature"]).startswith(sign)


def test_a_tick_is_what_the_engine_has_of_a_second(tmp_path: Path) -> None:
    """Ten thousandths are all that Firebird keeps; PostgreSQL is asked for more, and fails with them alone."""
    ticks = "\nsent = lambda value: value.replace(microsecond=value.microsecond // 100 * 100)\n"
    probe = "values.timestamp-fraction"
    (tmp_path / "other").mkdir()

    assert of_firebird(tmp_path, ticks, [probe])[probe]["outcome"] == "pass"
    assert of_echo(tmp_path / "other", ticks, [probe])[probe]["outcome"] == "fail"


@pytest.mark.parametrize(
    ("probe", "why"),
    [
        ("limits.statement-timeout", "before Firebird 4"),
        ("values.decimal", "no type for it"),
        ("times.utc", "no type for a moment"),
    ],
)
def test_what_firebird_3_has_not_is_unsupported_there(tmp_path: Path, probe: str, why: str) -> None:
    """And no failure; the control is the next version, which is asked."""
    old, new = (of_firebird(tmp_path, "", [probe], version)[probe] for version in ("3", "4"))

    assert (old["outcome"], why in str(old["reason"])) == ("unsupported", True), old
    assert new["outcome"] != "unsupported", new


@pytest.mark.parametrize("probe", ["values.uuid", "values.json", "values.array", "values.interval", "values.nan"])
def test_what_no_firebird_has_is_unsupported(tmp_path: Path, probe: str) -> None:
    """There is no type for it, or no such value."""
    assert of_firebird(tmp_path, "", [probe])[probe]["outcome"] == "unsupported"
