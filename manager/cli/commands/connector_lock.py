"""``connector lock``, and the connectors that locks go without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.commands.connector_drivers import decide
from manager.cli.options import decides, plans
from manager.cli.output import Column
from manager.cli.pages import Page
from manager.core.amounts import many
from manager.errors import FindingsError, Refused

if TYPE_CHECKING:
    from manager.app.connector_locks import ConnectorLocks, KernelLock
    from manager.cli.session import Session
    from manager.core.lock_changes import Move

_RELEASE = click.option(
    "--release", default="", metavar="FAMILY[:RELEASE]", help="Only in one release  [default: in all that have it]"
)


@click.command(
    "lock",
    cls=Page,
    examples=(
        "solvent connector lock jupyterlab:4.6-py3.13 --dry-run",
        "solvent connector lock --upgrade postgresql -y",
    ),
)
@click.argument("releases", metavar="[FAMILY[:RELEASE]]...", nargs=-1)
@click.option(
    "--upgrade", multiple=True, metavar="CONNECTOR", help="Move the drivers of this connector; may be repeated."
)
@click.option("--facts", is_flag=True, help="Also learn what is not known yet of the pins of locks that stay.")
@plans
def lock(session: Session, releases: tuple[str, ...], upgrade: tuple[str, ...], facts: bool) -> None:
    """Resolve the kernel locks of releases, show what moves and why, and write them.

    Pins stay wherever the set allows it, but for the drivers and companions of `--upgrade`, which move to what
    `solvent refresh` would propose. Without a name every release is locked that has connectors and can still be built.

    Where no choice of versions fits, the connector is looked for that is in the way. It is suspended in that release,
    which the plan shows with the resolver's reason, and the others are locked. Exit code 3 then.

    Beside each lock that is written stands what is known of it: when the files came, which native libraries the drivers
    bring, and the versions of the system's packages that connectors need.
    """
    found = cast("ConnectorLocks", session.follow(session.manager.connector_locks(releases, upgrade, facts=facts)))
    rows = [(each, move) for each in found.locks for move in each.moves]
    purpose = session.options.purpose
    if not session.output.structured:
        _table(session, rows)
    _notes(session, found)
    written = False
    if found.plan and purpose == "apply":
        _agreed(session, found)
        session.follow(session.manager.apply(found.plan, recheck=True))
        written = True
    if session.output.structured:
        session.output.document({"locks": [one.to_json() for one in found.locks], "written": written})
    for one in found.locks if written else ():
        session.terminal.note(f"locked: {one.file}")
    if not found.plan and not any(one.error for one in found.locks):
        session.terminal.note("nothing moves")
    _ended(found, written=written)
    if purpose == "check" and found.plan:
        click.get_current_context().exit(3)


@click.command(
    cls=Page,
    examples=(
        'solvent connector suspend mysql --release jupyterlab:4.6-py3.13 --reason "its driver excludes pandas 3"',
        'solvent connector suspend hive --reason "no driver for Python 3.13"',
    ),
)
@click.argument("name")
@_RELEASE
@decides
def suspend(session: Session, name: str, release: str, **said: str) -> None:
    """Leave a connector out of releases, so that their other connectors can move.

    Nobody can launch them with a connection of it any more; environments that are there keep what they have. Its
    drivers leave a release with the next `connector lock`.
    """
    decide(session, "suspend", name, release=_named(session, release), **said)
    _next(session, release)


@click.command(
    cls=Page,
    examples=(
        'solvent connector unsuspend mysql --release jupyterlab:4.6-py3.13 --reason "the driver follows"',
        'solvent connector unsuspend hive --reason "there is a driver again" --dry-run',
    ),
)
@click.argument("name")
@_RELEASE
@decides
def unsuspend(session: Session, name: str, release: str, **said: str) -> None:
    """Let a connector that was suspended belong to its releases again."""
    decide(session, "unsuspend", name, release=_named(session, release), **said)
    _next(session, release)


def _named(session: Session, release: str) -> str:
    """Give the full name of a release; a bare family is its newest active one."""
    return session.manager.catalog.release(release, session.manager.today).name if release else ""


def _next(session: Session, release: str) -> None:
    if not session.output.structured and not session.options.quiet:
        where = f" {release}" if release else ""
        session.terminal.note(f"the locks follow with:  solvent connector lock{where}")


def _table(session: Session, rows: list[tuple[KernelLock, Move]]) -> None:
    columns = [
        Column[Any]("release", lambda row: row[0].release),
        Column[Any]("distribution", lambda row: row[1].distribution),
        Column[Any]("from", lambda row: row[1].before),
        Column[Any]("to", lambda row: row[1].after),
        *([Column[Any]("machines", lambda row: row[1].where or "all")] if any(row[1].where for row in rows) else ()),
        Column[Any]("why", lambda row: row[1].why),
    ]
    session.output.rows("changes", rows, columns, name=lambda row: row[1].distribution, to_json=lambda _: {})


def _notes(session: Session, found: ConnectorLocks) -> None:
    # The first one is what the command ends with.
    for other in [one.error for one in found.locks if one.error is not None][1:]:
        session.terminal.warn(other.sentence)
        if other.hint:
            session.terminal.line(other.hint)
    for one in found.locks:
        for each in one.suspends:
            session.terminal.warn(f"suspends {each.connector} in {each.release}: no choice of versions fits with it")
            session.terminal.line(each.reason)
        for note in one.notes:
            session.terminal.note(f"{one.release}: {note}")


def _agreed(session: Session, found: ConnectorLocks) -> None:
    """Ask the person, who has seen what would move; raises Refused where nobody can be asked or agrees."""
    if session.options.yes or session.options.approve_destructive:
        return
    hint = "look at it with --dry-run, then say  -y"
    what = many(sum(step.kind == "write lock" for step in found.plan.steps), "lock")
    if not session.terminal.interactive:
        raise Refused(f"{found.plan.subject}: it needs a yes", why=f"{what} would be written", hint=hint)
    if not session.confirmed(f"write {what}?"):
        raise Refused("not approved; nothing was changed", hint=hint)


def _ended(found: ConnectorLocks, *, written: bool) -> None:
    """End with what cannot be locked at all, else with who was suspended, if there is either."""
    for one in found.locks:
        if one.error is not None:
            raise one.error
    out = [each for one in found.locks for each in one.suspends]
    if out:
        from manager.app.locking import sentence

        raise FindingsError(
            "no choice of versions fits with " + ", ".join(f"{each.connector} in {each.release}" for each in out),
            why=sentence(out[0].reason),
            hint=f"see  solvent connector explain {out[0].connector}"
            if written
            else f"without a lock it is decided by:  {out[0].command}",
        )


COMMANDS = (lock, suspend, unsuspend)
