"""``workspace``: the files of a person, which outlive environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import plans, reads
from manager.cli.output import Column
from manager.cli.pages import PageGroup
from manager.cli.times import ago

if TYPE_CHECKING:
    from datetime import datetime

    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent workspace list", "solvent workspace remove work"))
def workspace() -> None:
    """Workspaces: your files, in a volume that outlives environments and serves several families."""


@workspace.command("list", examples=("solvent workspace list", "solvent workspace list -o json"))
@reads
def listing(session: Session) -> None:
    """List workspaces and the environments that use them."""
    found = session.manager.workspaces()
    columns = [
        Column[Any]("name", lambda one: one.name),
        Column[Any]("environments", lambda one: ", ".join(one.environments)),
        Column[Any]("created", lambda one: ago(_instant(one.created))),
    ]
    wide = [Column[Any]("owner", lambda one: one.owner), Column[Any]("volume", lambda one: one.volume)]
    session.output.rows(
        "workspaces", found, columns, wide=wide, name=lambda one: one.name, to_json=lambda one: one.to_json()
    )
    if not found:
        session.terminal.note("no workspaces; a launch makes one:  solvent env launch jupyterlab")


@workspace.command(examples=("solvent workspace show work", "solvent workspace show work -o json"))
@click.argument("name")
@reads
def show(session: Session, name: str) -> None:
    """Show one workspace."""
    one = session.manager.workspace(name)
    facts = [
        ("name", one.name),
        ("owner", one.owner),
        ("volume", one.volume),
        ("environments", ", ".join(one.environments)),
        ("created", ago(_instant(one.created))),
    ]
    session.output.one("workspace", one.to_json(), [fact for fact in facts if fact[1]], name=one.name)


@workspace.command(examples=("solvent workspace remove work", "solvent workspace remove work --approve-destructive"))
@click.argument("name")
@plans
def remove(session: Session, name: str) -> None:
    """Delete a workspace with all its files.

    One that an environment uses is not deleted.
    """
    session.carry_out(session.manager.plan_remove_workspace(name))
    if session.output.structured:
        session.output.document({"removed": {"workspace": name}})
    else:
        session.output.line(name)


def _instant(text: str) -> datetime | None:
    """Read what the engine says of a volume; older engines say nothing."""
    from datetime import datetime

    return datetime.fromisoformat(text) if text else None
