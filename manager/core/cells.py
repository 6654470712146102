"""Which cells are due: those whose last conclusive answer is of anything else than what there is now."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from manager.core.plan import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from manager.core.checks import Cell, Checked, Demand, Known
    from manager.core.suites import Suite

NEVER = "never checked"
UNSURE = "it could not tell last time"
PROBES = "the probes changed"
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


def asked(
    files: str, demands: Mapping[str, Demand], known: Iterable[Known], today: date, suite: Suite | None = None
) -> str:
    """Digest what a cell is asked and how its answers are judged; ``files`` is the digest of the probes' files.

    What is known until an earlier day does not count any more, so its cells are due on the day after. So it is with
    tests of SQLAlchemy's suite that were expected to fail until then.
    """
    holds = sorted((asdict(one) for one in known if today <= one.until), key=repr)
    of_suite = {}
    if suite is not None:
        expected = [asdict(one) for one in suite.expected if today <= one.until]
        of_suite = {**asdict(suite), "expected": expected}
    return digest_of([files, dict(demands), holds, of_suite])


def due(
    cells: Iterable[Cell],
    probes: str | Callable[[Cell], str],
    known: Mapping[str, Checked],
    last: Iterable[Checked],
    oldest: date | None = None,
) -> tuple[tuple[Due, ...], tuple[Checked, ...]]:
    """Divide wanted cells into those to check and what is known of the others, both in the order of the cells.

    ``probes`` is the digest of what is asked (see :func:`asked`), of all cells or of each. ``known`` has what is
    conclusive by key, ``last`` the newest of each place, which explains why a cell is due. What was found before the
    day ``oldest`` is asked again: a server, and what lies before it, may move without a new digest.
    """
    newest = {one.cell.place: one for one in last}
    wanted: list[Due] = []
    rest: list[Checked] = []
    for cell in dict.fromkeys(cells):
        key = cell.key(probes if isinstance(probes, str) else probes(cell))
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
    return ", ".join(found) or PROBES


def longest_first(cells: Iterable[Cell], last: Iterable[Checked]) -> tuple[Cell, ...]:
    """Order cells by how long they took last (LPT), so that none which takes long goes on alone when all else is over.

    One that was never checked may take long, and comes first.
    """
    took = {one.cell.place: one.seconds for one in last}
    return tuple(sorted(cells, key=lambda cell: -took.get(cell.place, math.inf)))
