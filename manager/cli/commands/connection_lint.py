"""``connection lint``: what a version of a driver makes of saved connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from manager.cli.options import reads
from manager.cli.output import Column
from manager.cli.pages import Page
from manager.core.amounts import many
from manager.errors import FindingsError, Unreachable

if TYPE_CHECKING:
    from manager.app.contract_views import Linted
    from manager.cli.session import Session
    from manager.core.lint import Finding


@click.command(
    cls=Page,
    examples=("solvent connection lint", "solvent connection lint warehouse --to 3.3.9 -o json"),
)
@click.argument("name", metavar="[NAME]", default="")
@click.option("--to", "version", default="", metavar="VERSION", help="A version of the connector's main driver.")
@click.option("--from", "first", default="", metavar="VERSION", help="The version that it has now  [default: the pin]")
@reads
def lint(session: Session, name: str, version: str, first: str) -> None:
    """Find parameters of saved connections that a driver ignores, refuses, renames or no longer has.

    By the version that the newest active release pins; with `--to` by another one, and then also defaults that turn on
    the way to it although the connection says nothing of them. Without a name all your connections are looked at.
    Exit code 3 when something is found, else 6 when a connection could not be judged, since no contract of its driver
    could be had; the others are judged all the same. No connection is opened, and no secret is read.
    """
    if first and not version:
        raise click.UsageError("--from needs --to: the version that the connection would get")
    found = cast("tuple[Linted, ...]", session.follow(session.manager.contracts.linted(name, version, first)))
    rows = [(each, one) for each in found for one in each.findings]
    if session.output.form == "json":
        document = found[0].to_json() if name else {"connections": [each.to_json() for each in found]}
        session.output.document(document)
    else:
        columns = [
            Column[tuple["Linted", "Finding"]]("connection", lambda row: row[0].connection),
            Column[tuple["Linted", "Finding"]]("parameter", lambda row: row[1].parameter),
            Column[tuple["Linted", "Finding"]]("severity", lambda row: row[1].severity),
            Column[tuple["Linted", "Finding"]]("finding", lambda row: row[1].message),
            Column[tuple["Linted", "Finding"]]("hint", lambda row: row[1].hint),
        ]
        session.output.rows(
            "findings",
            rows,
            columns,
            name=lambda row: row[0].connection,
            to_json=lambda row: {"connection": row[0].connection, **row[1].to_json()},
        )
    for each in found:
        if each.unjudged is not None:
            session.terminal.warn(f"{each.connection} could not be judged: {each.unjudged.sentence}")
        elif not each.findings:
            driver = session.manager.catalog.connector(each.connector).main_driver.name
            session.terminal.note(f"{each.connection}: {driver} {each.version} takes all of its parameters as they are")
    if rows:
        hit = dict.fromkeys(each.connection for each, _ in rows)
        raise FindingsError(f"{many(len(rows), 'finding')} in {', '.join(hit)}")
    # A gate that judged nothing has not passed.
    if lost := [each for each in found if each.unjudged is not None]:
        first_of = lost[0].unjudged
        raise Unreachable(
            f"{len(lost)} of {many(len(found), 'connection')} could not be judged: "
            f"{', '.join(each.connection for each in lost)}",
            hint=first_of.hint if first_of else "",
        )
