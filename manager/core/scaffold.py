"""A release drawn from a recipe: which system and which IDE it gets, what is written for it, and what is left out."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from manager.core.catalog import Place
from manager.core.ingredients import BROWSER
from manager.core.lifecycle import Stage
from manager.core.names import IDENTIFIER, REPOSITORY
from manager.core.recipes.notes import Left
from manager.core.systems import declared, is_address
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Family, Release
    from manager.core.recipes.notes import Taken, Translation
    from manager.core.systems import System

Form = Literal["family", "release"]
_PYTHON = re.compile(r"3\.\d{1,3}")
# No line of Python had more patch releases than this, and none has less than one.
_PATCHES = range(40)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; ``extends`` is for a new family, ``python`` may be empty: then the recipe says it."""

    family: str
    line: str
    extends: str
    python: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """An artifact: its name, the file beside the recipe or the address, where it is kept, its hash and its target."""

    name: str
    taken: Taken

    def kept(self, family: str) -> str:
        """Give its address, or its path below the catalog."""
        source = self.taken.name
        return source if is_address(source) else f"vendor/{family}/{posixpath.basename(source)}"


@dataclass(frozen=True, slots=True)
class Scaffold:
    """A release, alone or with a new family around it, and what is said about how it came to be.

    ``recipe`` is the file's name. ``model`` is the release that says what the recipe does not: IDE and connectors.
    ``python_from`` is the place that names the Python, if one does.
    """

    form: Form
    wanted: Wanted
    recipe: str
    file: str
    model: Release
    python: str
    python_from: tuple[Place, ...]
    system: str
    released: date
    connectors: tuple[str, ...]
    taken: tuple[Taken, ...]
    left: tuple[Left, ...]
    budget: int

    @property
    def name(self) -> str:
        """Give the release's full name."""
        return f"{self.wanted.family}:{self.wanted.line}"

    @property
    def artifacts(self) -> tuple[Brought, ...]:
        """Give the artifacts, each with a name of its own."""
        found: list[Brought] = []
        for one in self.taken:
            if one.key == "artifact":
                stem = re.sub(r"[^a-z0-9._-]+", "-", posixpath.basename(one.name).lower()).strip("-._")[:50] or "file"
                count = sum(other.name.partition("~")[0] == stem for other in found)
                found.append(Brought(f"{stem}~{count + 1}" if count else stem, one))
        return tuple(replace(one, name=one.name.replace("~", "-")) for one in found)


def wanted(name: str, extends: str, python: str) -> Wanted:
    """Read what is asked for; raises UsageError."""
    family, _, line = name.partition(":")
    if not re.fullmatch(REPOSITORY, family) or not re.fullmatch(IDENTIFIER, line) or len(family) > 40 or len(line) > 63:
        raise UsageError(
            f"{name!r} names no release",
            why="a family and a line: lower-case letters and digits with '.', '_' and '-'",
            hint="for example  risk:2026.11",
        )
    if python and not _PYTHON.fullmatch(python):
        raise UsageError(f"{python!r} is no Python", why="major and minor, such as 3.13")
    return Wanted(family, line, extends, python)


def drawn(catalog: Catalog, model: Family, asked: Wanted, recipe: str, found: Translation, day: date) -> Scaffold:
    """Draw the release; ``model`` is the family that it goes to, or the one that a new family extends.

    Raises Refused for a release that is there already and for a catalog without a system to stand on.
    """
    own = next((one for one in catalog.families if one.id == asked.family and one.folder), None)
    if own is not None and any(one.line == asked.line for one in own.releases):
        raise Refused(
            f"the release {asked.family}:{asked.line} is there already",
            why=str(next(one.place for one in own.releases if one.line == asked.line)),
            hint="give the new one another line",
        )
    stated = found.of("python")
    system, said = _system(catalog, model, asked, stated, recipe, day)
    like = _like(model, system.python, day)
    python_from = tuple(one for one in stated if not asked.python and _allows(one.value, system.python))
    known = {one.id for one in catalog.connectors}
    taken, left = _fitting(catalog, own, found)
    return Scaffold(
        form="family" if own is None else "release",
        wanted=asked,
        recipe=recipe,
        file=f"images/{asked.family}/family.toml" if own is None else own.place.file,
        model=like,
        python=system.python,
        python_from=tuple(one.place for one in python_from),
        system=system.id,
        released=day,
        connectors=tuple(one for one in like.connectors if one in known),
        taken=(*python_from, *taken),
        left=(*said, *found.left, *left),
        budget=model.size_budget,
    )


def _system(
    catalog: Catalog, model: Family, asked: Wanted, stated: tuple[Taken, ...], recipe: str, day: date
) -> tuple[System, tuple[Left, ...]]:
    """Choose the system by its Python, and say where the recipe's Python could not be had or was not named."""
    usable = _usable(catalog, day)
    if not usable:
        raise Refused("this catalog has no system whose Python is still supported", hint="[systems] in solvent.toml")
    newest = _like(model, "", day)
    # The systems that the family's releases stand on come before others with the same Python.
    used = {declared(one.system) for one in model.releases}
    usable = sorted(usable, key=lambda one: (_number(one.python), one.id in used), reverse=True)
    there = ", ".join(dict.fromkeys(one.python for one in usable))
    if asked.python:
        chosen = next((one for one in usable if one.python == asked.python), None)
        if chosen is None:
            hint = "another Python needs a system that carries it: [systems.NAME] in solvent.toml"
            raise UsageError(
                f"no system of this catalog has Python {asked.python}", why=f"there are: {there}", hint=hint
            )
        why = f"--python {asked.python} says otherwise"
        return chosen, tuple(Left(one.place, f"Python {one.value}", why, whose="solvent") for one in stated)
    if not stated:
        chosen = next((one for one in usable if one.id == declared(newest.system)), usable[0])
        why = f"no Python is named; {chosen.python} is that of {newest.name}"
        return chosen, (
            Left(Place(recipe, 0), "Python", why, f"choose another with  --python    (there are: {there})"),
        )
    fitting = [one for one in usable if all(_allows(each.value, one.python) for each in stated)]
    if fitting:
        return fitting[0], ()
    value = " and ".join(dict.fromkeys(each.value for each in stated))
    lowest = next((_number(match[0]) for each in stated if (match := _PYTHON.search(each.value))), 0)
    chosen = min(usable, key=lambda one: (abs(_number(one.python) - lowest), -_number(one.python)))
    why = f"no system of this catalog has such a Python; {chosen.python} is the nearest of {there}"
    instead = "choose with  --python , or add a system that carries it: [systems.NAME] in solvent.toml"
    return chosen, (Left(stated[0].place, f"Python {value}", why, instead),)


def _usable(catalog: Catalog, day: date) -> list[System]:
    """Give the declared systems whose Python and suite have not ended."""
    ended = {fact.component for fact in catalog.facts if fact.ends and fact.ends <= day}
    return [
        one
        for one in catalog.systems
        if one.id == declared(one.id) != BROWSER and not {f"python {one.python}", f"debian {one.suite}"} & ended
    ]


def _like(model: Family, python: str, day: date) -> Release:
    """Give the newest active release of a family, of a Python if it has one of it; else the newest of all."""
    made = [one for one in model.releases if one.adopted is None]
    active = [one for one in made if one.stage(day) is Stage.ACTIVE] or made
    same = [one for one in active if one.python == python]
    return max(same or active, key=lambda one: (one.schedule.released, _number(one.python)))


def _allows(specifier: str, python: str) -> bool:
    try:
        bounds = SpecifierSet(specifier)
    except InvalidSpecifier:
        return False
    return any(bounds.contains(f"{python}.{patch}", prereleases=True) for patch in _PATCHES)


def _number(python: str) -> int:
    return int(python.partition(".")[2] or 0)


def _fitting(catalog: Catalog, own: Family | None, found: Translation) -> tuple[tuple[Taken, ...], tuple[Left, ...]]:
    """Leave out what has no place: sets that the catalog lacks, and what would change a family's other releases."""
    sets = {one.id for one in catalog.sets}
    taken: list[Taken] = []
    left: list[Left] = []
    for one in found.taken:
        if one.key == "python":
            continue
        if one.key == "sets" and one.value not in sets:
            why = f"this catalog has no package set {one.value}"
            left.append(Left(one.place, one.assumed, why, "add what your notebooks import to packages"))
        elif own is not None and one.key in ("system_packages", "environment", "artifact"):
            if one.value in own.system_packages or (one.name, one.value) in own.launch.environment:
                taken.append(one)
                continue
            why = f"it belongs to the family, and would change every release of {own.id}"
            instead = f"add it to {one.key} of {own.place.file}, or make a new family"
            left.append(Left(one.place, str(one), why, instead))
        else:
            taken.append(one)
    return tuple(taken), tuple(left)
