"""Which cells are due: those whose last conclusive answer is of anything else than what there is now."""

from __future__ import annotations

import math
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from manager.core.plan import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from manager.core.checks import Cell, Checked, Demand, Known
    from manager.core.connectors import Connector
    from manager.core.suites import Suite

NEVER = "never checked"
UNSURE = "it could not tell last time"
ASKED = "what is asked changed"
# What a reader is told, by the fields of a cell that say so.
_CAUSES = (
    ("the set changed", ("set_hash", "version")),
    ("the tree of the set changed", ("tree",)),
    ("the image changed", ("image",)),
    ("the server changed", ("source_digest", "source_kind")),
)


class Due(NamedTuple):
    """A cell that has to be checked, and why in words."""

    cell: Cell
    cause: str


def subject(connector: Connector, cell: Cell, servers: str) -> dict[str, Any]:
    """Give what probes are told of a cell's driver and source: an answer of what is called otherwise is none of it.

    ``servers`` is the digest of what the servers of sources are made of; an engine in the process has none. What is not
    in the connector any more is left out.
    """
    found: dict[str, Any] = {}
    dialect = any(one.role == "dialect" for one in connector.drivers)
    for driver in connector.drivers:
        if driver.name == cell.driver:
            found |= {"import": driver.import_name, "scheme": driver.url_scheme if dialect else ""}
    for source in connector.sources:
        if source.name == cell.source:
            # What a verdict is good for is no part of it.
            found["source"] = {name: value for name, value in asdict(source).items() if name != "required"}
            found["servers"] = servers if source.service and not source.own else ""
    return found


def asked(
    files: str,
    demands: Mapping[str, Demand],
    known: Iterable[Known],
    today: date,
    suite: Suite | None = None,
    subject: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """Digest what a cell is asked and how its answers are judged.

    ``files`` is the digest of the probes' files, ``subject`` what they are told (see :func:`subject`).
    What is known until an earlier day does not count any more, so its cells are due on the day after. So it is with
    tests of SQLAlchemy's suite that were expected to fail until then.
    """
    holds = sorted((asdict(one) for one in known if today <= one.until), key=repr)
    of_suite = {}
    if suite is not None:
        expected = [asdict(one) for one in suite.expected if today <= one.until]
        of_suite = {**asdict(suite), "expected": expected}
    return digest_of([files, dict(demands), holds, of_suite, dict(subject)])


def due(
    cells: Iterable[Cell],
    probes: Callable[[Cell], str],
    known: Mapping[str, Checked],
    last: Iterable[Checked],
    oldest: date | None = None,
) -> tuple[tuple[Due, ...], tuple[Checked, ...]]:
    """Divide wanted cells into those to check and what is known of the others, both in the order of the cells.

    ``probes`` gives the digest of what a cell is asked (see :func:`asked`). ``known`` has what is conclusive by key,
    ``last`` the newest of each place, which explains why a cell is due. What was found before the day ``oldest`` is
    asked again: a server, and what lies before it, may move without a new digest.
    """
    newest = {one.cell.place: one for one in last}
    wanted: list[Due] = []
    rest: list[Checked] = []
    for cell in dict.fromkeys(cells):
        key = cell.key(probes(cell))
        if key in known and (oldest is None or known[key].at.date() >= oldest):
            rest.append(known[key])
        elif key in known:
            wanted.append(Due(cell, f"last checked on {known[key].at:%Y-%m-%d}"))
        else:
            wanted.append(Due(cell, _cause(cell, key, newest.get(cell.place))))
    return tuple(wanted), tuple(rest)


def _cause(cell: Cell, key: str, last: Checked | None) -> str:
    if last is None:
        return NEVER
    if last.key == key:
        return UNSURE
    now, was = asdict(cell), asdict(last.cell)
    found = [cause for cause, fields in _CAUSES if any(now[name] != was[name] for name in fields)]
    return ", ".join(found) or ASKED


def longest_first(cells: Iterable[Cell], last: Iterable[Checked]) -> tuple[Cell, ...]:
    """Order cells by how long they took last (LPT), so that none which takes long goes on alone when all else is over.

    One that was never checked may take long, and comes first.
    """
    took = {one.cell.place: one.seconds for one in last}
    return tuple(sorted(cells, key=lambda cell: -took.get(cell.place, math.inf)))
