"""``source add``, ``source test`` and ``source remove``: a person's own sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.commands.connection_add import assigned, once
from manager.cli.options import plans, reads
from manager.cli.output import Section
from manager.cli.pages import Page
from manager.errors import FindingsError

if TYPE_CHECKING:
    from manager.app.checking.planning import CheckPlan
    from manager.cli.session import Session
    from manager.core.checks import Checked


@click.command(
    cls=Page,
    examples=(
        "solvent source add warehouse --connection warehouse --able schema-only --schema solvent_check",
        "solvent source add lab --connector postgresql --url postgresql://ana@db/lab --secret password=env:PGPASSWORD",
    ),
)
@click.argument("name")
@click.option("--connection", default="", metavar="NAME", help="Saved connection that it is reached by.")
@click.option("--connector", default="", metavar="ID", help="Save a connection of this connector with it.")
@click.option("--url", default="", metavar="URL", help="All parameters of that connection as a URL.")
@assigned
@click.option("--network", default="", metavar="NAME", help="Network of the engine that it is reached through.")
@click.option("--engine", default="", metavar="ENGINE", help="Engine that it is  [default: that of the connector]")
@click.option("--version", default="", metavar="TEXT", help="Version of its server, for the reports.")
@click.option(
    "--able",
    multiple=True,
    metavar="CAPABILITY",
    help="What is allowed there: fresh-database, schema-only or read-only, and may_kill, may_restart"
    "  [default: read-only]",
)
@click.option("--schema", default="", metavar="NAME", help="With schema-only: the schema in which tables may be made.")
@reads
def add(session: Session, name: str, connector: str, **given: Any) -> None:
    """Let checks use a data source of your own.

    It is a saved connection, and what is allowed there; probes that need more are not asked. It counts as real, and is
    only asked where it is named: `check run --source NAME`. Secrets are kept as those of a connection are. Wrong
    passwords are never tried on it.
    """
    from manager.app.own_sources import Allowed
    from manager.app.saving import Given

    once(given)
    said = Given(given["url"], given["parameters"], given["secrets"], network=given["network"])
    allowed = Allowed(given["able"], given["schema"], given["engine"], given["version"], given["connection"])
    own, warnings = session.manager.add_source(name, connector, said, allowed)
    for warning in warnings:
        session.terminal.warn(warning)
    facts = [
        ("name", own.name),
        ("connection", own.connection),
        ("engine", f"{own.engine} {own.version}".strip()),
        ("allowed", ", ".join(own.capabilities)),
        ("schema", own.schema),
    ]
    document = {
        "name": own.name,
        "connection": own.connection,
        "engine": own.engine,
        "version": own.version or None,
        "capabilities": list(own.capabilities),
        "schema": own.schema or None,
    }
    session.output.one("source", document, facts, name=own.name)
    session.terminal.note(f"try it:  solvent source test {own.name}")


@click.command(
    cls=Page,
    examples=("solvent source test warehouse", "solvent source test warehouse --release jupyterlab:4.6-py3.13"),
)
@click.argument("name")
@click.option("--release", default="", metavar="FAMILY[:RELEASE]", help="In this release  [default: the newest built]")
@click.option("--driver", default="", metavar="DISTRIBUTION", help="With this driver  [default: the main one]")
@plans
def test(session: Session, name: str, release: str, driver: str) -> None:
    """Ask a source of your own the probes of connecting, in a sandbox of a release's image.

    Nothing of it is kept. Exit code 3 where one did not pass, or could not be asked.
    """
    planned = cast("CheckPlan", session.follow(session.manager.plan_source_test(name, release, driver)))
    if session.options.purpose != "apply":
        session.carry_out(planned.plan)
        return
    (found,) = cast("tuple[Checked, ...]", session.follow(session.manager.try_checks(planned)))
    cell = found.cell
    probes = tuple((one.probe, one.outcome, one.reason) for one in found.answers)
    document = {
        "source": name,
        "connector": cell.connector,
        "driver": cell.driver,
        "version": cell.version,
        "release": cell.release,
        "verdict": found.verdict,
        "probes": [{"id": probe, "outcome": outcome, "reason": reason} for probe, outcome, reason in probes],
    }
    facts = [("source", name), ("driver", f"{cell.driver} {cell.version}"), ("release", cell.release),
             ("verdict", found.verdict)]  # fmt: skip
    session.output.one("test", document, facts, name=name,
                       sections=[Section("probes", ("probe", "outcome", "reason"), probes)])  # fmt: skip
    if found.verdict != "verified":
        raise FindingsError(f"{name}: {found.reason}")


@click.command(cls=Page, examples=("solvent source remove warehouse", "solvent source remove warehouse --quiet"))
@click.argument("name")
@reads
def remove(session: Session, name: str) -> None:
    """Forget a source of your own, and the connection that was saved with it; what was found there stays."""
    session.manager.remove_source(name)
    session.terminal.note(f"source {name} is forgotten")
