"""``quickstart``: from a bare machine to a notebook that queries a database, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from manager.cli.options import asks
from manager.cli.pages import Page
from manager.cli.reach import reached, show_environment

if TYPE_CHECKING:
    from manager.app.quickstart import QuickstartDone
    from manager.cli.session import Session


@click.command(cls=Page, examples=("solvent quickstart", "solvent quickstart --remove"))
@click.option("--remove", is_flag=True, help="Take away everything that quickstart made.")
@asks
def quickstart(session: Session, remove: bool) -> None:
    """Bring up an engine, the first image, PostgreSQL with sample data, and a notebook that queries it.

    Prints the notebook's URL. What is there already is used again. `--remove` is the yes to deleting what it made, the
    files of its workspace included.
    """
    from manager.app import quickstart as way

    if remove:
        session.follow(way.remove(session.manager))
        if session.output.structured:
            session.output.document({"removed": "quickstart"})
        return
    done = cast("QuickstartDone", session.follow(way.quickstart(session.manager)))
    for row in done.rows.splitlines():
        session.terminal.line(f"  {row}")
    view = session.manager.environment(done.environment)
    if session.output.structured:
        session.output.document(
            {"environment": view.to_json(), "notebook": done.url, "rows": done.rows, "next": list(done.try_next)}
        )
        return
    show_environment(session, view, headline=done.url)
    reached(session, view)
    if not session.options.quiet:
        for line in done.try_next:
            session.terminal.line(f"  next:  {line}")
