"""Edits the catalog's file of shared connections; comments stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.errors import UsageError
from manager.world.files.documents import SHARED
from manager.world.files.writing import Edit, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tomlkit import TOMLDocument

    from manager.core.sharing import SharedConnection

_TOP = """\
# Connections that this catalog gives to everybody. No secret stands here: each person brings what `needs` names.

"""


def share(root: Path, content: str, shared: SharedConnection) -> None:
    """Append a shared connection to a catalog's file, which is made with the first one.

    ``content`` is the digest of the catalog that was read. Raises Refused when it has another one by now or cannot
    be written, CatalogError when what would be written is wrong; nothing is changed then.
    """

    def append(document: TOMLDocument) -> None:
        import tomlkit

        table = tomlkit.table()
        for key in ("name", "connector", "description", "owner", "source", "network"):
            if value := getattr(shared, key):
                table[key] = value
        table["needs"] = list(shared.needs)
        if shared.parameters:
            given = tomlkit.inline_table()
            given.update(dict(shared.parameters))
            table["parameters"] = given
        tables = document.setdefault("connection", tomlkit.aot())
        if tables:
            tables[-1].add(tomlkit.nl())
        tables.append(table)

    _edit(root, content, append)


def unshare(root: Path, content: str, name: str) -> None:
    """Take a shared connection out of a catalog's file; raises as :func:`share`, UsageError for an unknown one."""

    def drop(document: TOMLDocument) -> None:
        tables: Any = document.get("connection", [])
        at = next((index for index, table in enumerate(tables) if table.get("name") == name), None)
        if at is None:
            raise UsageError(f"the catalog shares no connection {name!r}")
        del tables[at]

    _edit(root, content, drop)


def _edit(root: Path, content: str, change: Callable[[TOMLDocument], None]) -> None:
    import tomlkit

    def changed(text: str | None) -> str:
        document = tomlkit.parse(_TOP if text is None else text)
        change(document)
        return tomlkit.dumps(document)

    write(root, content, Edit("connections", SHARED, changed, "this connection cannot be shared"))
