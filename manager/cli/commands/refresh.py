"""``refresh``: what came out upstream, and what to type for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.options import reads
from manager.cli.output import Column
from manager.cli.pages import Page

if TYPE_CHECKING:
    from manager.app.watch import Refreshed
    from manager.cli.session import Session


@click.command(cls=Page, examples=("solvent refresh", "solvent refresh jupyterlab --check -o json"))
@click.argument("families", nargs=-1, metavar="[FAMILY]...")
@click.option("--check", "gate", is_flag=True, help="Exit 3 if something is proposed.")
@reads
def refresh(session: Session, families: tuple[str, ...], gate: bool) -> None:
    """Ask the indexes for newer IDEs and drivers, and the mirror for updates of bases; propose, and do nothing.

    Answers are kept, and asked for again only where they have changed. Where an index does not answer, what it said
    before counts, and a note says of which day it is.
    """
    found = cast("Refreshed", session.follow(session.manager.refresh(families)))
    columns = [
        Column[Any]("what", lambda one: one.kind),
        Column[Any]("subject", lambda one: one.subject),
        Column[Any]("why", lambda one: one.why),
        Column[Any]("command", lambda one: one.pay),
    ]
    session.output.rows(
        "candidates",
        found.candidates,
        columns,
        name=lambda one: one.subject,
        to_json=lambda one: one.to_json(),
        more={"notes": list(found.notes), "asked": found.asked, "waiting": list(found.waiting)},
    )
    for note in found.notes:
        session.terminal.warn(note)
    for note in found.waiting:
        session.terminal.note(note)
    if not found.candidates:
        session.terminal.note("nothing newer is known" + (" of what was asked" if found.notes else ""))
    elif gate:
        click.get_current_context().exit(3)
