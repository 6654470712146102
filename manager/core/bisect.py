"""Which distribution is guilty: a set that worked and one that fails, and the fewest mixes of both that tell.

The changed distributions stand in an order (what is new, suspects, what moves, what is gone), and mixes take more and
more of them from the set that fails: one that works and one that fails with a single distribution more name that one.
It is then tried alone, so that two which break only together are not told as one; and where no mix was seen to work,
the set that worked is tried again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manager.core.amounts import few
from manager.core.checks import Guilt

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from manager.core.checks import Cell

MOST = 5
# A resolver that refuses mix after mix is asked no more.
_REFUSALS = 4 * MOST
_SHOWN = 6


class Bisection:
    """Asks for mixes by :meth:`next` until :meth:`guilt` is known; the caller builds and checks them.

    ``before`` and ``after`` are versions by name of the set that was verified and of the one that is blocked;
    ``suspects`` are tried first (see :func:`suspects`). At most ``most`` mixes are told about.
    """

    def __init__(
        self, before: Mapping[str, str], after: Mapping[str, str], most: int = MOST, suspects: Iterable[str] = ()
    ) -> None:
        self._before, self._after, self._most = dict(before), dict(after), most
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        first = [name for name in dict.fromkeys(suspects) if name in changed]
        # What is new may be required by what moves, and what is gone by what has not moved yet: a mix with the first
        # and the last out of their place would be refused. What is new is tried with the suspects.
        new = [name for name in changed if name not in before and name not in first]
        gone = [name for name in changed if name not in after and name not in first]
        others = [name for name in changed if name not in {*first, *new, *gone}]
        self._order = [*new, *first, *others, *gone]
        self._suspects = len(new) + len(first)
        self._runs = self._refusals = 0
        self._search = self._found()
        self._mix: frozenset[str] | None = None
        self._guilt: Guilt | None = None
        self._go(None)

    def next(self) -> frozenset[str] | None:
        """Give the names to take from ``after``, all others from ``before``; None when there is nothing to ask."""
        return self._mix

    def told(self, works: bool | None) -> None:
        """Answer for the mix: False where it fails as ``after`` does; None where it could not tell, or fails otherwise.

        Each answer is one of the runs.
        """
        self._runs += 1
        self._go(works)

    def impossible(self) -> None:
        """Answer that the mix cannot be resolved or installed, for which nothing was run."""
        self._refusals += 1
        self._go(None)

    def guilt(self) -> Guilt:
        """Give what is known; before the end, that it is not."""
        return self._guilt or self._undetermined("the search has not ended", self._order)

    def _go(self, works: bool | None) -> None:
        if self._guilt is not None:
            return
        try:
            self._mix = self._search.send(works)
        except StopIteration as end:
            self._mix, self._guilt = None, end.value

    @property
    def _left(self) -> int:
        return self._most - self._runs if self._refusals < _REFUSALS else 0

    def _found(self) -> Generator[frozenset[str], bool | None, Guilt]:
        order = self._order
        if not order:
            return self._undetermined("no distribution differs between the two sets", ())
        lower, upper = yield from self._narrowed(order, frozenset(), 1)
        if upper - lower > 1:
            why = "mixes that tell them apart could not be had" if self._left else f"{self._runs} runs told no more"
            return self._undetermined(
                f"{self._of(order[lower:upper], 'or')}, alone or with others: {why}", order[lower:upper]
            )
        name = order[lower]
        if lower == 0:
            control = (yield frozenset()) if self._left else None
            if control is False:
                return self._undetermined("the set that worked fails as well now: something else changed", ())
            return self._named(name, "" if control else "it was not seen that the set before it still works")
        alone = (yield frozenset({name})) if self._left else None
        if alone:
            return (yield from self._partner(name, order[:lower]))
        return self._named(name, "" if alone is False else "it was not tried alone: others may belong to it")

    def _partner(self, name: str, earlier: Sequence[str]) -> Generator[frozenset[str], bool | None, Guilt]:
        """Look for what breaks it together with a distribution that alone works."""
        lower, upper = yield from self._narrowed(earlier, frozenset({name}), 0)
        among = [*earlier[lower:upper], name]
        other = self._of(earlier[lower:upper], "or")
        return self._undetermined(f"{self._change(name)} works alone, and breaks together with {other}", among)

    def _narrowed(
        self, order: Sequence[str], base: frozenset[str], spare: int
    ) -> Generator[frozenset[str], bool | None, tuple[int, int]]:
        """Give how many of the first work with the base, and how many fail; one more where all could be told.

        ``spare`` runs are left for what comes after, where there are enough.
        """
        lower, upper = 0, len(order)
        closed: set[int] = set()
        while upper - lower > 1 and self._left > 0:
            cut = self._cut(lower, upper, closed, spare)
            if cut is None:
                break
            works = yield base | frozenset(order[:cut])
            if works is None:
                closed.add(cut)
            elif works:
                lower = cut
            else:
                upper = cut
        return lower, upper

    def _cut(self, lower: int, upper: int, closed: set[int], spare: int) -> int | None:
        """Choose how many to take: the middle, or as few as the runs allow while suspects stand in front."""
        free = [cut for cut in range(lower + 1, upper) if cut not in closed]
        if not free:
            return None
        runs = self._left - spare if upper - lower <= 2 ** (self._left - spare) else self._left
        wanted = (lower + upper) // 2
        if lower < self._suspects and upper - lower <= 2**runs:
            wanted = max(lower + 1, upper - 2 ** (runs - 1))
        return min(free, key=lambda cut: abs(cut - wanted))

    def _named(self, name: str, doubt: str) -> Guilt:
        before, after = self._before.get(name, ""), self._after.get(name, "")
        return Guilt(name, before, after, self._runs, doubt, (name,) if doubt else ())

    def _undetermined(self, why: str, among: Iterable[str]) -> Guilt:
        return Guilt(runs=self._runs, undetermined=why, among=tuple(among))

    def _of(self, names: Sequence[str], word: str) -> str:
        if len(names) > _SHOWN:
            return f"one of {few([self._change(name) for name in names], _SHOWN)}"
        return f" {word} ".join(self._change(name) for name in names)

    def _change(self, name: str) -> str:
        return f"{name} {self._before.get(name, 'new')} -> {self._after.get(name, 'gone')}"


def hopeless(green: Cell, red: Cell) -> Guilt | None:
    """Say why no mix of two sets can tell what is guilty of a cell that was green, or nothing where one may."""
    if green.set_hash == red.set_hash:
        return Guilt(undetermined="the set is the one that worked: something else changed")
    if (green.source_digest, green.source_kind) != (red.source_digest, red.source_kind):
        return Guilt(undetermined="the server changed too")
    return None


def suspects(names: Iterable[str], said: str, drivers: Iterable[str] = ()) -> tuple[str, ...]:
    """Rank names: those that a failure's text names, the last one first, then drivers and dialects.

    A traceback ends with what raised. A name counts where it stands as a word, with ``-`` and ``_`` alike.
    """
    text = said.lower().replace("-", "_")
    there = list(names)
    places = {}
    for name in there:
        word = re.escape(name.lower().replace("-", "_"))
        if found := list(re.finditer(rf"(?<![a-z0-9_]){word}(?![a-z0-9_])", text)):
            places[name] = found[-1].start()
    known = sorted(places, key=lambda name: -places[name])
    return tuple(dict.fromkeys([*known, *(name for name in drivers if name in there)]))
