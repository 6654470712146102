"""The table ``[mirror]`` of ``solvent.toml``: what is wrong in it, and its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core import mirror_table
from manager.core.mirrors import NOTHING_SET, Mirrors
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.world.files.documents import Folder


def mirror_findings(solvent: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[Finding]:
    """Check addresses and references; types and unknown keys are found by the shape."""
    for file, data in solvent:
        for fault in mirror_table.faults(data.get("mirror") or {}):
            yield Finding(file, ("mirror", *fault.keys), fault.why, fault.hint)


def mirrors(folder: Folder) -> Mirrors:
    """Make the value, with the line of each key; relative paths are the catalog's."""
    document = folder.of("solvent")[0]
    table = document.data.get("mirror", {})
    if not table:
        return NOTHING_SET
    origins = mirror_table.origins(document.text.decode(), str(folder.root / document.file))
    return mirror_table.read(table, str(folder.root), origins)
