"""``lifecycle impact``: who uses a release, a build or a component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manager.app.times import away
from manager.cli.options import reads
from manager.cli.output import Section
from manager.cli.pages import Page
from manager.core.amounts import many

if TYPE_CHECKING:
    from manager.cli.session import Session
    from manager.core.impact import Impact, Share


@click.command(
    cls=Page,
    examples=("solvent lifecycle impact jupyterlab:4.4-py3.11", "solvent lifecycle impact --component python=3.9"),
)
@click.argument("release", metavar="[FAMILY:RELEASE]", default="")
@click.option("--component", default="", metavar="NAME[=VERSION]", help="A component of any family instead.")
@click.option("--build", "version", default="", metavar="VERSION", help="Only one build of the release.")
@reads
def impact(session: Session, release: str, component: str, version: str) -> None:
    """Show who uses a release, one of its builds, or a component in any family, and who has moved on already.

    A component is a package as the lists of components name it, or what a release stands on: python=3.9 means every
    3.9, "numpy<2" a range. Extensions that hold, and containers that no Solvent made, are shown besides.
    """
    calendar = session.manager.calendar
    found = calendar.impact(release=release, version=version, component=component)
    for note in found.notes:
        session.terminal.note(note)
    from manager.core.impact import to_json

    owners = sum(bool(one.remaining) for one in found.shares)
    facts = [
        ("subject", found.subject),
        ("remaining", f"{many(found.remaining, 'environment')} of {many(owners, 'owner')}"),
        ("moved", many(found.moved, "environment")),
    ]
    session.output.one("impact", to_json(found), facts, name="\n".join(_names(found)), sections=_sections(found))


def _names(found: Impact) -> list[str]:
    return [f"{share.owner}/{one.name}" for share in found.shares for one in share.remaining]


def _sections(found: Impact) -> list[Section]:
    releases = tuple(
        (
            hit.release.name,
            hit.stage.value,
            away(hit.release.schedule.end_of_life, found.day),
            hit.successor,
            str(hit.environments),
            ", ".join(f"{build.version} ({number})" for build, number in hit.builds if number),
        )
        for hit in found.hits
    )
    owners = tuple(
        (share.owner, str(len(share.remaining)), str(len(share.moved)), _remaining(share), _moved(share))
        for share in found.shares
    )
    extensions = tuple((one.subject, str(one.until), one.reason, one.by) for one in found.extensions)
    strays = tuple((one.name, one.owner, one.what) for one in found.strays)
    return [
        Section("releases", ("release", "stage", "ends", "successor", "environments", "builds in use"), releases),
        Section("owners", ("owner", "remaining", "moved", "still on it", "moved to"), owners),
        Section("extensions", ("subject", "until", "reason", "by"), extensions),
        Section("unmanaged", ("container", "owner", "what"), strays),
    ]


def _remaining(share: Share) -> str:
    return ", ".join(f"{one.name} ({one.state})" for one in share.remaining)


def _moved(share: Share) -> str:
    return ", ".join(f"{name} ({to or 'removed'})" for name, to in share.moved)
