"""``connector promote`` and ``connector rollback``: the set of a release by what checks found."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from manager.cli.options import plans
from manager.cli.pages import Page

if TYPE_CHECKING:
    from manager.cli.session import Session
    from manager.core.plan import Plan


@click.command(
    cls=Page,
    examples=(
        "solvent connector promote postgresql --release jupyterlab:4.6-py3.13",
        "solvent connector promote postgresql --dry-run",
    ),
)
@click.argument("name")
@click.option(
    "--release",
    default="",
    metavar="FAMILY[:RELEASE]",
    help="Only in this release  [default: in each where such a set was checked]",
)
@click.option(
    "--set",
    "set_hash",
    default="",
    metavar="HASH",
    help="The set whose hash begins so, whatever was checked since  [default: the newest]",
)
@plans
def promote(session: Session, name: str, release: str, set_hash: str) -> None:
    """Have the set that was checked become the release's own, with the newer drivers of a connector in it.

    It is the newest set of `solvent check run --upgrade` (or `--version`) that moves this connector, or the one that is
    named. Every required cell of it has to be verified, by the probes and in the image of today: what stands against it
    is named. The lock in the catalog is edited; the image follows
    with `solvent image build`, which takes the very tree that was checked.
    """
    _carried_out(session, cast("Plan", session.follow(session.manager.plan_set_promotion(name, release, set_hash))))


@click.command(
    cls=Page,
    examples=(
        "solvent connector rollback postgresql --release jupyterlab:4.6-py3.13",
        "solvent connector rollback postgresql --release jupyterlab:4.6-py3.13 --dry-run",
    ),
)
@click.argument("name")
@click.option("--release", required=True, metavar="FAMILY[:RELEASE]", help="The release that goes back.")
@plans
def rollback(session: Session, name: str, release: str) -> None:
    """Have a release's set be the one of before again, in which a connector's drivers were other ones.

    It goes to the newest other set that was verified here in all that is required; each nightly tries that it still
    installs.
    """
    _carried_out(session, cast("Plan", session.follow(session.manager.plan_set_rollback(name, release))))


def _carried_out(session: Session, plan: Plan) -> None:
    session.carry_out(plan)
    if session.output.structured:
        session.output.document({key: value for key, value in plan.to_json().items() if key != "schema"})
    else:
        session.output.lines(step.target for step in plan.steps)


COMMANDS = (promote, rollback)
