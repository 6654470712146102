"""``connection``: saved parameters for one data source, secrets by reference."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.commands.connection_add import add, connection_json
from manager.cli.commands.connection_lint import lint
from manager.cli.options import asks, reads
from manager.cli.output import Column, Section
from manager.cli.pages import PageGroup
from manager.core.amounts import show_period
from manager.errors import CatalogError, FindingsError, Interrupted

if TYPE_CHECKING:
    from manager.app.views import ProbeReport
    from manager.cli.session import Session


@click.group(
    cls=PageGroup,
    examples=(
        "solvent connection add warehouse --connector postgresql --source postgresql-17",
        "solvent connection test warehouse",
    ),
)
def connection() -> None:
    """Connections: saved parameters for your data sources.

    A secret is saved as a reference (`env:NAME`, `file:PATH`, `keyring:SERVICE/USER`, `exec:COMMAND`) and never
    shown. The catalog may share connections with everybody; what is your own completes them.
    """


connection.add_command(add)


@connection.command("list", examples=("solvent connection list", "solvent connection list -o json"))
@reads
def listing(session: Session) -> None:
    """List your connections, and those that the catalog shares.

    What a shared one still needs from you stands under NEEDS.
    """
    found = session.manager.connections()
    columns = [
        Column[Any]("name", lambda one: one.name),
        Column[Any]("connector", lambda one: one.connector),
        Column[Any]("host", lambda one: dict(one.parameters).get("host", "")),
        Column[Any]("database", lambda one: dict(one.parameters).get("database", "")),
        Column[Any]("source", lambda one: one.source),
        Column[Any]("origin", lambda one: one.origin),
        Column[Any]("needs", lambda one: ", ".join(one.missing)),
    ]
    wide = [
        Column[Any]("secrets", lambda one: ", ".join(key for key, _ in one.secrets)),
        Column[Any]("network", lambda one: one.network),
        Column[Any]("owner", lambda one: one.shared.owner if one.shared else ""),
    ]
    session.output.rows("connections", found, columns, wide=wide, name=lambda one: one.name, to_json=connection_json)
    if not found:
        session.terminal.note("no connections; save one:  solvent connection add NAME --connector postgresql")


@connection.command(examples=("solvent connection show warehouse", "solvent connection show warehouse -o json"))
@click.argument("name")
@reads
def show(session: Session, name: str) -> None:
    """Show one connection; of a secret only its reference."""
    one = session.manager.connection(name)
    facts = [
        ("name", one.name),
        ("connector", one.connector),
        ("source", one.source),
        ("network", one.network),
        ("origin", f"shared, {one.shared.place}" if one.shared else one.origin),
        ("owner", one.shared.owner if one.shared else ""),
        ("description", one.shared.description if one.shared else ""),
        ("needs", ", ".join(one.missing)),
    ]
    session.output.one(
        "connection",
        connection_json(one),
        [fact for fact in facts if fact[1]],
        name=one.name,
        sections=[
            Section("parameters", ("name", "value"), tuple(one.parameters)),
            Section("secrets", ("name", "reference"), tuple((key, str(reference)) for key, reference in one.secrets)),
        ],
    )


@connection.command(
    examples=("solvent connection test warehouse", "solvent connection test warehouse --driver psycopg2-binary")
)
@click.argument("name")
@click.option(
    "--release", default="", metavar="FAMILY[:RELEASE]", help="Release to test in  [default: the newest that has it]"
)
@click.option("--driver", default="", metavar="DISTRIBUTION", help="Driver to test  [default: the main one]")
@reads
def test(session: Session, name: str, release: str, driver: str) -> None:
    """Try a connection in a sandbox, with the locked driver.

    The sandbox is a container of a release's own image. Exit 3 if a probe does not pass.
    """
    report = cast("ProbeReport", session.follow(session.manager.test_connection(name, release=release, driver=driver)))
    probes = tuple((one.probe, one.outcome, show_period(one.seconds), one.reason) for one in report.results)
    session.output.one(
        "test",
        report.to_json(),
        [
            ("connection", report.connection),
            ("connector", report.connector),
            ("driver", f"{report.driver} {report.version}"),
            ("outcome", report.outcome),
        ],
        name=report.outcome,
        sections=[Section("probes", ("probe", "outcome", "took", "reason"), probes)],
    )
    if report.outcome == "not_run":
        source = session.manager.connection(name).source
        raise FindingsError(
            f"{name} could not be tried",
            why="; ".join(one.reason for one in report.results if one.outcome == "not_run"),
            hint=f"start its source:  solvent source start {source}" if source else "",
        )
    if report.outcome != "pass":
        # What did not run after that is in the table; its reason is this one.
        bad = [one for one in report.results if one.outcome not in ("pass", "not_run")]
        raise FindingsError(
            f"{name} does not work",
            why="; ".join(f"{one.probe}: {one.reason or one.outcome}" for one in bad),
            hint=f"look at its parameters:  solvent connection show {name}",
        )


@connection.command(examples=("solvent connection remove warehouse", "solvent connection remove warehouse --shared"))
@click.argument("name")
@click.option("--shared", is_flag=True, help="Take it out of the catalog, from everybody.")
@asks
def remove(session: Session, name: str, shared: bool) -> None:
    """Forget a connection, or your part of a shared one; its data source is not touched.

    The secrets that Solvent kept for it are deleted; those that lie elsewhere stay.
    """
    if not shared:
        with suppress(CatalogError):  # a broken file can be forgotten as well
            session.manager.connection(name)
    if not session.confirmed(f"take connection {name} from everybody?" if shared else f"forget connection {name}?"):
        raise Interrupted("nothing was removed")
    if shared:
        session.manager.unshare_connection(name)
    else:
        session.manager.remove_connection(name)
    if session.output.structured:
        session.output.document({"removed": {"connection": name}})
    else:
        session.output.line(name)


connection.add_command(lint)
