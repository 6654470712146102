"""``lifecycle``'s commands that decide: each writes one file into the catalog, which people review in git."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import Day, Words, decides
from manager.cli.pages import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.lifecycle_views import Decided
    from manager.cli.session import Session

    Command = Callable[..., Any]

_RELEASE = click.argument("release", metavar="FAMILY:RELEASE")


def _until(meaning: str) -> Callable[[Command], Command]:
    return click.option("--until", required=True, type=Day(), metavar="DATE", help=meaning)


@click.command(
    cls=Page,
    examples=(
        'solvent lifecycle extend jupyterlab:4.4-py3.11 --until 2027-03-31 --reason "exams in March"',
        'solvent lifecycle extend jupyterlab:4.4-py3.11 --until 2027-03-31 --reason "exams" --dry-run',
    ),
)
@_RELEASE
@_until("The new end of life: the release is retired from this day on.")
@decides
def extend(session: Session, release: str, until: date, reason: str, approved_by: str) -> None:
    """Move the end of life of a release later, as far as its policy allows.

    It ends by itself. Of several extensions the latest end wins; none reaches past the day of removal.
    """
    _decide(session, "extend", release, reason, approved_by, until=until)


@click.command(
    cls=Page,
    examples=(
        'solvent lifecycle retire jupyterlab:4.4-py3.11 --until 2027-01-15 --reason "nobody uses it"',
        'solvent lifecycle retire jupyterlab:4.4-py3.11 --until 2026-11-25 --security --reason "CVE-2026-1234"',
    ),
)
@_RELEASE
@_until("The new end of life: the release is retired from this day on.")
@click.option("--security", is_flag=True, help="Without the policy's notice: a danger that cannot wait.")
@decides
def retire(session: Session, release: str, until: date, security: bool, reason: str, approved_by: str) -> None:
    """Move the end of life of a release earlier, with the policy's notice.

    What runs goes on; to forbid a release at once, quarantine it.
    """
    _decide(session, "early-retire", release, reason, approved_by, until=until, security=security)


@click.command(
    cls=Page,
    examples=(
        'solvent lifecycle freeze --from 2026-12-18 --until 2027-01-07 --reason "year end"',
        'solvent lifecycle freeze jupyterlab:4.5-py3.11 --from 2027-02-01 --until 2027-02-15 --reason "exams"',
    ),
)
@click.argument("subject", metavar="[FAMILY[:RELEASE]]", required=False, default="all")
@click.option(
    "--from", "since", required=True, type=Day(), metavar="DATE", help="The first day on which nothing moves."
)
@_until("The day on which what waited is done, in its order.")
@decides
def freeze(session: Session, subject: str, since: date, until: date, reason: str, approved_by: str) -> None:
    """Have transitions and promotions wait until a day: of all releases, a family's, or one.

    A quarantine and an early end for security do not wait.
    """
    _decide(session, "freeze", subject, reason, approved_by, since=since, until=until)


@click.command(
    cls=Page,
    examples=(
        'solvent lifecycle redirect jupyterlab:4.4-py3.11 --to jupyterlab:4.6-py3.13 --reason "4.5 is skipped"',
        'solvent lifecycle redirect jupyterlab:4.4-py3.11 --to marimo:1-py3.13 --reason "trial" --dry-run',
    ),
)
@_RELEASE
@click.option("--to", required=True, metavar="FAMILY:RELEASE", help="The release that follows it from now on.")
@click.option("--message", default="", type=Words(), metavar="TEXT", help="What its users are told about the move.")
@decides
def redirect(session: Session, release: str, to: str, message: str, reason: str, approved_by: str) -> None:
    """Give a release another successor."""
    _decide(session, "redirect", release, reason, approved_by, to=to, message=message)


@click.command(
    cls=Page,
    examples=(
        'solvent lifecycle acknowledge jupyterlab:4.4-py3.11 --until 2028-06-30 --reason "Debian LTS was prolonged"',
        'solvent lifecycle acknowledge jupyterlab:4.4-py3.11 --until 2028-06-30 --reason "prolonged" --dry-run',
    ),
)
@_RELEASE
@_until("Take upstream ends that moved later, up to this day.")
@decides
def acknowledge(session: Session, release: str, until: date, reason: str, approved_by: str) -> None:
    """Take an upstream end that has moved later; until then the announced date holds."""
    _decide(session, "acknowledge", release, reason, approved_by, until=until)


def _decide(session: Session, kind: Any, subject: str, reason: str, approved_by: str, **more: Any) -> None:
    from manager.core.catalog import Place
    from manager.core.overrides import Override

    # Day, person and file are filled in where the decision is judged.
    asked = Override(kind, subject, date.min, reason, "", Place("", 0), approved_by=approved_by, **more)
    write = session.options.purpose == "apply"
    _show(session, session.manager.calendar.decide(asked, write=write))


def _show(session: Session, found: Decided) -> None:
    document = {"override": found.to_json()}
    session.output.file(document, found.decision.place.file, found.text, written=found.written)
    if session.output.structured or session.options.quiet:
        return
    for name, before, after in found.moved:
        session.terminal.note(f"{name} ends on {after} instead of {before}")
    for name, what, before, after in found.waits:
        session.terminal.note(f"{name}: {what.replace('_', ' ')} on {after} instead of {before}")
    if not found.moved:
        session.terminal.note("no end of life moves by it")
    if found.deprecated_since:
        session.terminal.note(f"{found.decision.subject} stays deprecated since {found.deprecated_since}")
    what = "announce it:  solvent lifecycle apply" if found.written else "the same without  --dry-run"
    session.terminal.note(f"next: {what}")


COMMANDS = (extend, retire, freeze, redirect, acknowledge)
