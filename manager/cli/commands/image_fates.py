"""``image promote``, ``rollback`` and ``prune``: what becomes of builds that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import plans
from manager.cli.output import Column
from manager.cli.pages import Page
from manager.core.amounts import show_size

if TYPE_CHECKING:
    from manager.cli.session import Session
    from manager.core.plan import Plan

_RELEASE = "FAMILY[:RELEASE]"


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


@click.command(cls=Page, examples=("solvent image prune --dry-run", "solvent image prune --approve-destructive"))
@plans
def prune(session: Session) -> None:
    """Remove what nothing refers to: old builds, bases, and parts of the cache.

    Environments keep their build, running or not; so do pins, channels, and the last three builds of each release that
    were promoted. The entry of a build stays, with its locks and its evidence, and its version is never used again.
    """
    shelf = session.manager.shelf
    plan = shelf.plan_prune()
    before = shelf.space() if plan else 0
    done = session.carry_out(plan)
    freed = max(0, before - shelf.space()) if done else 0
    found = [one for one in shelf.touched(plan) if not one.channels]
    if session.output.structured:
        session.output.document(answer(plan) | {"builds": [one.to_json() for one in found], "freed": freed})
        return
    _table(session, found)
    if done:
        session.terminal.note(f"{show_size(freed)} freed")


def changed(session: Session, plan: Plan) -> None:
    """Carry out a plan about builds, and show those that it was about."""
    session.carry_out(plan)
    found = session.manager.shelf.touched(plan)
    if session.output.structured:
        session.output.document(answer(plan) | {"builds": [one.to_json() for one in found]})
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


COMMANDS = (promote, rollback, prune)
