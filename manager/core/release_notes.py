"""Release notes: what a promotion changes for the people who work in a release, as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from manager.core.amounts import show_size
from manager.core.package_diff import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.core.observed import Build
    from manager.core.package_diff import Level, PackageChange

_TITLES: dict[str, str] = {
    "python ide": "Python packages of the IDE",
    "python kernel": "Python packages of the kernel",
    "debian": "System packages",
    "r": "R packages",
    "npm": "npm packages of the IDE",
    "vscode": "Extensions of the IDE",
    "os": "Operating system",
}
# What people look for comes first; a system package is rarely what somebody imports.
_ORDER = ("os", "python kernel", "r", "vscode", "python ide", "npm", "debian")
_WORDS: dict[Level, str] = {"other": "otherwise changed"}


@dataclass(frozen=True, slots=True)
class Promotion:
    """A build that is promoted in the place of another one (None: the first of its release).

    ``changes`` are from the one to the other; ``reasons`` say why it was built; ``drivers`` are the distributions of
    the release's connectors, which are told apart from other packages of the kernel. ``unread`` says why the packages
    could not be compared, and is empty where they were.
    """

    build: Build
    before: Build | None
    changes: tuple[PackageChange, ...]
    reasons: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    unread: str = ""


def notes(promotion: Promotion) -> str:
    """Write the notes."""
    return "\n".join(_lines(promotion)) + "\n"


def _lines(promotion: Promotion) -> Iterator[str]:
    build, before, changes = promotion.build, promotion.before, promotion.changes
    yield f"# {build.release} {build.version}"
    yield ""
    yield f"Built {build.created:%Y-%m-%d}, {show_size(build.size)}, `{build.digest}`."
    if before is None:
        yield "The first build of this release that is promoted."
        return
    yield f"Replaces {before.version} of {before.created:%Y-%m-%d}, {show_size(before.size)}."
    if promotion.reasons:
        yield f"Built because: {'; '.join(promotion.reasons)}."
    if not changes:
        yield ""
        yield f"Packages could not be compared: {promotion.unread}." if promotion.unread else "No package changed."
        return
    yield "Changes: " + ", ".join(f"{number} {_WORDS.get(level, level)}" for level, number in counted(changes).items())
    drivers = [one for one in changes if one.group == "python kernel" and one.name in promotion.drivers]
    rest = [one for one in changes if one not in drivers]
    yield from _table("Drivers of connectors", drivers)
    for group, members in groupby(sorted(rest, key=lambda one: _ORDER.index(one.group)), lambda one: one.group):
        yield from _table(_TITLES[group], members)


def _table(title: str, changes: Iterable[PackageChange]) -> Iterator[str]:
    rows = [
        f"| {one.name} | {_cell(one.before)} | {_cell(one.after)} | {_WORDS.get(one.level, one.level)}"
        f"{', back' if one.direction == 'down' else ''} |"
        for one in changes
    ]
    if rows:
        yield from ("", f"## {title}", "", "| package | before | now | change |", "|---|---|---|---|", *rows)


def _cell(version: str) -> str:
    # A bar between versions would end the cell.
    return version.replace("|", ", ") or "-"
