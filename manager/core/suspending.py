"""Which connectors make a set unresolvable: those without which the others can be locked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Blame:
    """What came of the search: the connectors that resolve together, and why each of the others does not with them.

    ``base`` is the reason where the set has no solution even without any connector; nobody is blamed then.
    """

    kept: tuple[str, ...]
    blamed: tuple[tuple[str, str], ...] = ()
    base: str = ""


def blame(calm: Sequence[str], suspects: Sequence[str], solve: Callable[[tuple[str, ...]], str]) -> Blame:
    """Find the connectors that keep a set from being resolved, adding one at a time to those that resolve.

    ``suspects`` are those that moved or are new, the newest move last: of two that exclude each other the later one is
    blamed. ``solve`` gives why a set with some connectors has no solution, "" where it has one. It is asked once for
    each connector, once for all calm ones together and once for none of them, at most.
    """
    together = bool(calm) and not solve(tuple(calm))
    if not together and (why := solve(())):
        return Blame((), base=why)
    kept = list(calm) if together else []
    blamed: list[tuple[str, str]] = []
    for one in suspects if together else (*calm, *suspects):
        why = solve((*kept, one))
        if why:
            blamed.append((one, why))
        else:
            kept.append(one)
    return Blame(tuple(kept), tuple(blamed))
