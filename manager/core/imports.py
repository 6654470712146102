"""What the notebooks and .py files of a workspace import, and what of it another release does not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Use:
    """A top-level module that code of a workspace imports: in which files (the first few), and who brings it there."""

    name: str
    files: tuple[str, ...]
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """One of the person's own packages; ``asked`` ones were named by the person, the others are their dependencies.

    A ``direct`` one came from an address and not from the index.
    """

    name: str
    version: str
    asked: bool
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a look from inside a release gave.

    ``there`` are the modules, of those that were asked about, that could be imported; ``overlay`` is the folder of the
    person's own packages for this release, ``packages`` are Python's in it and ``r`` those of R. ``read`` counts files,
    ``skipped`` are (file, why) of those that could not be read, ``left`` how many more; ``others`` are notebooks in
    other languages. ``cut`` says why not all was read.
    """

    uses: tuple[Use, ...] = ()
    there: frozenset[str] = frozenset()
    overlay: str = ""
    packages: tuple[Package, ...] = ()
    r: tuple[str, ...] = ()
    read: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    left: int = 0
    others: int = 0
    cut: str = ""

    @property
    def asked(self) -> tuple[Package, ...]:
        """Give the packages that the person asked for."""
        return tuple(one for one in self.packages if one.asked)


def missing(here: Look, there: Look, own: Iterable[str] = ()) -> tuple[Use, ...]:
    """Give what code imports today and could not import from another release.

    What is not there today either is no loss; ``own`` are distributions that will be installed again.
    """
    again = {name.lower() for name in own}
    return tuple(
        one
        for one in here.uses
        if one.name in here.there
        and one.name not in there.there
        and not {by.partition(" ")[0].lower() for by in one.by} & again
    )


def sentences(here: Look, lost: Iterable[Use], release: str) -> tuple[str, ...]:
    """Say in words what would be missing, and what could not be looked at."""
    said = [
        f"{release} has no {_called(one.name)}{f' ({one.by[0]} today)' if one.by else ''}: {', '.join(one.files)}"
        for one in lost
    ]
    if not said and here.read:
        said = [f"everything that {here.read} notebooks and files import is in {release}"]
    if here.skipped:
        named = ", ".join(f"{file} ({why})" for file, why in here.skipped[:3])
        more = len(here.skipped[3:]) + here.left
        said.append(f"not looked at: {named}{f' and {more} more' if more else ''}")
    if here.others:
        said.append(f"{here.others} notebooks are in other languages and were not looked at")
    if here.cut:
        said.append(f"not every file was looked at: {here.cut}")
    return tuple(said)


def _called(name: str) -> str:
    """Say what is imported: packages of R are told from modules by their prefix."""
    return f"R package {name.removeprefix('R:')}" if name.startswith("R:") else f"module {name}"
