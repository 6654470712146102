"""Starts a release from what a team has today: a Dockerfile, requirements, an environment of conda or R, a project."""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.app import catalogs
from manager.core import scaffold as core
from manager.core.recipes.translation import translate
from manager.core.systems import is_address
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Family, Place
    from manager.core.scaffold import Scaffold

_SHIPPED = "shipped:"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for: ``family:line``, the recipe, the family to extend, a Python, and optional groups."""

    name: str
    recipe: Path
    extends: str = f"{_SHIPPED}jupyterlab"
    python: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A scaffold, the text of its file, and what comes next."""

    scaffold: Scaffold
    path: Path
    text: str
    next: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give ``scaffold`` of ``image new``."""
        one = self.scaffold
        return {
            "release": one.name,
            "form": one.form,
            "file": str(self.path),
            "recipe": one.recipe,
            "python": one.python,
            "system": one.system,
            "ide": one.model.ide_requirement,
            "connectors": list(one.connectors),
            "taken": [
                {"key": each.key, "name": each.name or None, "value": each.value, "assumed": each.assumed or None}
                | _place(each.place)
                for each in one.taken
            ],
            "left": [
                {"text": each.text, "why": each.why, "instead": each.instead or None, "whose": each.whose}
                | _place(each.place)
                for each in one.left
            ],
            "text": self.text,
            "next": list(self.next),
        }


def draft(world: World, asked: Asked) -> Draft:
    """Draw a release and give the text of its file; nothing is written.

    Raises UsageError for what is no recipe and for names that there are not, Refused for the shipped catalog and for
    what is there already, CatalogError for a text that the catalog's own check would not pass.
    """
    from manager.world import files

    catalog = world.catalog
    one = _drawn(world, asked)
    text = files.scaffold_text(Path(catalog.root), catalog.content, one, world.settings.owner)
    return _finished(world, asked, one, text)


def made(world: World, asked: Asked) -> Draft:
    """Draw a release and write it.

    Raises as :func:`draft`, Refused also for a catalog that has changed meanwhile and on a day that is only looked at.
    """
    from manager.world import files

    catalogs.present(world)
    catalog = world.catalog
    one = _drawn(world, asked)
    text = files.write_scaffold(Path(catalog.root), catalog.content, one, world.settings.owner)
    done = _finished(world, asked, one, text)
    world.reread()
    return done


def _drawn(world: World, asked: Asked) -> Scaffold:
    from manager.world import files

    catalog = world.catalog
    catalogs.editable(catalog)
    wanted = core.wanted(asked.name, asked.extends, asked.python)
    recipe = files.recipe(asked.recipe)
    found = translate(recipe, files.neighbours(asked.recipe.parent), asked.groups)
    return core.drawn(catalog, _model(world, wanted), wanted, recipe.name, found, world.today)


def _model(world: World, wanted: core.Wanted) -> Family:
    """Give the family that the release goes to or, for a new one, the family that it extends."""
    from manager.world import files

    own = next((one for one in world.catalog.families if one.id == wanted.family and one.folder), None)
    if own is not None:
        return own
    if not wanted.extends.startswith(_SHIPPED):
        return world.catalog.family(wanted.extends)
    name = wanted.extends.removeprefix(_SHIPPED)
    shipped = files.load(files.shipped_root(), shipped=True, record=world.settings.cache_dir / "judged")
    if name not in [one.id for one in shipped.families]:
        there = ", ".join(one.id for one in shipped.families)
        raise UsageError(f"no family {name!r} in the shipped catalog", hint=f"there are: {there}")
    return shipped.family(name)


def _finished(world: World, asked: Asked, one: Scaffold, text: str) -> Draft:
    root = Path(world.catalog.root)
    steps = []
    for each in one.artifacts:
        if not is_address(each.taken.name):
            place = root / each.kept(one.wanted.family)
            source = asked.recipe.parent / each.taken.name
            steps.append(
                f"mkdir -p {shlex.quote(posixpath.dirname(str(place)))} && cp {shlex.quote(str(source))}"
                f" {shlex.quote(str(place))}"
            )
    where = catalogs.option(world)
    steps += [f"solvent image lock {one.name}{where}", f"solvent image build {one.name}{where}"]
    return Draft(one, root / one.file, text, tuple(steps))


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line or None}
