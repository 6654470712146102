"""A release drawn from its predecessor: the next line of the same IDE, with what it is made of and its first day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core import scaffold
from manager.core.ingredients import BROWSER
from manager.core.systems import declared
from manager.core.watching import ide_of, line_of, watched
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release

_LINE = re.compile(r"(?P<ide>\d+(?:\.\d+)*)(?:-py(?P<python>3\.\d{1,3}))?(?:$|-)")


@dataclass(frozen=True, slots=True)
class Following:
    """A release that follows another one; ``succeeds`` says whether that one is to name it as its successor."""

    family: str
    line: str
    file: str
    model: Release
    ide: str
    python: str
    r: str
    system: str
    released: date
    succeeds: bool

    @property
    def name(self) -> str:
        """Give the release's full name."""
        return f"{self.family}:{self.line}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a release after another one, its IDE's line in numbers, and its Python."""

    name: str
    model: Release
    numbers: tuple[int, ...]
    python: str


def wanted(catalog: Catalog, name: str, after: str, python: str) -> Wanted:
    """Read what is asked for: ``jupyterlab:4.7-py3.13`` after ``jupyterlab:4.6-py3.13``.

    Raises UsageError for names that do not fit together, Refused for a release that is there already, and after one
    whose IDE comes from no index.
    """
    named = scaffold.wanted(name, "", python)
    model = catalog.named(after)
    if model is None:
        raise UsageError(f"no release {after!r} in this catalog", hint="solvent image list --all")
    found = _LINE.match(named.line)
    if named.family != model.family or not found:
        raise UsageError(
            f"{name!r} does not follow {after}",
            why="it is to be of the same family, and its line to begin with the version of the IDE",
            hint=f"for example  {model.family}:{'.'.join(map(str, _next(line_of(model))))}-py{model.python}",
        )
    if there := catalog.named(name):
        raise Refused(f"the release {name} is there already", why=str(there.place), hint="give it another line")
    if model not in watched(catalog.family(model.family)):
        raise Refused(
            f"{after} says of no index where its IDE comes from",
            hint=f"begin from another release, or write the new one beside it:  {model.place}",
        )
    numbers = tuple(int(one) for one in found["ide"].split("."))
    return Wanted(name, model, numbers, python or found["python"] or model.python)


def drawn(catalog: Catalog, asked: Wanted, released: date, today: date) -> Following:
    """Draw the release; raises UsageError for a Python, or an R beside it, that no system of the catalog has.

    The predecessor names it as its successor where it names none that can still be launched.
    """
    model = asked.model
    name = ide_of(model)[1]
    system = _system(catalog, asked)
    return Following(
        family=model.family,
        line=asked.name.partition(":")[2],
        file=model.place.file,
        model=model,
        ide=f"{name}=={'.'.join(map(str, asked.numbers))}.*",
        python=asked.python,
        r=_r(catalog, model, system),
        system=system,
        released=released,
        succeeds=catalog.successor(model, today) is None,
    )


def _system(catalog: Catalog, asked: Wanted) -> str:
    model = asked.model
    if asked.python == model.python:
        return declared(model.system)
    fitting = [one for one in catalog.systems if one.id == declared(one.id) != BROWSER and one.python == asked.python]
    if not fitting:
        there = ", ".join(sorted({one.python for one in catalog.systems if one.python}))
        raise UsageError(
            f"no system of this catalog has Python {asked.python}",
            why=f"there are: {there}",
            hint="another Python needs a system that carries it: [systems.NAME] in solvent.toml",
        )
    return fitting[0].id


def _r(catalog: Catalog, model: Release, system: str) -> str:
    """Give the R of a system: that of the releases which stand on it; "" where the model has none."""
    known = (model, *catalog.releases) if model.r else ()
    found = next((one.r for one in known if one.r and declared(one.system) == system), "")
    if model.r and not found:
        raise UsageError(
            f"no release of this catalog says which R {system} has",
            hint=f"take the Python of {model.name}, or write the release beside it:  {model.place}",
        )
    return found


def _next(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return (*numbers[:-1], numbers[-1] + 1) if numbers else (1, 0)
