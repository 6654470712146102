"""A recipe of any kind becomes what is taken of it and what is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from manager.core.recipes import conda, dockerfile, project, r, requirements
from manager.core.recipes.nodes import Node
from manager.core.recipes.notes import Notes, Translation
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.core.recipes.kinds import Kind
    from manager.core.recipes.notes import Beside


@dataclass(frozen=True, slots=True)
class Recipe:
    """A file: its name, its kind, and its text or, for a file of data, its ``document``."""

    name: str
    kind: Kind
    text: str
    document: Node = field(default_factory=lambda: Node(1))


def translate(recipe: Recipe, beside: Beside, groups: tuple[str, ...] = ()) -> Translation:
    """Read a recipe; ``beside`` gives the files next to it, ``groups`` are the optional ones that are wanted.

    Raises UsageError for a group that is not there, and for what is no recipe of its kind.
    """
    notes = Notes(beside, groups)
    if recipe.kind in ("environment.yml", "renv.lock", "pyproject.toml") and recipe.document.form != "table":
        raise UsageError(f"{recipe.name} is no {recipe.kind}", why="it is no table of keys and values")
    if recipe.kind == "Dockerfile":
        dockerfile.read(notes, recipe.text, recipe.name)
    elif recipe.kind == "requirements.txt":
        requirements.read(notes, recipe.text, recipe.name)
    elif recipe.kind == "environment.yml":
        conda.read(notes, recipe.document, recipe.name)
    elif recipe.kind == "renv.lock":
        r.read(notes, recipe.document, recipe.name)
    else:
        project.read(notes, recipe.document, recipe.name)
    unknown = [name for name in groups if name not in notes.found_groups]
    if unknown:
        there = ", ".join(sorted(notes.found_groups))
        hint = f"there are: {there}" if there else "only a pyproject.toml has groups"
        raise UsageError(f"no group {unknown[0]!r} in {recipe.name}", hint=hint)
    return notes.done()
