"""``catalog`` and ``init``: check, describe, trust and start catalogs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import reads
from manager.cli.pages import Page, PageGroup

if TYPE_CHECKING:
    from manager.cli.session import Session

_DIR = click.Path(path_type=Path)


@click.group(cls=PageGroup, examples=("solvent catalog validate", "solvent catalog trust ./catalog"))
def catalog() -> None:
    """Catalogs: the files (TOML and locks, in git) that say what should exist."""


@catalog.command(examples=("solvent catalog validate", "solvent catalog validate ./catalog -o json"))
@click.argument("folder", metavar="[DIR]", required=False, type=_DIR)
@reads
def validate(session: Session, folder: Path | None) -> None:
    """Check a catalog: every problem at once; exit 4 if there is one.

    Each comes with file, line and key. Without DIR: the catalog that the other commands would use. Nothing of it is
    run, so it need not be trusted.
    """
    from manager.app import catalogs

    one = catalogs.validate(folder or session.options.catalog, session.manager.settings)
    found: dict[str, Any] = {
        "root": one.root,
        "name": one.name or None,
        "shipped": one.shipped,
        "content": one.content,
        "families": len(one.families),
        "releases": len(one.releases),
        "connectors": len(one.connectors),
        "sources": len(one.sources),
        "problems": [],
    }
    facts = [
        ("catalog", one.root),
        ("kind", "shipped, read-only" if one.shipped else "your own"),
        ("families", str(len(one.families))),
        ("releases", str(len(one.releases))),
        ("connectors", str(len(one.connectors))),
        ("sources", str(len(one.sources))),
        ("problems", "none"),
    ]
    session.output.one("catalog", found, facts, name=one.root)


@catalog.command(examples=("solvent catalog schema", "solvent catalog schema > catalog.schema.json"))
@reads
def schema(session: Session) -> None:
    """Print the JSON Schema of the catalog's files, for editors."""
    import json

    from manager.app import catalogs

    # The document itself is the result, whatever form was asked for: an editor reads it as it is.
    session.output.line(json.dumps(catalogs.schema(), indent=2, ensure_ascii=False))


@catalog.command(examples=("solvent catalog trust", "solvent catalog trust ./catalog"))
@click.argument("folder", metavar="[DIR]", required=False, type=_DIR)
@reads
def trust(session: Session, folder: Path | None) -> None:
    """Trust a catalog, once for each place; read it first.

    A catalog is code: its Dockerfiles and probes run with the rights of the engine.
    """
    from manager.app import catalogs

    root = catalogs.trust(folder or session.options.catalog, session.manager.settings)
    if session.output.structured:
        session.output.document({"catalog": {"root": str(root), "trusted": True}})
    else:
        session.output.line(str(root))


@click.command(cls=Page, examples=("solvent init catalog", "solvent init ~/our-catalog -q"))
@click.argument("folder", metavar="DIR", type=_DIR)
@reads
def init(session: Session, folder: Path) -> None:
    """Start a catalog of your own in DIR, in git and trusted, as a copy of the shipped one."""
    from manager.app import catalogs

    root = catalogs.init(folder, session.manager.settings)
    if session.output.structured:
        session.output.document({"catalog": {"root": str(root), "trusted": True}})
    else:
        session.output.line(str(root))
        if not session.options.quiet:
            session.terminal.note(f"use it from inside the folder, or with  --catalog {folder}")
