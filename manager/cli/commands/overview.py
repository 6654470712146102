"""``status`` and ``doctor``: what needs a person, and what is wrong with the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import reads
from manager.cli.output import Column
from manager.cli.pages import Page
from manager.errors import FindingsError

if TYPE_CHECKING:
    from manager.cli.session import Session


@click.command(cls=Page, examples=("solvent status", "solvent status --check -o json"))
@click.option("--check", "gate", is_flag=True, help="Exit 3 if something needs you.")
@reads
def status(session: Session, gate: bool) -> None:
    """Show what needs you, worst first, each with the command that settles it."""
    matters = session.manager.status()
    columns = [
        Column[Any]("matter", lambda one: one.kind),
        Column[Any]("subject", lambda one: one.subject),
        Column[Any]("what", lambda one: one.text),
        Column[Any]("command", lambda one: one.pay),
    ]
    session.output.rows("matters", matters, columns, name=lambda one: one.subject, to_json=lambda one: one.to_json())
    if not matters:
        session.terminal.note("nothing needs you")
    elif gate:
        click.get_current_context().exit(3)


@click.command(cls=Page, examples=("solvent doctor", "solvent doctor -o json"))
@reads
def doctor(session: Session) -> None:
    """Look at engine, builder, database, disk, clock, permissions and trust; exit 3 if one of them fails.

    Each finding comes with its remedy.
    """
    findings = session.manager.doctor()
    columns = [
        Column[Any]("part", lambda one: one.part),
        Column[Any]("outcome", lambda one: one.outcome),
        Column[Any]("what", lambda one: one.text),
        Column[Any]("remedy", lambda one: one.remedy),
    ]
    session.output.rows("findings", findings, columns, name=lambda one: one.part, to_json=lambda one: one.to_json())
    failed = [one for one in findings if one.outcome == "fail"]
    if failed:
        raise FindingsError(
            f"{len(failed)} of {len(findings)} parts need a hand: {', '.join(one.part for one in failed)}",
            hint=next((one.remedy for one in failed if one.remedy), ""),
        )
