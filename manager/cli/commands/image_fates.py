"""``image promote``, ``rollback``, ``quarantine``, ``unquarantine``, ``prune``: what becomes of builds that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import because, parts, plans
from manager.cli.output import Column
from manager.cli.pages import Page
from manager.core.amounts import show_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.views import EnvironmentView
    from manager.cli.session import Session
    from manager.core.plan import Plan
    from manager.core.quarantining import Judgement

_RELEASE = "FAMILY[:RELEASE]"
_NAMED = f"{_RELEASE}[@VERSION]"


@click.command(
    cls=Page,
    examples=("solvent image promote jupyterlab:4.6-py3.13", "solvent image promote jupyterlab:4.6-py3.13 20261121.2"),
)
@click.argument("release", metavar=_RELEASE)
@click.argument("version", default="")
@plans
def promote(session: Session, release: str, version: str) -> None:
    """Have a release give a build: a candidate that passed every check, or an earlier good build.

    Without a version, the newest candidate. What was not proven on that very digest is refused; so is everything in a
    freeze. Environments that exist keep what they have.
    """
    changed(session, session.manager.shelf.plan_promote(release, version))


@click.command(
    cls=Page,
    examples=("solvent image rollback jupyterlab:4.6-py3.13", "solvent image rollback jupyterlab --to 20261121.1"),
)
@click.argument("release", metavar=_RELEASE)
@click.option("--to", default="", metavar="VERSION", help="Build to go back to  [default: the one promoted before].")
@plans
def rollback(session: Session, release: str, to: str) -> None:
    """Have a release give a build again that was promoted before; nothing is built.

    Where its bytes are missing that is said, and they are pulled from a registry that has them. The build that is left
    is not promoted again by itself: `image promote` does that.
    """
    changed(session, session.manager.shelf.plan_rollback(release, to))


@click.command(
    cls=Page,
    examples=(
        'solvent image quarantine jupyterlab:4.6-py3.13 --reason "CVE-2026-1234" --security',
        'solvent image quarantine jupyterlab:4.6-py3.13@20261121.2 --reason "wrong results" --dry-run',
    ),
)
@click.argument("build", metavar=_NAMED)
@click.option("--security", is_flag=True, help="It waits for no freeze.")
@because
@plans
def quarantine(session: Session, build: str, reason: str, approved_by: str, security: bool) -> None:
    """Forbid a build at once: nobody launches it, starts it, or is moved to it.

    Without a version, the build that the release gives now. The release falls back to its newest good build that is
    here, and gives none where there is none. What runs is not stopped: it is listed. The decision is a file of the
    catalog.
    """
    shelf = session.manager.shelf
    plan = shelf.plan_quarantine(build, _judgement(session, reason, approved_by, security=security))
    changed(session, plan, shelf.affected(plan) if session.output.structured else ())


@click.command(
    cls=Page,
    examples=(
        'solvent image unquarantine jupyterlab:4.6-py3.13@20261121.2 --reason "it was the test"',
        'solvent image unquarantine jupyterlab:4.6-py3.13 --reason "it was the test" --dry-run',
    ),
)
@click.argument("build", metavar=_NAMED)
@because
@plans
def unquarantine(session: Session, build: str, reason: str, approved_by: str) -> None:
    """Allow a quarantined build again: it is a candidate then, and `image promote` moves the channel to it.

    Without a version, the newest one that is quarantined. The decision is a further file of the catalog.
    """
    plan = session.manager.shelf.plan_lift(build, _judgement(session, reason, approved_by))
    changed(session, plan)


def _judgement(session: Session, reason: str, approved_by: str, *, security: bool = False) -> Judgement:
    from manager.core.quarantining import Judgement

    return Judgement(reason, session.manager.settings.owner, approved_by, security)


@click.command(cls=Page, examples=("solvent image prune --dry-run", "solvent image prune --approve-destructive"))
@parts
def prune(session: Session) -> None:
    """Remove what nothing refers to: old builds, bases, and parts of the cache.

    Environments keep their build, running or not; so do pins, channels, and the last three builds of each release that
    were promoted. The entry of a build stays, with its locks and its evidence, and its version is never used again.
    """
    shelf = session.manager.shelf
    plan = session.part(shelf.plan_prune())
    weight = shelf.weight(plan) if plan else 0
    freed = weight if session.carry_out(plan) else 0
    found = [one for one in shelf.touched(plan) if not one.channels]
    if session.output.structured:
        session.output.document(answer(plan) | {"builds": [one.to_json() for one in found], "freed": freed})
        return
    _table(session, found)
    if freed:
        session.terminal.note(f"at least {show_size(freed)} freed")


def changed(session: Session, plan: Plan, affected: Iterable[EnvironmentView] = ()) -> None:
    """Carry out a plan about builds, and show those that it was about, with the environments that it affects."""
    session.carry_out(plan)
    found = session.manager.shelf.touched(plan)
    if session.output.structured:
        more = {"builds": [one.to_json() for one in found], "affected": [one.to_json() for one in affected]}
        session.output.document(answer(plan) | more)
    else:
        _table(session, found)


def answer(plan: Plan) -> dict[str, Any]:
    """Give a plan as JSON, for an answer that has more in it."""
    return {key: value for key, value in plan.to_json().items() if key != "schema"}


def _table(session: Session, found: Any) -> None:
    columns = [
        Column[Any]("release", lambda one: one.build.release),
        Column[Any]("build", lambda one: one.build.version),
        Column[Any]("status", lambda one: one.build.status.value),
        Column[Any]("channel", lambda one: ", ".join(one.channels)),
        Column[Any]("bytes", lambda one: one.to_json()["bytes"]),
        Column[Any]("because", lambda one: one.build.reason),
    ]
    wide = [Column[Any]("digest", lambda one: one.build.digest)]
    session.output.rows(
        "builds", found, columns, wide=wide, name=lambda one: one.build.digest, to_json=lambda one: one.to_json()
    )


COMMANDS = (promote, rollback, quarantine, unquarantine, prune)
