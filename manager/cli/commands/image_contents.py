"""``image sbom``, ``image diff``, ``image notes``: what is inside builds, and how they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import reads
from manager.cli.output import Column
from manager.cli.pages import Page
from manager.core.amounts import show_period
from manager.errors import FindingsError

if TYPE_CHECKING:
    from manager.cli.session import Session
    from manager.core.package_diff import PackageChange

_NAMED = "FAMILY[:RELEASE][@VERSION]"


@click.command(
    cls=Page,
    examples=("solvent image sbom jupyterlab:4.6-py3.13", "solvent image sbom jupyterlab@20261122.1 > bom.json"),
)
@click.argument("build", metavar=_NAMED)
@reads
def sbom(session: Session, build: str) -> None:
    """Print the bill of materials of a build: CycloneDX 1.6, as JSON.

    It lists what is really inside, read from the image: Python packages of IDE and kernel, system, R and npm packages
    with their package URLs, and licences where they are known. The release's dates are in it as milestones.
    """
    import json

    found = session.manager.bill(build)
    session.output.line(json.dumps(found, indent=None if session.options.form == "ndjson" else 2, ensure_ascii=False))


@click.command(
    cls=Page,
    examples=(
        "solvent image diff jupyterlab:4.5-py3.11 jupyterlab:4.6-py3.13",
        "solvent image diff jupyterlab:4.6-py3.13@20261121.1 jupyterlab:4.6-py3.13 -o json",
    ),
)
@click.argument("before", metavar=_NAMED)
@click.argument("after", metavar=_NAMED)
@reads
def diff(session: Session, before: str, after: str) -> None:
    """Compare the packages of two builds, each change with its class.

    The class is of the first number that moved: major, minor or patch; added and removed; and other, where a version
    has no such numbers or its epoch changed. A release that was not built yet is compared by its locks.
    """
    from manager.core.package_diff import counted

    found = session.manager.diff(before, after)
    columns = [
        Column[Any]("in", lambda one: one.group),
        Column[Any]("package", lambda one: one.name),
        Column[Any]("before", lambda one: one.before),
        Column[Any]("after", lambda one: one.after),
        Column[Any]("change", _change),
    ]
    for note in found.notes:
        session.terminal.note(note)
    if session.output.form == "json":
        session.output.document({"diff": found.to_json()})
    else:
        session.output.rows(
            "changes", found.changes, columns, name=lambda one: one.name, to_json=lambda one: one.to_json()
        )
    counts = ", ".join(f"{number} {level}" for level, number in counted(found.changes).items())
    session.terminal.note(f"{found.before} to {found.after}: {counts or 'no package differs'}")


@click.command(
    cls=Page, examples=("solvent image notes jupyterlab:4.6-py3.13", "solvent image notes jupyterlab@20261122.1")
)
@click.argument("build", metavar=_NAMED)
@reads
def notes(session: Session, build: str) -> None:
    """Print the release notes of a build, as Markdown.

    They are written from the packages that changed whenever a build is promoted, and kept with it.
    """
    found = session.manager.release_notes(build)
    if session.output.structured:
        session.output.document({"notes": {"build": build, "markdown": found}})
    else:
        session.output.raw(found.encode())


@click.command(
    cls=Page,
    examples=("solvent image verify jupyterlab:4.6-py3.13", "solvent image verify jupyterlab:4.6-py3.13 --rebuild"),
)
@click.argument("build", metavar=_NAMED)
@click.option("--rebuild", is_flag=True, help="Make it again from the archive, and compare layer by layer.")
@reads
def verify(session: Session, build: str, rebuild: bool) -> None:
    """Hold a build against what is known of it; exit 3 if something is not as it was.

    Its bytes are read out of the engine and held against the digests of its layers, its labels against the record, the
    trees and archived packages behind it against their hashes. `--rebuild` makes it again from its locks and the
    archive, without any network, and names the first file that differs.
    """
    from manager.app.views import result_json

    found: Any = session.follow(session.manager.verify(build, rebuild=rebuild))
    columns = [
        Column[Any]("check", lambda one: one.probe),
        Column[Any]("outcome", lambda one: one.outcome),
        Column[Any]("took", lambda one: show_period(one.seconds)),
        Column[Any]("reason", lambda one: one.reason),
    ]
    if session.output.form == "json":
        session.output.document({"verify": found.to_json()})
    else:
        session.output.rows("results", found.results, columns, name=lambda one: one.probe, to_json=result_json)
    if found.wrong:
        names = ", ".join(one.probe for one in found.wrong)
        raise FindingsError(f"{len(found.wrong)} of {len(found.results)} checks of {found.build} did not pass: {names}")
    session.terminal.note(f"{found.build}: {len(found.results)} checks in {show_period(found.seconds)}")


def _change(one: PackageChange) -> str:
    return one.level + (", back" if one.direction == "down" else "")


COMMANDS = (sbom, diff, notes, verify)
