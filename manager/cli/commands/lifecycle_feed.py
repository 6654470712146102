"""``lifecycle feed``: the schedule for calendars and other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manager.cli.options import reads
from manager.cli.pages import Page

if TYPE_CHECKING:
    from manager.app.feeds import Form
    from manager.cli.session import Session

_FORMS = ("json", "ics")


@click.command(
    cls=Page,
    examples=("solvent lifecycle feed", "solvent lifecycle feed --format ics --as-of 2027-03-01"),
)
@click.option("--format", "shape", type=click.Choice(_FORMS), default="json", show_default=True, help="What to write.")
@reads
def feed(session: Session, shape: Form) -> None:
    """Write the dates of every release for other programs, to standard output.

    json has the shape of endoflife.date's list of products: a product a family, a cycle a release. ics is a calendar
    with an all-day event for each date; a date that moves keeps its event. The same day gives the same bytes.
    """
    session.output.raw(session.manager.calendar.feed(shape).encode())
