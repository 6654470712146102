"""Writes a decision as a file of its own; none that is there is ever changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.overrides import DRIVERS
from manager.errors import Refused
from manager.world.files import writing
from manager.world.files.writing import Edit

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.driver_decisions import DriverDecision
    from manager.core.overrides import Override
    from manager.world.files.documents import Kind

# Those that a kind of decision does not have are left out, as those that say nothing.
_KEYS = (
    "kind", "subject", "dist", "release", "day", "since", "until", "until_version", "version", "advisory", "to",
    "message", "reason", "by", "approved_by", "security",
)  # fmt: skip


def text_of(root: Path, content: str, one: Override | DriverDecision) -> str:
    """Give the text of the file as it would be; raises as :func:`write`."""
    return writing.judged(root, content, _edit(one))


def write(root: Path, content: str, one: Override | DriverDecision) -> str:
    """Write the file that the decision's place names, and give its text.

    ``content`` is the digest of the catalog that was read. Raises Refused when it has another one by now or cannot be
    written, CatalogError for a decision that the catalog does not take; nothing is changed then.
    """
    return writing.write(root, content, _edit(one))


def _edit(one: Override | DriverDecision) -> Edit:
    def changed(text: str | None) -> str:
        if text is not None:
            raise Refused(f"{one.place.file} is there already; decisions are only added", where=one.place.file)
        import tomlkit

        document = tomlkit.document()
        for key in _KEYS:
            if value := getattr(one, key, None):
                document["from" if key == "since" else key] = value
        return tomlkit.dumps(document)

    kind: Kind = "decision" if one.place.file.startswith(DRIVERS) else "override"
    return Edit(kind, one.place.file, changed, "this decision cannot be made")
