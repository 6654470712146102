"""``debt``: what is owed, since when, and to whom it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manager.cli.options import reads
from manager.cli.output import Section
from manager.cli.pages import Page
from manager.core.amounts import few

if TYPE_CHECKING:
    from manager.cli.session import Session

_NAMED = 3


@click.command(cls=Page, examples=("solvent debt", "solvent debt --as-of 2027-06-30"))
@click.option("--check", "gate", is_flag=True, help="Exit 3 if something is owed.")
@reads
def debt(session: Session, gate: bool) -> None:
    """Show what is owed, since when, to whom it matters, and the command that pays it.

    A driver that is older than its newest version is owed libyears: the years between the days on which the two came
    out. A release that people still have after its end of life is owed days. Each nightly remembers the totals of its
    day; JSON has those of the last 90 days as `trend`.
    """
    found = session.manager.debt()
    for note in found.notes:
        session.terminal.note(note)
    if session.output.structured:
        session.output.document(found.to_json())
    else:
        rows = tuple(
            (one.kind, one.subject, one.amount, str(one.since or ""), str(one.interest), few(one.owners, _NAMED),
             one.pay)
            for one in found.items
        )  # fmt: skip
        headings = ("kind", "subject", "owed", "since", "environments", "owners", "pay it")
        facts = [("as of", str(found.as_of)), ("owed", ", ".join(found.totals.words))]
        names = "\n".join(one.subject for one in found.items)
        session.output.one("debt", {}, facts, name=names, sections=[Section("items", headings, rows)])
    if gate and found.items:
        click.get_current_context().exit(3)
