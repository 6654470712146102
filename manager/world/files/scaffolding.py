"""Writes a scaffold into a catalog: a new family's file, or one more release in a file that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.amounts import show_size
from manager.core.secrecy import shown
from manager.core.systems import is_address
from manager.errors import Refused
from manager.world.files import appending, writing
from manager.world.files.writing import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from manager.core.recipes.notes import Key, Taken
    from manager.core.scaffold import Scaffold


def text_of(root: Path, content: str, scaffold: Scaffold, owner: str) -> str:
    """Give the text of the file as it would be; raises as :func:`write`."""
    return writing.judged(root, content, _edit(root, scaffold, owner))


def write(root: Path, content: str, scaffold: Scaffold, owner: str) -> str:
    """Write it and give the file's text.

    ``content`` is the digest of the catalog that was read. Raises Refused when the catalog has another one by now,
    for a folder that is there already and for what cannot be written, CatalogError for what would be wrong; nothing
    is changed then.
    """
    return writing.write(root, content, _edit(root, scaffold, owner))


def _edit(root: Path, scaffold: Scaffold, owner: str) -> Edit:
    folder = (root / scaffold.file).parent

    def changed(text: str | None) -> str:
        if scaffold.form == "release":
            return _appended(text or "", scaffold)
        if folder.exists() or folder.is_symlink():
            hint = "give the family another name, or take the folder away"
            raise Refused(f"{folder} is there already, and holds no family of this name", hint=hint, where=str(folder))
        return _family(scaffold, owner)

    return Edit("family", scaffold.file, changed, "this release cannot be made")


def _family(scaffold: Scaffold, owner: str) -> str:
    import tomlkit

    document = tomlkit.document()
    document.add(
        tomlkit.comment(
            f"Made from {shown(scaffold.recipe)} by solvent image new. Read it, edit it, then lock and build."
        )
    )
    document.add(tomlkit.nl())
    document["id"] = scaffold.wanted.family
    document["title"] = scaffold.wanted.family
    document["owner"] = owner
    document["extends"] = scaffold.wanted.extends
    budget = show_size(scaffold.budget)
    document.add(
        tomlkit.comment(
            f'size_budget = "2500 MB"    a build beyond that of {scaffold.wanted.extends}, {budget}, is not promoted'
        )
    )
    if found := _of(scaffold, "system_packages"):
        document["system_packages"] = _array(found)
    if found := _of(scaffold, "environment"):
        table = tomlkit.table()
        for one in found:
            table[one.name] = tomlkit.string(one.value).comment(_origin(one))
        document["environment"] = table
    if scaffold.artifacts:
        tables = tomlkit.aot()
        for each in scaffold.artifacts:
            table = tomlkit.table()
            table.add(tomlkit.comment(_origin(each.taken)))
            table["name"] = each.name
            table["url" if is_address(each.taken.name) else "file"] = each.kept(scaffold.wanted.family)
            table["sha256"] = each.taken.sha256
            table["licence"] = f"not stated in {shown(each.taken.place.file)}"
            table["target"] = each.taken.value
            tables.append(table)
        document["artifact"] = tables
    releases = tomlkit.aot()
    releases.append(_release(scaffold))
    document["release"] = releases
    return tomlkit.dumps(document)


def _appended(text: str, scaffold: Scaffold) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    appending.append(appending.releases_of(document, scaffold.wanted.family, scaffold.file), _release(scaffold))
    return tomlkit.dumps(document)


def _release(scaffold: Scaffold) -> Any:
    import tomlkit

    table = tomlkit.table()
    table["line"] = scaffold.wanted.line
    table["ide"] = tomlkit.string(scaffold.model.ide_requirement).comment(f"as {scaffold.model.name}")
    named = ", ".join(shown(str(place)) for place in scaffold.python_from)
    table["python"] = tomlkit.string(scaffold.python).comment(named or "chosen, not named")
    table["system"] = scaffold.system
    table["released"] = scaffold.released
    if scaffold.connectors:
        table["connectors"] = list(scaffold.connectors)
        table["connectors"].comment(f"as {scaffold.model.name}")
    # A family of another's has none of its releases' own packages and sets, as it has releases of its own.
    before = scaffold.form == "family"
    inherited = tuple(scaffold.model.sets) if before else ()
    if sets := [*inherited, *(one.value for one in _of(scaffold, "sets") if one.value not in inherited)]:
        table["sets"] = sets
        if found := _of(scaffold, "sets"):
            table["sets"].comment(_origin(found[0]))
    of_model = [(name, f"as {scaffold.model.name}") for name in (scaffold.model.packages if before else ())]
    found = _of(scaffold, "packages")
    if found or of_model:
        table["packages"] = _array(found, of_model)
    return table


def _of(scaffold: Scaffold, key: Key) -> tuple[Taken, ...]:
    return tuple(one for one in scaffold.taken if one.key == key)


def _array(found: Iterable[Taken], before: Iterable[tuple[str, str]] = ()) -> Any:
    """Make an array with a line for each value and where it came from behind it."""
    import tomlkit

    array = tomlkit.array()
    for value, comment in (*before, *((one.value, _origin(one)) for one in found)):
        array.add_line(value, comment=comment)
    array.add_line(indent="")
    return array


def _origin(one: Taken) -> str:
    """Say where something came from; whatever a recipe says is put on one line, without what looks secret."""
    return shown(f"{one.place}; assumed: {one.assumed}" if one.assumed else str(one.place))
