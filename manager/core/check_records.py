"""What is remembered of checks: runs, cells with their answers, and the sets that they were asked of."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from manager.core.checks import Cell, Checked, Run, Verdict

# What XML 1.0 has no way to write (its production Char), and no database takes all of.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class KeptSet:
    """A set that a release was checked with: the hash of its kernel lock, and when it was first seen."""

    set_hash: str
    release: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A conclusive verdict as it was given once, without its answers. ``place`` is :attr:`Cell.place`."""

    place: tuple[str, str, str, str]
    set_hash: str
    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class Flakes:
    """How often a probe was asked of a cell, and how often its attempts differed."""

    probe: str
    asked: int
    flaky: int

    @property
    def rate(self) -> float:
        """Give the part that was flaky, from 0 to 1."""
        return self.flaky / self.asked if self.asked else 0.0


class CheckRecords(Protocol):
    """The runs of checks in the state database. Raises Unreachable where it does not answer."""

    def begin(self, run: str, started: datetime, by: str, subject: str) -> None:
        """Begin a run under an id that no other has; Refused where one has it."""

    def keep(self, run: str, checked: Checked) -> None:
        """Keep a cell of a run as it ends, in the place of one with the same key; UsageError for an unknown run.

        Characters that cannot be written everywhere are left out of texts.
        """

    def end(self, run: str, ended: datetime) -> None:
        """Note that a run came to its end; UsageError for an unknown one."""

    def run(self, known: str = "") -> Run | None:
        """Find a run with its answers by its id, by how that begins, or the newest; UsageError where several fit."""

    def runs(self, limit: int = 20) -> tuple[Run, ...]:
        """Give the newest runs first, their cells without answers."""

    def conclusive(self, keys: Iterable[str]) -> dict[str, Checked]:
        """Give what was last verified or blocked under each of these keys."""

    def latest(self, sets: Iterable[str] = (), *, conclusive: bool = False) -> tuple[Checked, ...]:
        """Give the newest of each release, connector, driver and source, by these; without answers.

        Of these sets only (hashes), where any is named; of what could be told only, with ``conclusive``.
        """

    def verdicts(self) -> tuple[Seen, ...]:
        """Give every conclusive verdict, oldest first."""

    def at_place(self, place: tuple[str, str, str, str]) -> tuple[Checked, ...]:
        """Give every cell of a place (:attr:`Cell.place`), oldest first, without answers."""

    def previous_green(self, cell: Cell) -> Checked | None:
        """Give what was last verified of the same release, connector, driver and source in another set."""

    def keep_set(self, set_hash: str, release: str, text: str, at: datetime) -> None:
        """Keep the text of a kernel lock, so that there is something to go back to; known ones stay as they are."""

    def set_text(self, set_hash: str) -> str:
        """Give the text of a set; "" for an unknown one."""

    def sets_of(self, release: str) -> tuple[KeptSet, ...]:
        """Give the sets of a release, the one that was first seen last first."""

    def flakes(self, runs: int = 50) -> tuple[Flakes, ...]:
        """Count how often each probe was asked and flaky in the newest runs, by probe."""


def written(text: str) -> str:
    """Leave out the characters that XML or a database cannot take: most control characters, lone surrogates."""
    return _UNWRITABLE.sub("", text)


def storable(checked: Checked, run: str) -> Checked:
    """Give a cell as it is kept with a run: every text that comes from elsewhere can be written everywhere."""
    answers = tuple(
        replace(one, probe=written(one.probe), reason=written(one.reason), signature=written(one.signature))
        for one in checked.answers
    )
    return replace(checked, run=run, reason=written(checked.reason), answers=answers)


def named(known: str, ids: Sequence[str]) -> str:
    """Find the id that is meant: the whole of it, or how it begins; "" for none.

    Raises UsageError where several begin like it.
    """
    if known in ids:
        return known
    found = sorted(one for one in ids if one.startswith(known))
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} runs of checks begin with {known}",
            why=", ".join(found[:5]),
            hint="write more of it:  solvent check list",
        )
    return found[0] if found else ""


def begun(run: str) -> Refused:
    """Say that a run of this id was begun before."""
    return Refused(f"the run {run} was begun before", hint="begin one of its own:  solvent check run")


def unknown_run(run: str) -> UsageError:
    """Say that no run has this id."""
    return UsageError(f"no run of checks has the id {run}", hint="see them:  solvent check list")
