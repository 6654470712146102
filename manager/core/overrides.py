"""Decisions that beat a schedule, one file of the catalog each: who decided what, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import date

    from manager.core.catalog import Place
    from manager.core.lifecycle import Schedule

Kind = Literal["extend", "early-retire", "freeze", "quarantine", "redirect", "acknowledge"]
# Where their files lie in a catalog, and the subject of a freeze that covers every release.
FOLDER = "images/overrides"
# Where those about drivers lie (:mod:`.driver_decisions`).
DRIVERS = "connectors/decisions"
EVERYTHING = "all"
# The kinds that name an end of life, with what a schedule says that is bound by one; of two the later one counts.
ENDS: dict[Kind, str] = {"extend": "extension", "early-retire": "early retirement"}
# How a build's digest begins; everything else that is a subject is a release, a family or EVERYTHING.
DIGEST = "sha256:"


@dataclass(frozen=True, slots=True)
class Override:
    """One decision about one subject; its file is only ever added, and never changed.

    ``subject`` is a release's full name; of a freeze a family or ``all`` as well; of a quarantine the digest of a
    build as well. ``day`` is the day of the decision: it holds from then on. What the other dates mean:

    - extend: ``until`` is the new end of life.
    - early-retire: ``until`` is the new end of life; with ``security`` it needs no notice.
    - freeze: nothing moves from ``since`` on and before ``until``.
    - quarantine: nothing starts before ``until``, or ever where that is None; ``until`` its own day lifts one.
    - redirect: ``to`` is the successor, ``message`` what its users are told.
    - acknowledge: upstream ends that moved later are taken, up to ``until``.
    """

    kind: Kind
    subject: str
    day: date
    reason: str
    by: str
    place: Place
    until: date | None = None
    since: date | None = None
    approved_by: str = ""
    security: bool = False
    to: str = ""
    message: str = ""

    def covers(self, release: str) -> bool:
        """Say whether a release, by its full name, is meant: itself, by its family, or with all."""
        return self.subject in (release, release.partition(":")[0], EVERYTHING)

    def holds(self, day: date) -> bool:
        """Say whether it was made by a day and has not run out."""
        return self.day <= day and (self.until is None or day < self.until)


def order(one: Override) -> tuple[date, int, Kind, int, str]:
    """Give what decisions are sorted by: of two about the same, the one that was made later comes later."""
    # A number at the end of a file's name: those of one day stand in the order of their making.
    count = number(one.place.file, file_of(one.kind, one.subject, one.day))
    return one.day, count, one.kind, len(one.place.file), one.place.file


def number(file: str, first: str) -> int:
    """Give the number at the end of a decision's file, where ``first`` is its day's first; 1 for another form."""
    rest = file.removesuffix(".toml").removeprefix(f"{first.removesuffix('.toml')}-")
    return int(rest) if rest.isdecimal() else 1


def quarantined(overrides: Iterable[Override], subject: str, day: date) -> Override | None:
    """Give the quarantine that forbids a release (by full name) or a build (by digest) on a day, if there is one."""
    return quarantines(overrides, day).get(subject)


def quarantines(overrides: Iterable[Override], day: date) -> dict[str, Override]:
    """Give what is quarantined on a day, by subject.

    The latest decision about a subject counts; one whose ``until`` is its own day lifts what was decided before.
    """
    made = sorted((one for one in overrides if one.kind == "quarantine" and one.day <= day), key=order)
    return {subject: one for subject, one in {each.subject: each for each in made}.items() if one.holds(day)}


def frozen(overrides: Iterable[Override], release: str, day: date) -> Override | None:
    """Give the freeze that a release stands in on a day, the longest one: its transitions and promotions wait."""
    found = [
        one
        for one in overrides
        if one.kind == "freeze" and one.covers(release) and one.holds(day) and (one.since is None or one.since <= day)
    ]
    return max(found, key=lambda one: (one.until is not None and one.until.toordinal(), one.place.file), default=None)


def binding(overrides: Iterable[Override], release: str, dates: Schedule, day: date) -> Override | None:
    """Give the decision that gave a release the end of its schedule, or None where something else binds it."""
    mine = [one for one in overrides if one.subject == release and one.day <= day]
    found = sorted((one for one in mine if ENDS.get(one.kind) == dates.bound_by), key=order)
    # A notice, a freeze or the removal may have moved the day that a decision names.
    named = [one for one in found if one.until == dates.end_of_life]
    return next(reversed(named or found), None)


def free_file(one: Override, taken: Container[str]) -> str:
    """Give the path of a new decision's file, with a number where its day has one already that decides the same."""
    rivals = tuple(ENDS) if one.kind in ENDS else (one.kind,)
    count = 1
    while any(file_of(kind, one.subject, one.day, count) in taken for kind in rivals):
        count += 1
    return file_of(one.kind, one.subject, one.day, count)


def file_of(kind: Kind, subject: str, day: date, count: int = 1) -> str:
    """Give the path of an override's file; ``count`` tells apart those of one day that decide the same."""
    name = subject.removeprefix(DIGEST)[:12] if subject.startswith(DIGEST) else subject.replace(":", "-")
    return f"{FOLDER}/{day}-{kind}-{name}{f'-{count}' if count > 1 else ''}.toml"
