"""``nightly``: what a timer calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.options import reads
from manager.cli.output import Column
from manager.cli.pages import Page
from manager.core.amounts import many
from manager.errors import FindingsError

if TYPE_CHECKING:
    from manager.app.checking.nightly import Nightly
    from manager.cli.session import Session


@click.command(cls=Page, examples=("solvent nightly", "solvent nightly --markdown nightly.md -o json"))
@click.option("--connector", "connectors", multiple=True, metavar="NAME", help="Only this connector; repeatable.")
@click.option(
    "--release",
    "releases",
    multiple=True,
    metavar="FAMILY[:RELEASE]",
    help="Only this release; repeatable  [default: every active one]",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME",
    help="Only against this source; repeatable  [default: every required one]",
)
@click.option("--no-newer", is_flag=True, help="Only the sets that people have, and none with newer drivers.")
@click.option("--no-refresh", is_flag=True, help="Ask no index: only what is locked, and what was known before.")
@click.option("--markdown", type=click.Path(), metavar="FILE", help="Write a report.")
@click.option(
    "--junit", type=click.Path(), metavar="FILE", help="Write the results of the last check run as JUnit XML."
)
@reads
def nightly(
    session: Session,
    connectors: tuple[str, ...],
    releases: tuple[str, ...],
    sources: tuple[str, ...],
    no_newer: bool,
    no_refresh: bool,
    markdown: str | None,
    junit: str | None,
) -> None:
    """Ask upstream, check what changed against real servers, and say what is to be promoted or held, and why.

    First the sets that people have are checked, then for each active release the set with every driver moved to what
    would be taken; only cells without a conclusive answer are asked. Each finding has the one command that pays it; by
    itself a nightly changes nothing, unless the setting `nightly_promotes` lets it promote what was verified. Exit code
    3 where there are findings.
    """
    from manager.app.checking.nightly import NightlyRequest
    from manager.cli.commands.check import written

    asked = NightlyRequest(connectors, releases, sources, not no_refresh, not no_newer)
    found = cast("Nightly", session.follow(session.manager.nightly(asked)))
    for note in found.notes:
        session.terminal.warn(note)
    if markdown:
        from manager.core import check_reports
        from manager.core.nightly import page

        written(markdown, page(found.to_json(), map(check_reports.markdown, found.runs)))
    if junit and found.runs:
        from manager.core import check_reports

        written(junit, check_reports.junit(found.runs[-1]))
    columns = [
        Column[Any]("what", lambda one: one.kind),
        Column[Any]("subject", lambda one: one.subject),
        Column[Any]("why", lambda one: one.why),
        Column[Any]("command", lambda one: one.pay),
    ]
    whole = {key: value for key, value in found.to_json().items() if key != "findings"}
    session.output.rows(
        "findings", found.findings, columns, name=lambda one: one.subject, to_json=lambda one: one.to_json(), more=whole
    )
    cells = sum(len(one.cells) for one in found.runs)
    session.terminal.note(
        f"{many(cells, 'cell')} checked, {found.unchanged} unchanged, in {found.seconds:.0f} s"
        + (f"; promoted: {', '.join(found.promoted)}" if found.promoted else "")
    )
    if found.owed:
        session.terminal.note(f"owed: {', '.join(found.owed.words)}")
    if found.written:
        session.terminal.note(f"{many(found.written, 'notice')} written")
    for line in found.proposed:
        session.terminal.note(line)
    if found.findings:
        kinds = [one.kind for one in found.findings]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        raise FindingsError(f"the nightly has {many(len(kinds), 'finding')}: {counts}")
