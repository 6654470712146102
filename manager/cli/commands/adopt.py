"""``adopt``: what no Solvent made, seen as it is, given dates, and taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from manager.cli.options import reads
from manager.cli.pages import PageGroup
from manager.cli.strangers import show, unread

if TYPE_CHECKING:
    from manager.app.scanning import Survey
    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent adopt scan", "solvent adopt scan jupyter-ana -o json"))
def adopt() -> None:
    """Containers and images that nobody manages: see them, give them dates, take their files over.

    Nothing of them is changed: they are read through the engine, and stay as they are until their owners remove them.
    """


@adopt.command(
    examples=(
        "solvent adopt scan",
        "solvent adopt scan jupyter-ana -o json",
        "solvent adopt scan --tags registry.example/team/lab",
    )
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--tags",
    multiple=True,
    metavar="HOST/REPOSITORY",
    help="Tags of a registry instead; may be repeated, pulls nothing.",
)
@click.option("--known", is_flag=True, help="Open nothing: show what earlier scans found.")
@reads
def scan(session: Session, names: tuple[str, ...], tags: tuple[str, ...], known: bool) -> None:
    """List containers and images that Solvent did not make, with what their files say is in them.

    IDEs, Python, R, Node and drivers are found in the files of package managers, without starting or changing
    anything, and remembered by image. What could not be read is said. Volumes hold people's files and are not opened.
    """
    if tags and (names or known):
        raise click.UsageError("--tags stands alone", ctx=click.get_current_context())
    adoption = session.manager.adoption
    stream = adoption.tags(tags) if tags else adoption.scan(names, known_only=known)
    _show(session, cast("Survey", session.follow(stream)))


def _show(session: Session, survey: Survey) -> None:
    show(session, survey.found)
    for note in survey.notes:
        session.terminal.note(note)
    if session.output.structured or session.options.quiet:
        return
    for one in survey.found:
        for each in unread(one):
            if each.path == "/" and one.kind != "tag":
                session.terminal.note(f"{one.kind} {one.name} was not read: {each.why}")
    if not survey.found:
        session.terminal.note("nothing is here that Solvent did not make")
