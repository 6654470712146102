"""What fits into the fields of forms, where that is known: shown below them, and completed while one types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.suggester import Suggester

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from manager.app.manager import Manager
    from manager.tui.action import Rows

_SHOWN = 8


def releases(manager: Manager, _rows: Rows) -> Iterable[str]:
    """Give the releases that are in use."""
    return (one.release.name for one in manager.releases())


def others(manager: Manager, rows: Rows) -> Iterable[str]:
    """Give the releases in use that may follow one: those of its family first, and not itself."""
    name, family = rows[0].name, rows[0].name.partition(":")[0]
    found = [one for one in releases(manager, rows) if one != name]
    return sorted(found, key=lambda one: one.partition(":")[0] != family)


def connectors(manager: Manager, _rows: Rows) -> Iterable[str]:
    """Give the ids of the connectors."""
    return (one.id for one in manager.catalog.connectors)


def connections(manager: Manager, _rows: Rows) -> Iterable[str]:
    """Give the connections of this person."""
    return (one.name for one in manager.connections())


def workspaces(manager: Manager, _rows: Rows) -> Iterable[str]:
    """Give the workspaces of this person."""
    return (one.name for one in manager.workspaces() if one.owner == manager.settings.owner)


def sources(manager: Manager, _rows: Rows) -> Iterable[str]:
    """Give the shipped sources."""
    return (one.name for one in manager.catalog.sources)


def drivers(manager: Manager, rows: Rows) -> Iterable[str]:
    """Give the distributions of a connector."""
    return (one.name for one in manager.catalog.connector(rows[0].name).drivers)


def versions(manager: Manager, rows: Rows) -> Iterable[str]:
    """Give the versions of the main driver of a connector, or of a connection's: the pinned one, and what is known."""
    connector = getattr(rows[0].thing, "connector", None)
    view = manager.connector(connector if isinstance(connector, str) else rows[0].name)
    found = (str(one.version) for one in view.learnt.known if one.stable)
    return dict.fromkeys([view.version, *found] if view.version else found)


def networks(manager: Manager, _rows: Rows) -> Iterable[str]:
    """Give the engine's networks but those that every engine has."""
    return (one.name for one in manager.engine.networks({}) if one.name not in ("bridge", "host", "none"))


def capabilities(_manager: Manager, _rows: Rows) -> Iterable[str]:
    """Give what may be allowed at a source of one's own."""
    from manager.core.own_sources import ABLE, MAY

    return (*ABLE, *MAY)


def fitting(known: Sequence[str], text: str) -> tuple[str, ...]:
    """Give those that begin like the last word of a text, whatever its case."""
    word = text.rpartition(" ")[2].casefold()
    return tuple(one for one in known if one.casefold().startswith(word))


def told(known: Sequence[str], text: str) -> str:
    """Say in a line what fits; "" where nothing does, or where it is written already."""
    found = fitting(known, text)
    if not found or found == (text.rpartition(" ")[2],):
        return ""
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"→ completes: {', '.join(found[:_SHOWN])}{more}"


class Known(Suggester):
    """Completes the last word of a field by what is known."""

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.known = known

    async def get_suggestion(self, value: str) -> str | None:
        """Give the text with its last word completed; nothing for no word, which anything would fit."""
        before, blank, word = value.rpartition(" ")
        found = fitting(self.known, value) if word else ()
        return f"{before}{blank}{found[0]}" if found else None
