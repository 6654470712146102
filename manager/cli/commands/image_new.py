"""``image new``: a release from what a team has today, or from the one before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from manager.cli.options import Day, reads
from manager.cli.pages import Page

if TYPE_CHECKING:
    from datetime import date

    from manager.cli.session import Session


@click.command(
    cls=Page,
    examples=(
        "solvent image new risk:2026.11 --from Dockerfile --dry-run",
        "solvent image new risk:2026.12 --from environment.yml --python 3.13",
    ),
)
@click.argument("release", metavar="FAMILY:RELEASE")
@click.option(
    "--from",
    "recipe",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Dockerfile, requirements.txt, environment.yml, renv.lock or pyproject.toml.",
)
@click.option(
    "--extends",
    default="shipped:jupyterlab",
    show_default=True,
    metavar="FAMILY",
    help="Family that a new family extends.",
)
@click.option("--python", default="", metavar="X.Y", help="Python of the release  [default: the one that FILE names]")
@click.option(
    "--group", "groups", multiple=True, metavar="NAME", help="Optional group of a pyproject.toml; may be repeated."
)
@click.option("--from-release", "after", default="", metavar="FAMILY:RELEASE", help="Release that it follows.")
@click.option(
    "--released", type=Day(), metavar="DATE", help="Day on which its IDE came out  [default: what the index says]"
)
@click.option("--dry-run", is_flag=True, help="Print the file as it would be, and write nothing.")
@reads
def new(session: Session, release: str, after: str, released: date | None, **asked: Any) -> None:
    """Start a release from what a team has today, and say what could not be taken over; or from its predecessor.

    A family that is not there yet is made, and extends another; one of your catalog gets one more release. Nothing of
    FILE is run, no secret in it is repeated, and no file that is there is overwritten. Read the report: what is taken
    says from which line, what is left says why and what to do instead. `--from-release` takes everything but the IDE's
    version from a release, which names the new one as its successor; `solvent refresh` says what there is.
    """
    context = click.get_current_context()
    if bool(after) == bool(asked["recipe"]) or (released and not after):
        why = "say --from FILE or --from-release FAMILY:RELEASE, and --released with the latter"
        raise click.UsageError(why, ctx=context)
    if after:
        if asked["groups"] or context.get_parameter_source("extends") is not ParameterSource.DEFAULT:
            raise click.UsageError("--group and --extends go with --from", ctx=context)
        _follow(session, release, after, asked["python"], released)
        return
    from manager.app import scaffolds
    from manager.cli.scaffolding import show

    wanted = scaffolds.Asked(release, **asked)
    dry = session.options.purpose != "apply"
    show(session, (scaffolds.draft if dry else scaffolds.made)(session.manager, wanted))


def _follow(session: Session, release: str, after: str, python: str, released: date | None) -> None:
    """Start a release from its predecessor; the text on stdout where nothing is written, else the path."""
    from manager.app import followings

    dry = session.options.purpose != "apply"
    wanted = followings.Follow(release, after, python, released)
    drawn = (followings.draft if dry else followings.made)(session.manager, wanted)
    document = {"scaffold": drawn.to_json() | {"written": not dry}}
    session.output.file(document, str(drawn.path), drawn.text, written=not dry)
    if not session.output.structured and not session.options.quiet:
        one = drawn.following
        succeeds = f"; {one.model.name} names it as its successor" if one.succeeds else ""
        session.terminal.note(f"{one.name}: {one.ide}, released {one.released}{succeeds}")
        session.terminal.note("next:\n" + "\n".join(f"  {step}" for step in drawn.next))
