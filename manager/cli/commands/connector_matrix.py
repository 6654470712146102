"""``connector matrix``: what was verified with what, and what was not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manager.cli.options import reads
from manager.cli.output import Section
from manager.cli.pages import Page

if TYPE_CHECKING:
    from manager.cli.session import Session


@click.command(cls=Page, examples=("solvent connector matrix", "solvent connector matrix --markdown matrix.md"))
@click.option("--markdown", type=click.Path(), metavar="FILE", help="Write it as a page.")
@click.option("--all", "everything", is_flag=True, help="Also what was not run.")
@click.option("--why", is_flag=True, help="Of what is blocked, what changed between its last pass and first failure.")
@reads
def matrix(session: Session, markdown: str | None, everything: bool, why: bool) -> None:
    """Show which driver was verified in which release against which server, since when, and what was never run.

    It is made from the results of checks of the sets that releases have now, and of nothing else. A result is stale
    after 14 days; one of an emulation is marked so, and says nothing of the real server.
    """
    from manager.core.matrix_page import markdown as page
    from manager.core.matrix_page import words

    found = session.manager.matrix()
    if markdown:
        from manager.cli.commands.check import written

        written(markdown, page(found))
    shown = [(row, mark) for row in found.rows for mark in row.marks if everything or mark.state != "not_run"]
    cells = tuple(
        (row.connector, f"{row.driver} {mark.spot.version}", mark.spot.source, mark.spot.release, words(mark))
        for row, mark in shown
    )
    counts = [
        (kind, ", ".join(f"{count} {state}" for state, count in some.items() if count))
        for kind, some in found.to_json()["counts"].items()
    ]
    document = {key: value for key, value in found.to_json().items() if key != "schema"}
    turns = [one for mark in found.marks if why and (one := session.manager.turn(mark))]
    if session.output.structured:
        session.output.document(document | ({"turns": [one.to_json() for one in turns]} if why else {}))
        return
    session.output.one(
        "matrix",
        document,
        [("as of", found.as_of.isoformat()), *(one for one in counts if one[1])],
        name="matrix",
        sections=[Section("cells", ("connector", "driver", "source", "release", "verdict"), cells)],
    )
    for one in turns if session.output.form != "name" else ():
        session.output.lines((one.failed.cell.name, *(f"  {line}" for line in one.lines()), ""))
    left = len(found.marks) - len(shown)
    if left:
        session.terminal.note(f"{left} more were not run; all of them:  solvent connector matrix --all")
