"""``connection``: saved parameters for one data source, secrets by reference."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.commands.connection_lint import lint
from manager.cli.options import Words, asks, reads
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
    shown. The catalog may share connections with everybody; what is your own completes them.
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
        "solvent connection add sales --connector postgresql --url postgresql://ana@db/sales"
        " --secret password=env:PGPASSWORD",
        "solvent connection add warehouse --secret password=keyring:warehouse/ana",
    )
)
@click.argument("name")
@click.option(
    "--connector",
    default="",
    metavar="ID",
    help="Connector that it uses: solvent connector list  [default: that of the shared connection NAME]",
)
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
@click.option("--network", default="", metavar="NAME", help="Network of the engine that it is reached through.")
@click.option("--shared", is_flag=True, help="Put it into the catalog, for everybody, without secrets.")
@click.option(
    "--needs",
    multiple=True,
    metavar="KEY",
    help="With --shared: what each person brings; may be repeated  [default: the password, and what is missing]",
)
@click.option(
    "--owner", default="", type=Words(), metavar="WHO", help="With --shared: who answers for it  [default: you]"
)
@click.option("--description", default="", type=Words(), metavar="TEXT", help="With --shared: what it is for.")
@reads
def add(session: Session, name: str, connector: str, **given: Any) -> None:
    """Save a connection.

    Without `--connector` it completes the one that the catalog shares under that name with what is your own. A secret
    given in clear goes to the keyring, or to a file that only you can read, and is replaced by its reference. Better
    give a reference at once: other users of this machine can see the words of a command.
    """
    for option, key in (("--set", "parameters"), ("--secret", "secrets")):
        keys = [one for one, _ in given[key]]
        twice = next((one for one in keys if keys.count(one) > 1), None)
        if twice is not None:
            raise click.UsageError(f"{option} {twice} is given twice")
    if given["shared"]:
        _share(session, name, connector, given)
        return
    for option in ("needs", "owner", "description"):
        if given[option]:
            raise click.UsageError(f"--{option} is for what the catalog shares: add  --shared")
    saved, warnings = session.manager.add_connection(
        name,
        connector,
        url=given["url"],
        parameters=dict(given["parameters"]),
        secrets=dict(given["secrets"]),
        source=given["source"],
        network=given["network"],
    )
    for warning in warnings:
        session.terminal.warn(warning)
    if session.secrets:
        session.terminal.warn(
            "others on this machine can see a command's words while it runs; use  --secret KEY=env:NAME  instead"
        )
    _added(session, saved, f"try it:  solvent connection test {saved.name}")


def _share(session: Session, name: str, connector: str, given: dict[str, Any]) -> None:
    from manager.app.saving import Given
    from manager.app.sharing import Offer

    if not connector:
        raise click.UsageError("missing option '--connector'")
    said = Given(given["url"], given["parameters"], given["secrets"], given["source"], given["network"])
    offer = Offer(given["owner"], given["description"], given["needs"])
    made = session.manager.share_connection(name, connector, said, offer)
    needs = f"; each person brings their {' and '.join(made.needs)}" if made.needs else ""
    _added(session, session.manager.connection(name), f"it stands in {made.place}{needs}")


def _added(session: Session, saved: Connection, note: str) -> None:
    if session.output.structured:
        session.output.document({"connection": connection_json(saved)})
        return
    session.output.line(saved.name)
    if not session.options.quiet:
        session.terminal.note(note)


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


def connection_json(one: Connection) -> dict[str, Any]:
    """Give ``connection``; a secret is its reference."""
    return {
        "name": one.name,
        "connector": one.connector,
        "parameters": dict(one.parameters),
        "secrets": {key: str(reference) for key, reference in one.secrets},
        "source": one.source or None,
        "network": one.network or None,
        "shared": one.shared is not None,
        "origin": one.origin,
        "owner": one.shared.owner if one.shared else None,
        "description": (one.shared.description if one.shared else "") or None,
        "needs": list(one.shared.needs) if one.shared else [],
        "missing": list(one.missing),
    }


connection.add_command(lint)
