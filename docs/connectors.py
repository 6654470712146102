"""Writes the table of connectors in docs/connectors.md from the shipped catalog: ``python docs/connectors.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager.world import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.connectors import Connector

REPOSITORY = Path(__file__).parents[1]
PAGE = REPOSITORY / "docs" / "connectors.md"
BEGIN, END = "<!-- written by docs/connectors.py -->\n", "<!-- end -->\n"
HEADINGS = ("connector", "data source", "tier", "drivers", "handed on", "ways to sign in", "checks")


def rows(connectors: tuple[Connector, ...]) -> Iterator[tuple[str, ...]]:
    """Give a row for each connector, by id; a way to sign in in brackets does not work inside an environment."""
    for one in sorted(connectors, key=lambda one: one.id):
        drivers = [each.name for each in one.drivers if each.role == "driver"]
        ways = [way.name if way.inside else f"({way.name})" for way in one.authentication]
        yield (
            f"`{one.id}`",
            one.title,
            one.tier,
            ", ".join(drivers),
            "yes" if one.redistributable else "no",
            ", ".join(ways),
            checks(one),
        )


def checks(connector: Connector) -> str:
    """Say what checks of a connector can run against here."""
    if connector.sources:
        return ", ".join(source.name for source in connector.sources)
    return "not run" if connector.not_run else "no source yet"


def table(connectors: tuple[Connector, ...]) -> str:
    """Give the table as Markdown."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *rows(connectors)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def page(text: str, connectors: tuple[Connector, ...]) -> str:
    """Give a page with the table between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(connectors)}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(
        page(PAGE.read_text(encoding="utf-8"), files.load(REPOSITORY, shipped=True).connectors), encoding="utf-8"
    )
