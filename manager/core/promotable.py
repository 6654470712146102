"""Whether a set may become a release's: what its cells came to, and whether it does less than before."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from manager.core.amounts import many
from manager.core.catalog import canonical_name
from manager.core.checks import lost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager.core.checks import Cell, Checked
    from manager.core.connectors import Connector

    Place = tuple[str, str, str, str]

# Policy of ../CONNECTORS.md: bulk fetch no more than 20 % slower than with the promoted lock.
SLOWEST = 0.8
RATE = "rows_per_second"


@dataclass(frozen=True, slots=True)
class Promotable:
    """What stands against a set (nothing: it may be promoted), and what a person has to know besides.

    ``unchecked`` are distributions that move and that no real source can say anything of: only a person may take them
    along.
    """

    against: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: str = ""
    unchecked: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Say whether it may be promoted."""
        return not self.against


def promotable(
    cells: Iterable[Cell],
    found: Mapping[Place, Checked],
    before: Mapping[Place, Checked],
    due: Mapping[Place, str] = MappingProxyType({}),
    unchecked: Iterable[str] = (),
) -> Promotable:
    """Judge a set by its required cells.

    ``found`` are the newest answers in this set, ``before`` those in the set that the release has, both by
    :attr:`Cell.place`; ``due`` are the places that would be asked again today, each with the cause: what they answered
    was of something else.
    """
    against: list[str] = []
    notes: list[str] = []
    verified = 0
    for cell in cells:
        one = found.get(cell.place)
        if one is None:
            against.append(f"{cell.name} was never checked")
        elif one.verdict != "verified":
            against.append(f"{cell.name} is {one.verdict}: {one.reason}")
        elif cell.place in due:
            against.append(f"{cell.name} has to be asked again: {due[cell.place]}")
        elif cell.source_kind == "emulated":
            notes.append(f"{cell.name} passed against an emulation, which proves nothing of the real server")
        else:
            verified += 1
            against += _less(cell, one, before.get(cell.place))
    left = tuple(dict.fromkeys(unchecked))
    if left:
        notes.append(f"moved without a check, as no real source says anything of it: {', '.join(left)}")
    if not verified and not against:
        against.append("no cell was verified against a real source")
    return Promotable(tuple(against), tuple(notes), f"{many(verified, 'cell')} verified against real sources", left)


def unproven(moved: Iterable[str], connectors: Iterable[Connector], cells: Iterable[Cell]) -> tuple[str, ...]:
    """Name the distributions that move and that no required cell with a real source says anything of.

    A driver is asked in its own cells. A dialect or another companion is in every cell of its connectors: one of these
    has to have a real source. What belongs to no connector is in the set of every cell.
    """
    known, asked = tuple(connectors), [cell for cell in cells if cell.source_kind == "real"]
    drivers = {canonical_name(one.name) for each in known for one in each.drivers if one.role == "driver"}
    seen = {canonical_name(cell.driver) for cell in asked}
    with_cells = {cell.connector for cell in asked}
    beside = {one for each in known if each.id in with_cells for one in each.distributions} - drivers
    every = {one for each in known for one in each.distributions}
    return tuple(sorted((set(moved) & every) - seen - beside))


def _less(cell: Cell, now: Checked, before: Checked | None) -> Iterable[str]:
    """Name what passed before and is not asked any more, and each fetch that is more than a fifth slower."""
    if before is None:
        return
    for probe in lost(before, now):
        yield f"{cell.name} has no answer to {probe} any more, which passed before"
    then = {(one.probe, name): value for one in before.answers for name, value in one.measures if name == RATE}
    for answer in now.answers:
        for name, value in answer.measures:
            was = then.get((answer.probe, name), 0.0)
            if name == RATE and was and value < SLOWEST * was:
                yield f"{cell.name} is slower: {answer.probe} {value:,.0f} rows a second, before {was:,.0f}"
