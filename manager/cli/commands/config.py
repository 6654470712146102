"""``config``: the settings of this machine and person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import reads
from manager.cli.output import Column
from manager.cli.pages import PageGroup

if TYPE_CHECKING:
    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent config show", "solvent config path"))
def config() -> None:
    """Settings, and where they lie."""


@config.command(examples=("solvent config show", "solvent config show -o json"))
@reads
def show(session: Session) -> None:
    """Show every setting and where it comes from.

    That is a default, a file with its line, or an environment variable. Mirrors are shown as they hold together, the
    catalog's and your own.
    """
    from manager.app import mirrors
    from manager.app.settings import shown

    columns = [
        Column[Any]("setting", lambda one: one.name),
        Column[Any]("value", lambda one: one.value),
        Column[Any]("from", lambda one: one.origin),
    ]
    session.output.rows(
        "settings",
        (*shown(session.manager.settings), *mirrors.shown(session.manager)),
        columns,
        name=lambda one: one.name,
        to_json=lambda one: {"name": one.name, "value": one.value or None, "origin": one.origin},
    )


@config.command(examples=("solvent config path", "$EDITOR $(solvent config path -q)"))
@reads
def path(session: Session) -> None:
    """Show where settings, connections, state and logs lie.

    `-q` gives your own file of settings alone.
    """
    from manager.app.settings import MACHINE_FILE
    from manager.cli.failures import log_folder

    settings = session.manager.settings
    own = settings.config_dir / "config.toml"
    places = [
        ("settings", str(own)),
        ("machine's settings", str(MACHINE_FILE)),
        ("connections", str(settings.connections_dir)),
        ("state", str(settings.state_dir)),
        ("cache", str(settings.cache_dir)),
        ("logs", str(log_folder(settings))),
    ]
    found = {label.replace("machine's ", "machine_"): place for label, place in places}
    session.output.one("paths", found, places, name=str(own))
