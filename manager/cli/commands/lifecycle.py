"""``lifecycle``: when releases come and go, why, and what a day changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import reads
from manager.cli.output import Column
from manager.cli.pages import PageGroup
from manager.cli.times import away

if TYPE_CHECKING:
    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent lifecycle list", "solvent lifecycle plan --as-of 2027-03-01"))
def lifecycle() -> None:
    """The dates of releases: what comes when, and why.

    A release is a preview, active, deprecated or retired by its dates alone; nothing has to run at midnight. What is
    announced is remembered, and an announced date never moves earlier without a decision that says why.
    """


@lifecycle.command("list", examples=("solvent lifecycle list", "solvent lifecycle list --as-of 2027-03-01 -o json"))
@reads
def listing(session: Session) -> None:
    """List every release with its stage and its dates, and what binds its end."""
    found = session.manager.releases(everything=True)
    columns = [
        Column[Any]("release", lambda one: one.release.name),
        Column[Any]("stage", lambda one: one.release.stage(one.day).value),
        Column[Any]("end of life", lambda one: one.release.schedule.end_of_life.isoformat()),
        Column[Any]("bound by", lambda one: one.release.schedule.bound_by),
        Column[Any]("next", lambda one: away(one.release.schedule.end_of_life, one.day)),
    ]
    session.output.rows(
        "releases", found, columns, name=lambda one: one.release.name, to_json=lambda one: one.to_json()
    )


# Commands in files of their own are added here:  lifecycle.add_command(impact)
