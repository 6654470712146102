"""``connection``: saved parameters for one data source, secrets by reference."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.options import asks, reads
from manager.cli.output import Column, Section
from manager.cli.pages import PageGroup
from manager.core.amounts import show_period
from manager.errors import CatalogError, FindingsError, Interrupted

if TYPE_CHECKING:
    from manager.app.views import ProbeReport
    from manager.cli.session import Session
    from manager.core.connections import Connection


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
    shown.
    """


class Assignment(click.ParamType[tuple[str, str]]):
    """``KEY=VALUE``. A value is never repeated in an error: it may be a secret."""

    name = "key=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split at the first equals sign."""
        if isinstance(value, tuple):
            return value
        key, equals, text = str(value).partition("=")
        if not key or not equals:
            self.fail("write it as KEY=VALUE", param, ctx)
        return key, text


@connection.command(
    examples=(
        "solvent connection add warehouse --connector postgresql --source postgresql-17",
        "solvent connection add sales --connector postgresql --url postgresql://ana@db/sales"
        " --secret password=env:PGPASSWORD",
    )
)
@click.argument("name")
@click.option("--connector", required=True, metavar="ID", help="Connector that it uses: solvent connector list.")
@click.option("--url", default="", metavar="URL", help="All parameters as a URL.")
@click.option(
    "--set", "parameters", multiple=True, type=Assignment(), metavar="KEY=VALUE", help="One parameter; may be repeated."
)
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    type=Assignment(),
    metavar="KEY=REF",
    help="One secret by reference: env:NAME, file:PATH, keyring:SERVICE/USER or exec:COMMAND; may be repeated.",
)
@click.option("--source", default="", metavar="NAME", help="Shipped source that it leads to: solvent source list.")
@reads
def add(
    session: Session,
    name: str,
    connector: str,
    url: str,
    parameters: tuple[tuple[str, str], ...],
    secrets: tuple[tuple[str, str], ...],
    source: str,
) -> None:
    """Save a connection.

    A secret given in clear goes to the keyring, or to a file that only you can read, and is replaced by its
    reference. Better give a reference at once: other users of this machine can see the words of a command.
    """
    for option, given in (("--set", parameters), ("--secret", secrets)):
        keys = [key for key, _ in given]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise click.UsageError(f"{option} {twice} is given twice")
    saved, warnings = session.manager.add_connection(
        name, connector, url=url, parameters=dict(parameters), secrets=dict(secrets), source=source
    )
    for warning in warnings:
        session.terminal.warn(warning)
    if session.secrets:
        session.terminal.warn(
            "others on this machine can see a command's words while it runs; use  --secret KEY=env:NAME  instead"
        )
    if session.output.structured:
        session.output.document({"connection": connection_json(saved)})
    else:
        session.output.line(saved.name)
        if not session.options.quiet:
            session.terminal.note(f"try it:  solvent connection test {saved.name}")


@connection.command("list", examples=("solvent connection list", "solvent connection list -o json"))
@reads
def listing(session: Session) -> None:
    """List connections."""
    found = session.manager.connections()
    columns = [
        Column[Any]("name", lambda one: one.name),
        Column[Any]("connector", lambda one: one.connector),
        Column[Any]("host", lambda one: dict(one.parameters).get("host", "")),
        Column[Any]("database", lambda one: dict(one.parameters).get("database", "")),
        Column[Any]("source", lambda one: one.source),
    ]
    wide = [
        Column[Any]("secrets", lambda one: ", ".join(key for key, _ in one.secrets)),
        Column[Any]("shared", lambda one: one.origin),
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
        ("origin", one.origin),
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


@connection.command(examples=("solvent connection remove warehouse", "solvent connection remove warehouse -o json"))
@click.argument("name")
@asks
def remove(session: Session, name: str) -> None:
    """Forget a connection; its data source is not touched.

    The secrets that Solvent kept for it are deleted; those that lie elsewhere stay.
    """
    with suppress(CatalogError):  # a broken file can be forgotten as well
        session.manager.connection(name)
    if not session.confirmed(f"forget connection {name}?"):
        raise Interrupted("nothing was removed")
    session.manager.remove_connection(name)
    if session.output.structured:
        session.output.document({"removed": {"connection": name}})
    else:
        session.output.line(name)


def connection_json(one: Connection) -> dict[str, Any]:
    """Give ``connection``; a secret is its reference."""
    return {
        "name": one.name,
        "connector": one.connector,
        "parameters": dict(one.parameters),
        "secrets": {key: str(reference) for key, reference in one.secrets},
        "source": one.source or None,
        "shared": one.shared is not None,
        "origin": one.origin,
    }
