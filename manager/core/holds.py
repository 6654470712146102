"""Decisions about drivers, one file of the catalog each: holds, their lifting, and exceptions from the cool-down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from packaging.requirements import InvalidRequirement
from packaging.version import InvalidVersion, Version

from manager.core.catalog import canonical_name, did_you_mean
from manager.core.markers import requirement
from manager.core.overrides import DRIVERS

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from manager.core.catalog import Place

Kind = Literal["hold", "unhold", "exception"]
# An exception is for a danger that cannot wait; what lasts longer has cooled anyway.
EXCEPTION_AT_MOST = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class DriverDecision:
    """One decision about a connector's drivers; its file is only ever added, and never changed.

    - hold: its drivers do not move before the day ``until``, or until the index has a version that ``until_version``
      (``fakesnow>=0.10``) asks for; only the distribution ``dist``, where that is named.
    - unhold: what was held before, moves again.
    - exception: ``version`` of ``dist`` need not cool down before ``until``, for the ``advisory`` that it settles.
    """

    kind: Kind
    subject: str
    day: date
    reason: str
    by: str
    place: Place
    dist: str = ""
    until: date | None = None
    until_version: str = ""
    version: str = ""
    advisory: str = ""
    approved_by: str = ""

    @property
    def ends(self) -> str:
        """Say when it lifts itself."""
        return f"until {self.until}" if self.until else f"until there is {self.until_version}"

    def covers(self, dist: str) -> bool:
        """Say whether a distribution of its connector is meant."""
        return not self.dist or canonical_name(self.dist) == canonical_name(dist)


class Fault(NamedTuple):
    """What is wrong at a key, and what to do about it."""

    key: str
    why: str
    hint: str = ""


def order(one: DriverDecision) -> tuple[date, int, str]:
    """Give what decisions are sorted by: those of one day stand in the order of their making."""
    name = file_of(one.kind, one.subject, one.day).removesuffix(".toml")
    number = one.place.file.removesuffix(".toml").removeprefix(f"{name}-")
    return one.day, int(number) if number.isdecimal() else 1, one.place.file


def holding(
    decisions: Iterable[DriverDecision], connector: str, dist: str, day: date, there: Callable[[str], bool]
) -> DriverDecision | None:
    """Give the hold that keeps a distribution of a connector from moving on a day, the last one that was made.

    ``there`` says whether the index has what a requirement asks for.
    """
    held: list[DriverDecision] = []
    for one in sorted(decisions, key=order):
        if one.subject != connector or one.day > day or not one.covers(dist):
            continue
        if one.kind == "hold":
            held.append(one)
        elif one.kind == "unhold":
            held.clear()
    return next((one for one in reversed(held) if _lasts(one, day, there)), None)


def excepted(
    decisions: Iterable[DriverDecision], connectors: Container[str], dist: str, version: Version, day: date
) -> DriverDecision | None:
    """Give the exception from the cool-down that a version has on a day."""
    for one in decisions:
        if one.kind != "exception" or one.subject not in connectors or one.until is None:
            continue
        same = canonical_name(one.dist) == canonical_name(dist) and _version(one.version) == version
        if same and one.day <= day < one.until:
            return one
    return None


def faults(one: DriverDecision, dists: Mapping[str, Iterable[str]]) -> Iterator[Fault]:
    """Give everything that is wrong with a decision; ``dists`` are the distributions of each connector."""
    if one.subject not in dists:
        yield Fault("subject", f"no connector {one.subject!r} in this catalog", did_you_mean(one.subject, list(dists)))
        return
    known = list(dists[one.subject])
    if one.dist and canonical_name(one.dist) not in map(canonical_name, known):
        yield Fault("dist", f"{one.dist!r} is no driver of {one.subject}", did_you_mean(one.dist, known))
    yield from _keys(one)
    if one.until is not None and one.until <= one.day:
        yield Fault("until", f"{one.until} does not lie after the day of the decision, {one.day}")
    if one.kind == "exception" and one.until is not None and one.until - one.day > EXCEPTION_AT_MOST:
        yield Fault("until", f"an exception lasts {EXCEPTION_AT_MOST.days} days at most, and this one longer")
    if one.kind == "exception" and one.version and _version(one.version) is None:
        yield Fault("version", f"{one.version!r} is no version")
    if one.until_version and not _asks(one.until_version):
        yield Fault("until_version", f"{one.until_version!r} names no version", "write it as  fakesnow>=0.10")


def waited_for(decisions: Iterable[DriverDecision]) -> tuple[str, ...]:
    """Name the distributions that holds wait for."""
    texts = (one.until_version for one in decisions if one.until_version and _asks(one.until_version))
    return tuple(dict.fromkeys(canonical_name(requirement(text).name) for text in texts))


def free_file(one: DriverDecision, taken: Container[str]) -> str:
    """Give the path of a new decision's file, with a number where its day has one already about the same."""
    rivals: tuple[Kind, ...] = ("hold", "unhold") if one.kind != "exception" else ("exception",)
    number = 1
    while any(file_of(kind, one.subject, one.day, number) in taken for kind in rivals):
        number += 1
    return file_of(one.kind, one.subject, one.day, number)


def file_of(kind: Kind, subject: str, day: date, number: int = 1) -> str:
    """Give the path of a decision's file; ``number`` tells apart those of one day."""
    return f"{DRIVERS}/{day}-{kind}-{subject}{f'-{number}' if number > 1 else ''}.toml"


def _lasts(one: DriverDecision, day: date, there: Callable[[str], bool]) -> bool:
    if one.until is not None:
        return day < one.until
    return not there(one.until_version)


def _keys(one: DriverDecision) -> Iterator[Fault]:
    given = {
        "dist": one.dist,
        "until": one.until,
        "until_version": one.until_version,
        "version": one.version,
        "advisory": one.advisory,
    }
    needs = ("dist", "until", "version", "advisory") if one.kind == "exception" else ()
    may = {"hold": ("dist", "until", "until_version"), "unhold": ("dist",), "exception": ()}[one.kind]
    for key, value in given.items():
        if key in needs and not value:
            yield Fault(key, f"is missing: a decision of the kind {one.kind} needs it")
        elif value and key not in (*needs, *may):
            yield Fault(key, f"means nothing for a decision of the kind {one.kind}")
    if one.kind == "hold" and bool(one.until) == bool(one.until_version):
        why = "a hold says when it lifts itself: until a day, or until a version is there, one of the two"
        yield Fault("until", why, "until = 2027-01-31   or   until_version = 'fakesnow>=0.10'")


def _asks(text: str) -> bool:
    try:
        return bool(requirement(text).specifier)
    except InvalidRequirement:
        return False


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
