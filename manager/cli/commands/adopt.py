"""``adopt``: what no Solvent made, seen as it is, given dates, and taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.options import Day, plans, reads
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


@adopt.command(
    examples=(
        "solvent adopt image team/jupyter:2024 --as jupyterlab:team-2024 --successor jupyterlab:4.6-py3.13",
        "solvent adopt image registry.example/team/lab:7 --as lab:7 --owner ana --end-of-life 2027-03-31 --dry-run",
    )
)
@click.argument("reference", metavar="REF")
@click.option("--as", "release", required=True, metavar="FAMILY:RELEASE", help="The release that it becomes.")
@click.option("--owner", default="", metavar="WHO", help="Who answers for it  [default: what its labels say, or you]")
@click.option("--successor", default="", metavar="FAMILY:RELEASE", help="The release to move to.")
@click.option(
    "--end-of-life", type=Day(), metavar="DATE", help="The day from which it is retired  [default: by the policy]"
)
@click.option("--message", default="", metavar="TEXT", help="A sentence for its users.")
@plans
def image(session: Session, reference: str, **asked: Any) -> None:
    """Give an image that was made elsewhere dates, an owner and a successor.

    It becomes a release of the catalog, in images/adopted.toml, known by its digest: it is listed with its stage and
    its containers, and its owner is told of its end. Nothing of it is built, promoted or launched: a launch takes
    promoted builds only. A registry's tag is not pulled.
    """
    from manager.core.adopted import AdoptionRequest

    request = AdoptionRequest(**asked)
    adoption, purpose = session.manager.adoption, session.options.purpose
    done = adoption.image(reference, request) if purpose == "apply" else adoption.draft(reference, request)
    one = done.image
    if purpose == "show" and not session.output.structured:
        session.output.raw(done.text.encode())
        return
    facts = [
        ("release", one.release),
        ("digest", one.digest),
        ("reference", one.reference),
        ("owner", one.owner),
        ("python", one.python),
        ("released", str(one.released)),
        ("end of life", f"{one.end_of_life}" + (f"  (by {one.because})" if one.because else "")),
        ("successor", one.successor),
        ("file", str(done.path)),
    ]
    session.output.one(
        "adopted",
        done.to_json() | {"written": purpose == "apply"},
        [fact for fact in facts if fact[1]],
        name=one.release,
    )
    if purpose == "check":
        click.get_current_context().exit(3)
    if not one.successor:
        session.terminal.note("it has no successor: nobody is told where to move to")


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
