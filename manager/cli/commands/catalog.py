"""``catalog`` and ``init``: check, describe, trust and start catalogs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import reads
from manager.cli.output import Column
from manager.cli.pages import Page, PageGroup

if TYPE_CHECKING:
    from collections.abc import Callable

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


@catalog.command(examples=("solvent catalog diff", "solvent catalog diff --upstream -o json"))
@click.option("--upstream", is_flag=True, help="What the shipped catalog changed since yours was made against it.")
@click.option("--check", "gate", is_flag=True, help="Exit 3 if there is a difference.")
@reads
def diff(session: Session, upstream: bool, gate: bool) -> None:
    """Show what your catalog says otherwise than the shipped one, key by key.

    With `--upstream`: what was added to the shipped catalog, removed and changed since `solvent init` or the last
    `solvent catalog accept`. Each line says whether your copy of the file is `taken` (as it is shipped now),
    `untouched` (as it was), `edited` or `absent`, and which of your families extend it: these have the change already.
    """
    from manager.app import upstream as comparing

    where, settings = session.options.catalog, session.manager.settings
    change = [
        Column[Any]("file", lambda one: one.file),
        Column[Any]("key", lambda one: one.key),
        Column[Any]("change", lambda one: one.kind),
        Column[Any]("before", _side("before")),
        Column[Any]("after", _side("after")),
    ]
    found: tuple[Any, ...]
    if upstream:
        one, found = comparing.since(where, settings)
        columns = [Column[Any](title, _of_change(cell)) for title, cell in change]
        columns.append(Column[Any]("your copy", lambda row: row.copy))
        columns.append(Column[Any]("extended by", lambda row: ", ".join(row.extended_by)))
        session.output.rows(
            "changes", found, columns, name=lambda row: row.change.file, to_json=lambda row: row.to_json()
        )
    else:
        one, found = comparing.own(where, settings)
        session.output.rows("changes", found, change, name=lambda row: row.file, to_json=comparing.change_json)
    if one.shipped:
        session.terminal.note("this is the shipped catalog itself; name yours with --catalog DIR")
    elif not found:
        session.terminal.note("no difference")
    elif gate:
        click.get_current_context().exit(3)


def _of_change(cell: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda one: cell(one.change)


def _side(name: str) -> Callable[[Any], str]:
    """Show one side of a change: a value as it is written, or the beginning of a file's SHA-256."""
    return lambda one: getattr(one, name) if one.key else getattr(one, name)[:12]


@catalog.command(examples=("solvent catalog accept", "solvent catalog accept --catalog ./catalog"))
@reads
def accept(session: Session) -> None:
    """Record the catalog that is shipped now as the one that yours is made against.

    `solvent catalog diff --upstream` counts from there. The record, `upstream.lock`, is part of your catalog.
    """
    from manager.app import upstream as comparing

    path = comparing.accept(session.options.catalog, session.manager.settings)
    if session.output.structured:
        session.output.document({"catalog": {"root": str(path.parent), "record": str(path)}})
    else:
        session.output.line(str(path))


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
