"""Writes a release that follows another one: a table like its predecessor's, whose successor it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.world.files import appending, writing
from manager.world.files.writing import Edit

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.following import Following

# What says how a release is made. Dates, pins and successors are each release's own.
_KEPT = ("ide_from", "node", "connectors", "sets", "packages")


def text_of(root: Path, content: str, following: Following) -> str:
    """Give the text of the family's file as it would be; raises as :func:`manager.world.files.writing.judged`."""
    return writing.judged(root, content, _edit(following))


def write(root: Path, content: str, following: Following) -> str:
    """Write it and give the file's text; raises as :func:`manager.world.files.writing.write`."""
    return writing.write(root, content, _edit(following))


def _edit(following: Following) -> Edit:
    return Edit("family", following.file, lambda text: _changed(text or "", following), "this release cannot be made")


def _changed(text: str, following: Following) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    releases = appending.releases_of(document, following.family, following.file)
    model: Any = next(table for table in releases if table.get("line") == following.model.line)
    if following.succeeds:
        appending.put(model, "successor", following.name)
    fresh = tomlkit.table()
    fresh["line"] = following.line
    fresh["ide"] = following.ide
    fresh["python"] = following.python
    if following.r:
        fresh["r"] = following.r
    fresh["system"] = following.system
    fresh["released"] = following.released
    fresh["released"].comment(f"when {following.ide} came out")
    for key in _KEPT:
        if key in model:
            fresh[key] = model[key].unwrap() if hasattr(model[key], "unwrap") else model[key]
    appending.append(releases, fresh)
    return tomlkit.dumps(document)
