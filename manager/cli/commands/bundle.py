"""``bundle``: to and from a machine without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.options import plans, reads
from manager.cli.pages import PageGroup

if TYPE_CHECKING:
    from manager.app.packing import Created
    from manager.app.unpacking import Checked
    from manager.cli.session import Session
    from manager.core.bundles import Bundle


@click.group(
    cls=PageGroup,
    examples=("solvent bundle create solvent.bundle --key ~/.ssh/id_ed25519", "solvent bundle load solvent.bundle"),
)
def bundle() -> None:
    """Packages, images and answers in one file, for a machine without a network."""


@bundle.command(
    examples=(
        "solvent bundle create solvent.bundle jupyterlab --key ~/.ssh/id_ed25519",
        "solvent bundle create solvent.bundle jupyterlab:4.6-py3.13 --no-images -o json",
    )
)
@click.argument("file", type=click.Path())
@click.argument("releases", nargs=-1, metavar="[FAMILY[:RELEASE]]...")
@click.option("--no-images", is_flag=True, help="Leave out what the other machine can build from the packages.")
@click.option("--key", type=click.Path(), metavar="FILE", help="SSH key to sign with, or FILE.pub with an agent.")
@reads
def create(session: Session, file: str, releases: tuple[str, ...], no_images: bool, key: str | None) -> None:
    """Write everything that releases are built from, and what was learnt upstream, into one file.

    Without a release those that have a promoted build. It has the wheels of their locks, the packages of their bases,
    vendors' files, images, the catalog, what `solvent refresh` was answered, and advisories.
    """
    made = cast(
        "Created",
        session.follow(
            session.manager.bundles.create(
                Path(file).expanduser(), releases, images=not no_images, key=Path(key).expanduser() if key else None
            )
        ),
    )
    facts = {"file": str(made.file), "size": made.size, "signed_with": made.key or None}
    _shown(session, made.bundle, facts, {"notes": list(made.notes)})
    for note in made.notes:
        session.terminal.note(note)
    if not made.key:
        session.terminal.warn("it is not signed: the other machine loads it with --unsigned only  (--key FILE signs)")


@bundle.command(
    examples=(
        "solvent bundle load solvent.bundle --signers allowed_signers",
        "solvent bundle load solvent.bundle --dry-run -o json",
    )
)
@click.argument("file", type=click.Path())
@click.option("--signers", type=click.Path(), metavar="FILE", help="Who may sign  [default: bundle_signers].")
@click.option("--unsigned", is_flag=True, help="Load it whoever made it; checksums are held all the same.")
@click.option("--catalog-to", type=click.Path(), metavar="DIR", help="Also write its catalog, as a new folder.")
@plans
def load(session: Session, file: str, signers: str | None, unsigned: bool, catalog_to: str | None) -> None:
    """Check a bundle to its last byte, and put what is lacking here where builds, locks and refresh look for it.

    Loading it again changes nothing. Builds that it brings are candidates: `solvent image build` proves them here.
    """
    if signers and unsigned:
        raise click.UsageError("--signers and --unsigned cannot be combined")
    bundles = session.manager.bundles
    named = Path(signers).expanduser() if signers else None
    found = cast("Checked", session.follow(bundles.check(Path(file).expanduser(), signers=named, unsigned=unsigned)))
    plan = bundles.plan_load(found, Path(catalog_to).expanduser() if catalog_to else None)
    session.carry_out(plan)
    loaded = [{"kind": one.kind, "target": one.target, "what": one.after} for one in plan.steps]
    facts = {"file": str(found.file), "size": found.file.stat().st_size, "signer": found.signer or None}
    _shown(session, found.bundle, facts, {"loaded": loaded, "notes": list(plan.notes)})


def _shown(session: Session, found: Bundle, facts: dict[str, Any], more: dict[str, Any]) -> None:
    from manager.core.amounts import show_size
    from manager.core.bundles import counts, summary

    document = facts | {
        "made": found.made.isoformat(),
        "by": found.by,
        "solvent": found.solvent,
        "machine": found.machine,
        "realm": found.realm,
        "catalog": {"name": found.catalog, "content": found.content},
        "releases": list(found.releases),
        "contents": counts(found.entries),
        "images": [{"role": one.role, "name": str(one), "digest": one.digest} for one in found.images],
    }
    rows = [
        ("file", facts["file"]),
        ("size", show_size(facts["size"])),
        ("made", f"{found.made:%Y-%m-%d %H:%M} UTC by {found.by}"),
        ("signed", str(facts.get("signer") or facts.get("signed_with") or "")),
        ("releases", ", ".join(found.releases)),
        ("contents", summary(found.entries)),
        ("images", ", ".join(map(str, found.images))),
    ]
    session.output.one("bundle", document | more, [row for row in rows if row[1]], name=facts["file"])
