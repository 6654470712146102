"""``affected``: which builds, environments and people a package or an advisory hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manager.cli.options import reads
from manager.cli.output import Section
from manager.cli.pages import Page
from manager.core.amounts import many

if TYPE_CHECKING:
    from manager.cli.session import Session
    from manager.core.affected import AffectedBy


@click.command(cls=Page, examples=('solvent affected "libpq5<17.7"', "solvent affected GHSA-1234-5678-9abc --check"))
@click.argument("subject", metavar="PACKAGE[SPEC]|ADVISORY")
@click.option("--check", "gate", is_flag=True, help="Exit 3 if something is affected.")
@reads
def affected(session: Session, subject: str, gate: bool) -> None:
    """Show which builds have a package or what an advisory is about, and whose environments stand on them.

    Goes by what was read inside each build: packages of Python, Debian, R and npm, transitive ones too. Advisories are
    those that `solvent refresh` kept, from a file (`--advisories`) or from the `advisories_url` of the settings, and
    those of quarantines. What cannot be compared counts, and is marked.
    """
    found = session.manager.affected(subject)
    for note in found.notes:
        session.terminal.warn(note)
    if session.output.structured:
        session.output.document(found.to_json())
    else:
        facts = [
            ("subject", found.subject),
            ("about", str((found.advisory or {}).get("summary") or "")),
            ("builds", str(len(found.builds))),
            ("quarantined", "; ".join(f"{one.dist} {one.version} since {one.day}" for one in found.quarantines)),
            ("hit", f"{many(len(found.environments), 'environment')} of {many(len(found.people), 'owner')}"),
        ]
        names = "\n".join(f"{one.owner}/{one.name}" for one in found.environments)
        shown = [fact for fact in facts if fact[1]]
        session.output.one("affected", {}, shown, name=names, sections=_sections(found))
    if gate and found.builds:
        click.get_current_context().exit(3)


def _sections(found: AffectedBy) -> list[Section]:
    builds = tuple(
        (
            one.build.release,
            one.build.version,
            one.build.status.value,
            ", ".join(
                dict.fromkeys(
                    [f"{each.name} {each.version}" for each in one.components]
                    + [f"{each.name} {each.version} (cannot be compared)" for each in one.unclear]
                )
            ),
            str(len(one.environments)),
        )
        for one in found.builds
    )
    quarantines = tuple(
        (one.dist, one.version, one.advisory, str(one.day), one.by, one.reason, one.place.file)
        for one in found.quarantines
    )
    environments = tuple((one.owner, one.name, one.release, one.version, one.state) for one in found.environments)
    return [
        Section("builds", ("release", "build", "status", "inside", "environments"), builds),
        Section("environments", ("owner", "name", "release", "build", "state"), environments),
        Section("quarantines", ("distribution", "version", "advisory", "since", "by", "reason", "file"), quarantines),
    ]
