"""Writes a decision as a file of its own; none that is there is ever changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.errors import Refused
from manager.world.files import writing
from manager.world.files.writing import Edit

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.overrides import Override

_KEYS = ("kind", "subject", "day", "since", "until", "to", "message", "reason", "by", "approved_by", "security")


def text_of(root: Path, content: str, one: Override) -> str:
    """Give the text of the file as it would be; raises as :func:`write`."""
    return writing.judged(root, content, _edit(one))


def write(root: Path, content: str, one: Override) -> str:
    """Write the file that the decision's place names, and give its text.

    ``content`` is the digest of the catalog that was read. Raises Refused when it has another one by now or cannot be
    written, CatalogError for a decision that the catalog does not take; nothing is changed then.
    """
    return writing.write(root, content, _edit(one))


def _edit(one: Override) -> Edit:
    def changed(text: str | None) -> str:
        if text is not None:
            raise Refused(f"{one.place.file} is there already; decisions are only added", where=one.place.file)
        import tomlkit

        document = tomlkit.document()
        for key in _KEYS:
            if value := getattr(one, key):
                document["from" if key == "since" else key] = value
        return tomlkit.dumps(document)

    return Edit("override", one.place.file, changed, "this decision cannot be made")
