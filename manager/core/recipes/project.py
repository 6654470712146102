"""pyproject.toml: PEP 621, dependency groups (PEP 735), and Poetry's own tables.

https://python-poetry.org/docs/dependency-specification/ says what Poetry's versions mean.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from manager.core.amounts import many
from manager.core.catalog import Place, canonical_name
from manager.core.recipes import requirements
from manager.core.recipes.known import PUBLISH
from manager.core.recipes.requirements import MIRROR

if TYPE_CHECKING:
    from manager.core.recipes.nodes import Node
    from manager.core.recipes.notes import Notes

_ELSEWHERE = ("git", "path", "url", "file", "workspace", "develop")


def read(notes: Notes, document: Node, file: str) -> None:
    """Read a pyproject.toml; groups that were not asked for are left, each as one."""
    project, poetry = document["project"], document["tool/poetry"]
    elsewhere = _sources(notes, document, file)
    _project(notes, project, file, elsewhere)
    for name, group in project["optional-dependencies"].pairs:
        if _wanted(notes, name, group, file):
            for each in group:
                _one(notes, each, file, elsewhere)
    for name, group in document["dependency-groups"].pairs:
        if _wanted(notes, name, group, file):
            _group(notes, document, group, file, elsewhere, ())
    _poetry(notes, poetry, file)
    if titled := project["name"] or poetry["name"]:
        notes.leave(
            Place(file, titled.line), f"the project {titled} itself", "it is a source tree, and no wheel", PUBLISH
        )


def _project(notes: Notes, project: Node, file: str, elsewhere: set[str]) -> None:
    if python := project["requires-python"]:
        _python(notes, python, file)
    for each in project["dependencies"]:
        _one(notes, each, file, elsewhere)
    if (dynamic := project["dynamic"]) and any(each.text == "dependencies" for each in dynamic):
        why = "its dependencies are computed when it is built"
        notes.leave(Place(file, dynamic.line), "dynamic dependencies", why, "give the file that they are read from")


def _one(notes: Notes, node: Node, file: str, elsewhere: set[str]) -> None:
    place = Place(file, node.line)
    name = re.match(r"\s*[\w.-]+", node.text)
    if name and canonical_name(name[0].strip()) in elsewhere:
        notes.leave(place, node.text, "[tool.uv.sources] takes it from a repository or a file", PUBLISH)
    else:
        requirements.requirement(notes, node.text, place)


def _group(notes: Notes, document: Node, group: Node, file: str, elsewhere: set[str], around: tuple[Node, ...]) -> None:
    for each in group:
        if each.form == "text":
            _one(notes, each, file, elsewhere)
            continue
        name = each["include-group"].text
        inner = document["dependency-groups"][name] if name and "/" not in name else each["absent"]
        if not inner:
            notes.leave(Place(file, each.line), str(each), "no such group is there")
        elif inner not in (*around, group):
            _group(notes, document, inner, file, elsewhere, (*around, group))


def _wanted(notes: Notes, name: str, group: Node, file: str) -> bool:
    """Say whether a group was asked for; one that was not is left."""
    notes.found_groups.add(name)
    if name in notes.groups:
        return True
    count = len(group.items) or len(group.pairs)
    what = f"group {name}: {many(count, 'requirement')}"
    notes.leave(Place(file, group.line), what, "it is optional", f"take it as well:  --group {name}")
    return False


def _python(notes: Notes, node: Node, file: str) -> None:
    try:
        notes.take("python", str(SpecifierSet(_poetry_version(node.text) or "")), Place(file, node.line))
    except InvalidSpecifier:
        why = "this is no version of Python as PEP 440 writes them"
        notes.leave(Place(file, node.line), f"Python {node.text}", why, "choose one with  --python")


def _sources(notes: Notes, document: Node, file: str) -> set[str]:
    """Say what becomes of indexes; gives the packages that uv takes from somewhere else."""
    indexes = (document["tool/uv/index"], document["tool/poetry/source"], document["tool/pdm/source"])
    for each in (one for node in indexes for one in node):
        notes.leave(
            Place(file, each.line), f"index {each['name']} {each['url']}", "where packages come from is not the"
            " release's matter", MIRROR,
        )  # fmt: skip
    sources = document["tool/uv/sources"].pairs
    return {
        canonical_name(name) for name, node in sources if node.form == "list" or any(map(node.__getitem__, _ELSEWHERE))
    }


def _poetry(notes: Notes, poetry: Node, file: str) -> None:
    for name, node in poetry["dependencies"].pairs:
        _poetry_one(notes, name, node, file)
    groups = [(name, group["dependencies"]) for name, group in poetry["group"].pairs]
    if poetry["dev-dependencies"]:
        groups.append(("dev", poetry["dev-dependencies"]))
    for name, group in groups:
        if group and _wanted(notes, name, group, file):
            for package, node in group.pairs:
                _poetry_one(notes, package, node, file)


def _poetry_one(notes: Notes, name: str, node: Node, file: str) -> None:
    place = Place(file, node.line)
    text = node.text if node.form == "text" else node["version"].text
    if name == "python":
        _python(notes, node if node.form == "text" else node["version"], file)
    elif node.form == "list":
        why = "several constraints, each for its own case, are not understood"
        notes.leave(place, f"{name} = {node}", why, "write one requirement for each, with markers")
    elif any(map(node.__getitem__, _ELSEWHERE)):
        notes.leave(place, f"{name} = {node}", "it is taken from a repository or a file", PUBLISH)
    elif node["optional"].text == "true":
        notes.leave(place, f"{name} = {node}", "it is optional", "add it to packages if it is wanted")
    elif (wanted := _poetry_version(text)) is None:
        notes.leave(place, f"{name} = {node}", "its version is not understood", "add it to packages, as  name>=1,<2")
    else:
        extras = ",".join(each.text for each in node["extras"])
        marker = f"; {node['markers']}" if node["markers"] else ""
        if node["python"]:
            why = "a condition on Python is not taken: the release has one Python"
            notes.leave(place, f"{name} python = {node['python']}", why)
        requirements.requirement(notes, name + (f"[{extras}]" if extras else "") + wanted + marker, place)


def _poetry_version(text: str) -> str | None:
    """Give a version of Poetry as specifiers of PEP 440; None for one that has none: ``^1.2`` is ``>=1.2,<2``."""
    parts = [_bound(one.strip()) for one in re.split(r"\s*,\s*|\s+(?=[<>=!~^])", text.strip()) if one.strip()]
    return None if None in parts else ",".join(one for one in parts if one)


def _bound(text: str) -> str | None:
    if text == "*":
        return ""
    operator = re.match(r"[\^~]?(?!=)", text)
    sign, version = (operator[0] if operator else ""), text.lstrip("^~").strip()
    if text.startswith("~=") or text[0] in "<>=!":
        try:
            return str(SpecifierSet(text.replace(" ", "")))
        except InvalidSpecifier:
            return None
    try:
        numbers = Version(version.removesuffix(".*")).release
    except InvalidVersion:
        return None
    if sign == "~":
        above = _above(numbers, min(1, len(numbers) - 1))
    elif sign == "^":
        above = _above(numbers, next((at for at, one in enumerate(numbers) if one), len(numbers) - 1))
    else:
        return f"=={version}"
    return f">={version},<{above}"


def _above(numbers: tuple[int, ...], at: int) -> str:
    """Give the version with one part higher and nothing after it."""
    return ".".join(map(str, (*numbers[:at], numbers[at] + 1)))
