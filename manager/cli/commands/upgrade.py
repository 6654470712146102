"""``env upgrade``: environments move to a newer build or to the release that follows, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from manager.cli.options import Day, parts
from manager.cli.pages import Page
from manager.core.amounts import many
from manager.errors import FindingsError

if TYPE_CHECKING:
    from datetime import date

    from manager.app.events import PlanDone
    from manager.app.upgrades import Upgrades
    from manager.cli.session import Session


@click.command(
    cls=Page,
    examples=(
        "solvent env upgrade work --dry-run",
        "solvent env upgrade work --back",
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--affected-by",
    default="",
    metavar="ID",
    help="Yours of a release, a build, an advisory, or a component (python=3.9).",
)
@click.option(
    "--to", default="", metavar="RELEASE", help="Release to upgrade to  [default: a newer build, or the successor]"
)
@click.option("--back", is_flag=True, help="Return to what it was before its last upgrade.")
@click.option("--deadline", type=Day(), metavar="DATE", help="Say by when it is due.")
@parts
def upgrade(
    session: Session, names: tuple[str, ...], affected_by: str, to: str, back: bool, deadline: date | None
) -> None:
    """Upgrade environments to a newer build of their release, or to the release that follows it.

    Before anything happens it says which packages change, which modules your notebooks import and would miss, and
    which of your own packages are installed again. The old container stays until the new one answers; if that does not
    happen, the old one is back. Name, port, workspace and connections stay. `--affected-by` leaves those that run.
    `--back` takes seconds, and can be given again after several upgrades.
    """
    if bool(names) == bool(affected_by) or (back and (to or deadline)):
        why = "name environments, or say --affected-by; --back goes without --to and --deadline"
        raise click.UsageError(why, ctx=click.get_current_context())
    if back:
        found = session.manager.plan_back(names, affected_by)
    else:
        from manager.app.upgrades import Asked

        found = session.manager.plan_upgrade(Asked(names, affected_by, to, deadline))
    found = _part(session, found)
    # What is left says itself why nothing is done.
    done = session.carry_out(found.plan, silent=bool(found.left))
    _shown(session, found, done)
    if found.left:
        first = found.left[0].partition(":")[0].replace(",", "")
        raise FindingsError(
            f"{many(len(found.left), 'environment')} {'was' if len(found.left) == 1 else 'were'} left unchanged",
            why="; ".join(found.left),
            hint=f"by name:  solvent env upgrade {first}{' --back' if back else ''} --dry-run",
        )


def _part(session: Session, found: Upgrades) -> Upgrades:
    """Give the part that is not left out, with what it changes."""
    plan = session.part(found.plan)
    staying = {step.target for step in plan.steps}
    gone = {step.target for step in found.plan.steps} - staying
    return replace(found, plan=plan, upgrades=tuple(one for one in found.upgrades if one.environment.name not in gone))


def _shown(session: Session, found: Upgrades, done: PlanDone | None) -> None:
    """Say what runs now, and what is left to do inside."""
    moved = list(dict.fromkeys(step.target for step in found.plan.steps if step.kind == "replace environment"))
    views = [session.manager.environment(name, url=False) for name in moved]
    from manager.app.steps.upgrades import Installed

    notes = [one.note for one in done.results.values() if isinstance(one, Installed) and one.note] if done else []
    for note in notes:
        session.terminal.warn(note)
    if session.output.structured:
        session.output.document(
            {
                "environments": [view.to_json() for view in views],
                "upgrades": [one.to_json() for one in found.upgrades],
                "left": list(found.left),
                "notes": [*found.plan.notes, *notes],
            }
        )
        return
    for view in views:
        one = view.environment
        session.output.line(one.name)
        way = f"; its URL:  solvent env open {one.name}" if one.state == "running" else ""
        session.terminal.note(f"{one.name} is on {one.release} {one.version}{way}")
