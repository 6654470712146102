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
@click.option(
    "--advisories",
    type=click.Path(),
    metavar="FILE",
    help="First keep the advisories of a file, a folder or a zip archive in OSV's format.",
)
@reads
def refresh(session: Session, families: tuple[str, ...], gate: bool, advisories: str | None) -> None:
    """Ask the indexes for newer IDEs and drivers, and the mirror for updates of bases; propose, and do nothing.

    Answers are kept, and asked for again only where they have changed. Where an index does not answer, what it said
    before counts, and a note says of which day it is. Advisories that were kept are held against the locks each time;
    with `advisories_url` in the settings they are asked for, too.
    """
    if advisories:
        _keep(session, advisories)
    # A file that was just read takes the place of the service. With it what was asked for is done; a machine without a
    # network has nobody else to ask.
    asking = session.manager.refresh(families, ask_service=not advisories, silence_fails=not advisories)
    found = cast("Refreshed", session.follow(asking))
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


def _keep(session: Session, place: str) -> None:
    from pathlib import Path

    from manager.core.amounts import many

    read, kept, notes = session.manager.take_advisories(Path(place))
    for note in notes[:5]:
        session.terminal.warn(note)
    if len(notes) > 5:
        session.terminal.warn(f"and {many(len(notes) - 5, 'more document')}")
    session.terminal.note(f"advisories: {read} read, {kept} kept: those about packages of locks or builds")
