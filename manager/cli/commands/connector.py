"""``connector``: curated ways to data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.commands import connector_drivers, connector_lock, connector_promotion, connector_quarantine
from manager.cli.commands.connector_drivers import locked_section
from manager.cli.commands.connector_matrix import matrix
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
        Column[Any]("state", _state),
        Column[Any]("driver", lambda one: one.connector.main_driver.name),
        Column[Any]("version", lambda one: one.version),
        Column[Any]("newest", lambda one: one.learnt.newest),
        Column[Any]("libyears", lambda one: "" if one.libyears is None else f"{one.libyears:.2f}"),
        Column[Any]("hold", lambda one: f"{one.hold.ends} ({one.hold.by})" if one.hold else ""),
    ]
    wide = [
        Column[Any]("releases", lambda one: ", ".join(one.releases)),
        Column[Any]("sources", lambda one: ", ".join(source.name for source in one.connector.sources)),
        Column[Any]("licence", lambda one: one.connector.licence),
        Column[Any]("redistributable", lambda one: "yes" if one.connector.redistributable else "no"),
        Column[Any]("sign-in", lambda one: ", ".join(way.name for way in one.connector.authentication)),
        Column[Any]("checks", lambda one: "not run" if one.connector.not_run else ""),
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
    """Show one connector: its drivers, parameters, ways to sign in, deadlines and sources."""
    view = session.manager.connector(name)
    one = view.connector
    facts = [
        ("connector", one.id),
        ("title", one.title),
        ("kind", one.kind),
        ("tier", one.tier),
        ("state", _state(view)),
        ("owners", ", ".join(one.owners)),
        ("licence", one.licence),
        ("redistributable", "yes" if one.redistributable else "no: an image with it stays with you"),
        ("version", view.version),
        ("releases", ", ".join(view.releases)),
        ("url", one.url_template),
        ("system", ", ".join(one.system_packages)),
        ("not run", one.not_run),
    ]
    drivers = tuple(
        (each.dist, each.role, "main" if each.main else "", each.url_scheme, each.licence) for each in one.drivers
    )
    parameters = tuple(
        (
            each.name,
            each.type,
            ", ".join(filter(None, ("required" * each.required, "secret" * each.secret))),
            each.default,
            each.secure,
            each.description,
        )
        for each in one.parameters
    )
    ways = tuple(
        (
            each.name,
            each.title,
            ", ".join((*each.needs, *(f"{name} = {value}" for name, value in each.sets))),
            "yes" if each.inside else "no",
            each.note,
        )
        for each in one.authentication
    )
    deadlines = tuple((each.on.isoformat(), each.what, each.below, each.source) for each in one.deadlines)
    sources = tuple((each.name, each.engine, each.version, each.kind) for each in one.sources)
    session.output.one(
        "connector",
        {**view.to_json(), "locked": [each.to_json() for each in view.locked]},
        [fact for fact in facts if fact[1]],
        name=one.id,
        sections=[
            Section("drivers", ("distribution", "role", "main", "url scheme", "licence"), drivers),
            Section("parameters", ("name", "type", "needs", "default", "secure", "meaning"), parameters),
            Section("ways to sign in", ("name", "title", "needs", "in an environment", "note"), ways),
            locked_section(view.locked),
            Section("deadlines", ("on", "what", "below", "source"), deadlines),
            Section("sources", ("name", "engine", "version", "kind"), sources),
        ],
    )


def _state(one: Any) -> str:
    """Say where a connector is suspended, if it is so in some releases only."""
    return f"{one.state}, suspended in {', '.join(one.suspended)}" if one.suspended and one.present else one.state


for _command in (
    *connector_drivers.COMMANDS,
    *connector_lock.COMMANDS,
    *connector_quarantine.COMMANDS,
    *connector_promotion.COMMANDS,
):
    connector.add_command(_command)
connector.add_command(params)
connector.add_command(matrix)
