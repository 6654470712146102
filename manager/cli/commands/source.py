"""``source``: the shipped data-source servers, and a person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.commands import source_own
from manager.cli.options import parts, reads
from manager.cli.output import Column
from manager.cli.pages import PageGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager.app.views import SourceView
    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent source list", "solvent source start postgresql-17"))
def source() -> None:
    """Sources: data-source servers, with sample data, that connectors are checked against."""


@source.command("list", examples=("solvent source list", "solvent source list -o json"))
@reads
def listing(session: Session) -> None:
    """List the shipped sources and whether they run, and your own."""
    _show(session, session.manager.sources())


@source.command(examples=("solvent source start postgresql-17", "solvent source start postgresql-15 postgresql-17"))
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@parts
def start(session: Session, names: tuple[str, ...]) -> None:
    """Build and start sources, and wait until they are healthy.

    Each gets fresh sample data and a new password, on a private network. One that runs is left as it is; sources of
    one server share it. An engine in the process, such as DuckDB, has no server to start.
    """
    session.carry_out(session.part(session.manager.plan_source_start(names)))
    _show(session, [one for one in session.manager.sources() if one.name in names])


@source.command(examples=("solvent source stop postgresql-17", "solvent source stop --dry-run"))
@click.argument("names", metavar="[NAME]...", nargs=-1)
@parts
def stop(session: Session, names: tuple[str, ...]) -> None:
    """Stop sources, or all that run; their data is not kept.

    The next start makes the sample data anew.
    """
    plan = session.part(session.manager.plan_source_stop(names))
    session.carry_out(plan)
    stopped = {step.target for step in plan.steps}
    _show(session, [one for one in session.manager.sources() if one.service in stopped or one.name in names])


source.add_command(source_own.add)
source.add_command(source_own.test)
source.add_command(source_own.remove)


def _show(session: Session, found: Sequence[SourceView]) -> None:
    columns = [
        Column[Any]("name", lambda one: one.name),
        Column[Any]("connector", lambda one: one.connector),
        Column[Any]("engine", lambda one: f"{one.engine} {one.version}"),
        Column[Any]("kind", lambda one: one.kind),
        Column[Any]("state", lambda one: one.state),
    ]
    session.output.rows("sources", found, columns, name=lambda one: one.name, to_json=lambda one: one.to_json())
