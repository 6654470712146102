"""``workspace``: the files of a person, which outlive environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.app.times import ago
from manager.cli.options import plans, reads
from manager.cli.output import Column
from manager.cli.pages import PageGroup

if TYPE_CHECKING:
    from datetime import datetime

    from manager.app.views import WorkspaceView
    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent workspace list", "solvent workspace remove work"))
def workspace() -> None:
    """Workspaces: your files, in a volume that outlives environments and serves several families."""


@workspace.command("list", examples=("solvent workspace list", "solvent workspace list -o json"))
@reads
def listing(session: Session) -> None:
    """List workspaces: how much they hold, who uses them, where they came from.

    They are measured for it; where that takes the engine too long, the size is the one of the last time.
    """
    found = session.manager.workspaces()
    columns = [
        Column[Any]("name", lambda one: one.name),
        Column[Any]("size", _size),
        Column[Any]("environments", _users),
        Column[Any]("created", lambda one: ago(_instant(one.created))),
        Column[Any]("last used", lambda one: ago(one.used)),
        Column[Any]("git", lambda one: one.origin),
    ]
    wide = [
        Column[Any]("owner", lambda one: one.owner),
        Column[Any]("volume", lambda one: one.volume),
        Column[Any]("measured", lambda one: ago(one.measured)),
    ]
    session.output.rows(
        "workspaces", found, columns, wide=wide, name=lambda one: one.name, to_json=lambda one: one.to_json()
    )
    for one in found:
        _warn(session, one)
    if not found:
        session.terminal.note("no workspaces; a launch makes one:  solvent env launch jupyterlab")


@workspace.command(examples=("solvent workspace show work", "solvent workspace show work -o json"))
@click.argument("name")
@reads
def show(session: Session, name: str) -> None:
    """Show one workspace, measured now."""
    one = session.manager.workspace(name)
    facts = [
        ("name", one.name),
        ("owner", one.owner),
        ("volume", one.volume),
        ("environments", _users(one)),
        ("size", _size(one)),
        ("measured", ago(one.measured)),
        ("git", one.origin),
        ("created", ago(_instant(one.created))),
        ("last used", ago(one.used)),
    ]
    session.output.one("workspace", one.to_json(), [fact for fact in facts if fact[1]], name=one.name)
    _warn(session, one)


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


def _users(one: WorkspaceView) -> str:
    return ", ".join(user.name if user.state == "running" else f"{user.name} ({user.state})" for user in one.users)


def _size(one: WorkspaceView) -> str:
    from manager.core.amounts import show_size

    return show_size(one.size) if one.size is not None else ""


def _warn(session: Session, one: WorkspaceView) -> None:
    from manager.core.amounts import show_size

    if one.room == "over" and not session.output.structured:
        session.terminal.warn(f"workspace {one.name} is over its budget of {show_size(one.budget)}")


def _instant(text: str) -> datetime | None:
    """Read what the engine says of a volume; older engines say nothing."""
    from datetime import datetime

    return datetime.fromisoformat(text) if text else None
