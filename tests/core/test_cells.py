"""What is due is what nobody has told about as it is now, with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.catalog import Place
from manager.core.cells import Due, asked, due, longest_first, subject
from manager.core.checks import Cell, Checked, Known
from manager.core.connectors import Connector, Driver, Source

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
TODAY = NOW.date()
CELL = Cell("lab:1", "mysql", "PyMySQL", "1.1.2", "mariadb-11.8", "real", "s1", "t1", "i1", "d1")


def of(probes: str) -> Callable[[Cell], str]:
    """Have every cell asked the same."""
    return lambda _cell: probes


def checked(cell: Cell = CELL, probes: str = "p", verdict: str = "verified") -> Checked:
    """Give a cell as it ended."""
    return Checked(cell, cell.key(probes), verdict, "", (), NOW)  # type: ignore[arg-type]


def test_what_is_known_as_it_is_is_not_due() -> None:
    """Blocked counts as known as well as verified; the order is that of the cells, each once."""
    other = replace(CELL, driver="mysqlclient")
    known = {one.key: one for one in (checked(), checked(other, verdict="blocked"))}

    assert due([other, CELL, other], of("p"), known, ()) == ((), (known[other.key("p")], known[CELL.key("p")]))


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"set_hash": "s2"}, "the set changed"),
        ({"set_hash": "s2", "version": "1.2", "source_digest": "d2"}, "the set changed, the server changed"),
        ({"tree": "t2"}, "the tree of the set changed"),
        ({"image": "i2"}, "the image changed"),
        ({"source_digest": "d2"}, "the server changed"),
        ({"source": "mariadb-10.11"}, "never checked"),
        ({"release": "lab:2"}, "never checked"),
        ({"driver": "mysqlclient"}, "never checked"),
    ],
)
def test_what_changed_is_due_and_says_what_did(change: dict[str, str], cause: str) -> None:
    """Compared with the newest of its place."""
    cell = replace(CELL, **change)  # type: ignore[arg-type]

    assert due([cell], of("p"), {checked().key: checked()}, [checked()]) == ((Due(cell, cause),), ())


def test_other_probes_make_every_cell_due() -> None:
    """Those of one cell only that one."""
    other = replace(CELL, driver="mysqlclient")
    last = [checked(), checked(other)]
    known = {one.key: one for one in last}

    assert due([CELL], of("q"), known, last) == ((Due(CELL, "what is asked changed"),), ())
    found = due([CELL, other], lambda cell: "q" if cell == other else "p", known, last)
    assert found == ((Due(other, "what is asked changed"),), (checked(),))


def test_what_could_not_tell_is_asked_again() -> None:
    """It is not among what is known (control: what is known by its key needs no newest one)."""
    unsure = checked(verdict="inconclusive")

    assert due([CELL], of("p"), {}, [unsure]) == ((Due(CELL, "it could not tell last time"),), ())
    assert due([CELL], of("p"), {checked().key: checked()}, [unsure]) == ((), (checked(),))


def test_what_was_found_long_ago_is_asked_again() -> None:
    """Before the day that is named; without one, never."""
    known = {checked().key: checked()}

    assert due([CELL], of("p"), known, [checked()], TODAY) == ((), (checked(),))
    assert due([CELL], of("p"), known, [checked()], TODAY + timedelta(1)) == (
        (Due(CELL, "last checked on 2026-11-22"),),
        (),
    )


def test_a_known_failure_that_runs_out_makes_its_cells_due() -> None:
    """On the day after its last one; and so does whatever else is judged differently."""
    known = Known("types.time", "offsets", TODAY)
    demands = {"types.time": "required", "a": "optional"}

    def digest(today: date = TODAY, **more: object) -> str:
        return asked(**{"files": "f", "demands": demands, "known": [known], "today": today} | more)  # type: ignore[arg-type]

    assert digest() == digest(TODAY - timedelta(9)) == digest(demands=dict(reversed(demands.items())))
    assert digest(TODAY + timedelta(1)) == digest(known=[])
    different = [
        digest(), digest(known=[]), digest(files="g"), digest(demands={"a": "optional"}),
        digest(known=[replace(known, reason="x")]),
    ]  # fmt: skip
    assert len({*different}) == 5


DRIVERS = (
    Driver("PyMySQL", "pymysql", main=True, url_scheme="mysql+pymysql"),
    Driver("mysqlclient", "MySQLdb"),
    Driver("SQLAlchemy", "sqlalchemy", role="dialect"),
)
SOURCES = (
    Source("mariadb-11.8", "mysql", "mariadb", "11.8", "real", (("host", "mariadb-11.8"),)),
    Source("mariadb-10.11", "mysql", "mariadb", "10.11", "real", ()),
)
MYSQL = Connector(
    "mysql", "MySQL", "relational database", "core", ("me",), DRIVERS, (), SOURCES, "{scheme}://{host}", Place("f", 1)
)


def told(drivers: dict[str, object] | None = None, sources: dict[str, object] | None = None, servers: str = "s") -> str:
    """Digest what is asked of the cell, where the first driver and the first source are otherwise."""
    first, *others = DRIVERS
    server, *more = SOURCES
    connector = replace(
        MYSQL,
        drivers=(replace(first, **(drivers or {})), *others),  # type: ignore[arg-type]
        sources=(replace(server, **(sources or {})), *more),  # type: ignore[arg-type]
    )
    return asked("f", {}, (), TODAY, subject=subject(connector, CELL, servers))


@pytest.mark.parametrize(
    "change",
    [
        {"drivers": {"import_name": "other"}},
        {"drivers": {"url_scheme": "mysql+other"}},
        {"sources": {"engine": "mysql"}},
        {"sources": {"version": "12"}},
        {"sources": {"parameters": (("host", "elsewhere"),)}},
        {"sources": {"service": "mariadb-10.11"}},
        {"sources": {"tls_port": 3307}},
        {"servers": "built otherwise"},
    ],
    ids=str,
)
def test_a_driver_or_source_that_is_called_otherwise_is_asked_again(change: dict[str, Any]) -> None:
    """Its answers are of something else. What it is good for, and whose other licence it is, changes nothing."""
    assert told(**change) != told()
    assert told({"licence": "MIT", "main": False}, {"required": False}) == told()


def test_what_is_said_of_other_drivers_and_sources_changes_nothing() -> None:
    """Nor do servers for an engine in the process, and a person's own; without a dialect no scheme is told."""
    other = replace(MYSQL, drivers=(DRIVERS[0], DRIVERS[2]), sources=SOURCES[:1])
    plain = replace(MYSQL, drivers=DRIVERS[:2])
    assert subject(other, CELL, "s") == subject(MYSQL, CELL, "s") != subject(plain, CELL, "s")

    for source in (replace(SOURCES[0], own=True), replace(SOURCES[0], service="", embedded=True)):
        mine = replace(MYSQL, sources=(source,))
        assert subject(mine, CELL, "s") == subject(mine, CELL, "t")


def test_what_took_longest_is_begun_with() -> None:
    """Whatever version or set it was of; what nobody knows anything of comes first, and equals keep their order."""
    short, long, also = (replace(CELL, driver=name) for name in ("short", "long", "also"))
    new = replace(CELL, source="mariadb-10.11")
    last = [replace(checked(short), seconds=4), replace(checked(long), seconds=90), replace(checked(also), seconds=4)]

    found = longest_first([short, replace(long, version="2", set_hash="s2"), also, new], last)

    assert [(one.driver, one.source) for one in found] == [
        ("PyMySQL", "mariadb-10.11"), ("long", CELL.source), ("short", CELL.source), ("also", CELL.source),
    ]  # fmt: skip
