"""``connector``: curated ways to data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.commands import connector_drivers
from manager.cli.commands.connector_params import params
from manager.cli.options import reads
from manager.cli.output import Column, Section
from manager.cli.pages import PageGroup

if TYPE_CHECKING:
    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent connector list", "solvent connector show postgresql"))
def connector() -> None:
    """Connectors: drivers, dialect and parameters for one kind of data source, curated together."""


@connector.command("list", examples=("solvent connector list", "solvent connector list -o json"))
@reads
def listing(session: Session) -> None:
    """List connectors with the version of their main driver, and what `solvent refresh` last learnt of it.

    The version is that of the newest active release; libyears count how much newer the newest version is.
    """
    found = session.manager.connectors()
    columns = [
        Column[Any]("connector", lambda one: one.connector.id),
        Column[Any]("title", lambda one: one.connector.title),
        Column[Any]("tier", lambda one: one.connector.tier),
        Column[Any]("state", lambda one: one.connector.state),
        Column[Any]("driver", lambda one: one.connector.main_driver.name),
        Column[Any]("version", lambda one: one.version),
        Column[Any]("newest", lambda one: one.learnt.newest if one.learnt else ""),
        Column[Any]("libyears", lambda one: "" if one.libyears is None else f"{one.libyears:.2f}"),
        Column[Any]("hold", lambda one: f"{one.hold.ends} ({one.hold.by})" if one.hold else ""),
    ]
    wide = [
        Column[Any]("releases", lambda one: ", ".join(one.releases)),
        Column[Any]("sources", lambda one: ", ".join(source.name for source in one.connector.sources)),
        Column[Any]("licence", lambda one: one.connector.licence),
    ]
    session.output.rows(
        "connectors", found, columns, wide=wide, name=lambda one: one.connector.id, to_json=lambda one: one.to_json()
    )
    if not found:
        session.terminal.note("this catalog has no connector")


@connector.command(examples=("solvent connector show postgresql", "solvent connector show postgresql -o json"))
@click.argument("name")
@reads
def show(session: Session, name: str) -> None:
    """Show one connector: its drivers, parameters and sources."""
    view = session.manager.connector(name)
    one = view.connector
    facts = [
        ("connector", one.id),
        ("title", one.title),
        ("kind", one.kind),
        ("tier", one.tier),
        ("state", one.state),
        ("owners", ", ".join(one.owners)),
        ("licence", one.licence),
        ("version", view.version),
        ("releases", ", ".join(view.releases)),
        ("url", one.url_template),
    ]
    drivers = tuple((each.dist, each.role, "main" if each.main else "", each.url_scheme) for each in one.drivers)
    parameters = tuple(
        (
            each.name,
            each.type,
            ", ".join(filter(None, ("required" * each.required, "secret" * each.secret))),
            each.default,
            each.description,
        )
        for each in one.parameters
    )
    sources = tuple((each.name, each.engine, each.version, each.kind) for each in one.sources)
    session.output.one(
        "connector",
        view.to_json(),
        [fact for fact in facts if fact[1]],
        name=one.id,
        sections=[
            Section("drivers", ("distribution", "role", "main", "url scheme"), drivers),
            Section("parameters", ("name", "type", "needs", "default", "meaning"), parameters),
            Section("sources", ("name", "engine", "version", "kind"), sources),
        ],
    )


for _command in connector_drivers.COMMANDS:
    connector.add_command(_command)
connector.add_command(params)
