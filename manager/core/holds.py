"""What decisions about drivers come to on a day, and what they may say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement

from manager.core import versions
from manager.core.catalog import canonical_name, did_you_mean
from manager.core.driver_decisions import TOGETHER, file_of
from manager.core.limits import Fault, misplaced
from manager.core.markers import requirement
from manager.core.overrides import number

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from datetime import date

    from packaging.version import Version

    from manager.core.driver_decisions import DriverDecision

# An exception is for a danger that cannot wait; what lasts longer has cooled anyway.
EXCEPTION_AT_MOST = timedelta(days=14)
# The keys that each kind needs, beside those that all of them have, and those that it may have.
_NEEDS = {
    "exception": ("dist", "until", "version", "advisory"),
    "quarantine": ("dist", "version", "advisory"),
    "unquarantine": ("dist",),
}
_MAY = {
    "hold": ("dist", "until", "until_version"),
    "unhold": ("dist",),
    "unquarantine": ("version",),
    "suspend": ("release",),
    "unsuspend": ("release",),
}
# The kinds about packages that come with a driver as well, and that no connector names.
_TRANSITIVE = ("quarantine", "unquarantine")


def order(one: DriverDecision) -> tuple[date, int, str]:
    """Give what decisions are sorted by: those of one day stand in the order of their making."""
    return one.day, number(one.place.file, file_of(one.kind, one.subject, one.day)), one.place.file


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
        same = canonical_name(one.dist) == canonical_name(dist) and versions.read(one.version) == version
        if same and one.holds(day):
            return one
    return None


def faults(one: DriverDecision, dists: Mapping[str, Iterable[str]]) -> Iterator[Fault]:
    """Give everything that is wrong with a decision; ``dists`` are the distributions of each connector."""
    if one.subject not in dists:
        yield Fault("subject", f"no connector {one.subject!r} in this catalog", did_you_mean(one.subject, list(dists)))
        return
    known = list(dists[one.subject])
    transitive = one.kind in _TRANSITIVE
    if one.dist and not transitive and canonical_name(one.dist) not in map(canonical_name, known):
        yield Fault("dist", f"{one.dist!r} is no driver of {one.subject}", did_you_mean(one.dist, known))
    yield from _keys(one)
    if one.until is not None and one.until <= one.day:
        yield Fault("until", f"{one.until} does not lie after the day of the decision, {one.day}")
    if one.kind == "exception" and one.until is not None and one.until - one.day > EXCEPTION_AT_MOST:
        yield Fault("until", f"an exception lasts {EXCEPTION_AT_MOST.days} days at most, and this one longer")
    if one.kind == "exception" and one.version and versions.read(one.version) is None:
        yield Fault("version", f"{one.version!r} is no version")
    if one.kind in _TRANSITIVE and one.version and versions.range_of(one.version) is None:
        yield Fault("version", f"{one.version!r} is neither a version nor a range", "write it as 3.3.9 or <3.3.10")
    if one.until_version and not _asks(one.until_version):
        yield Fault("until_version", f"{one.until_version!r} names no version", "write it as  fakesnow>=0.10")


def waited_for(decisions: Iterable[DriverDecision]) -> tuple[str, ...]:
    """Name the distributions that holds wait for."""
    texts = (one.until_version for one in decisions if one.until_version and _asks(one.until_version))
    return tuple(dict.fromkeys(canonical_name(requirement(text).name) for text in texts))


def free_file(one: DriverDecision, taken: Container[str]) -> str:
    """Give the path of a new decision's file, with a number where its day has one already about the same."""
    rivals = next(kinds for kinds in TOGETHER if one.kind in kinds)
    count = 1
    while any(file_of(kind, one.subject, one.day, count) in taken for kind in rivals):
        count += 1
    return file_of(one.kind, one.subject, one.day, count)


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
        "release": one.release,
    }
    yield from misplaced(one.kind, given, _NEEDS.get(one.kind, ()), _MAY.get(one.kind, ()))
    if one.kind == "hold" and bool(one.until) == bool(one.until_version):
        why = "a hold says when it lifts itself: until a day, or until a version is there, one of the two"
        yield Fault("until", why, "until = 2027-01-31   or   until_version = 'fakesnow>=0.10'")


def _asks(text: str) -> bool:
    try:
        return bool(requirement(text).specifier)
    except InvalidRequirement:
        return False
