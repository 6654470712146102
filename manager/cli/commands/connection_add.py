"""``connection add``: saves a connection, whole from its options or asked for on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from manager.cli.commands.connection_questions import completed
from manager.cli.options import Words, reads
from manager.cli.pages import Page
from manager.core.signing_in import offered, way_called
from manager.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.saving import Given
    from manager.cli.session import Session
    from manager.core.connections import Connection


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


def assigned(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say single parameters and secrets of a connection; see :func:`once`."""
    secret = click.option(
        "--secret",
        "secrets",
        multiple=True,
        type=Assignment(),
        metavar="KEY=REF",
        help="One secret by reference: env:NAME, file:PATH, keyring:SERVICE/USER or exec:COMMAND; may be repeated.",
    )
    parameter = click.option(
        "--set",
        "parameters",
        multiple=True,
        type=Assignment(),
        metavar="KEY=VALUE",
        help="One parameter; may be repeated.",
    )
    return parameter(secret(function))


def once(given: dict[str, Any]) -> None:
    """Raise UsageError where one parameter or secret was given twice."""
    for option, key in (("--set", "parameters"), ("--secret", "secrets")):
        keys = [one for one, _ in given[key]]
        twice = next((one for one in keys if keys.count(one) > 1), None)
        if twice is not None:
            raise click.UsageError(f"{option} {twice} is given twice")


@click.command(
    cls=Page,
    examples=(
        "solvent connection add sales --connector postgresql --url postgresql://ana@db/sales"
        " --secret password=env:PGPASSWORD",
        "solvent connection add warehouse --secret password=keyring:warehouse/ana",
    ),
)
@click.argument("name")
@click.option(
    "--connector",
    default="",
    metavar="ID",
    help="Connector that it uses: solvent connector list  [default: that of the shared connection NAME]",
)
@click.option("--url", default="", metavar="URL", help="All parameters as a URL.")
@assigned
@click.option("--source", default="", metavar="NAME", help="Shipped source that it leads to: solvent source list.")
@click.option("--network", default="", metavar="NAME", help="Network of the engine that it is reached through.")
@click.option(
    "--sign-in", default="", metavar="WAY", help="Way to sign in, whose parameters are set: solvent connector show ID."
)
@click.option(
    "--secure/--no-secure",
    default=None,
    help="Take the secure values of what you say nothing of; --no-secure: leave it to the driver  [default: asked]",
)
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

    On a terminal what is missing is asked for: the connector, a way to sign in, what that needs, secrets unseen, and
    whether the secure values are to be taken. `--no-input` asks nothing.
    """
    from manager.app.saving import Given

    once(given)
    said = Given(**{key: given[key] for key in ("url", "parameters", "source", "network", "sign_in", "secure")},
                 references=given["secrets"])  # fmt: skip
    if given["shared"]:
        _share(session, name, connector, given, said)
        return
    for option in ("needs", "owner", "description"):
        if given[option]:
            raise click.UsageError(f"--{option} is for what the catalog shares: add  --shared")
    asked = session.terminal.interactive
    if asked:
        try:
            connector, said = completed(session, name, connector, said)
        except (KeyboardInterrupt, click.Abort):
            raise Interrupted("interrupted; nothing is saved") from None
    saved, warnings = session.manager.add_connection(
        name,
        connector,
        url=said.url,
        parameters=dict(said.parameters),
        secrets=dict(said.references),
        source=said.source,
        network=said.network,
        sign_in=said.sign_in,
        secure=said.secure,
    )
    # What was asked for unseen was seen by nobody.
    say = session.terminal.note if asked and not session.secrets else session.terminal.warn
    for warning in warnings:
        say(warning)
    if session.secrets:
        session.terminal.warn(
            "others on this machine can see a command's words while it runs; use  --secret KEY=env:NAME  instead"
        )
    _unsaid(session, saved, said, asked=asked)
    _added(session, saved, f"try it:  solvent connection test {saved.name}")


def _unsaid(session: Session, saved: Connection, said: Given, *, asked: bool) -> None:
    """Warn of a way to sign in that fails inside an environment, and name secure values that were not taken."""
    one = session.manager.catalog.connector(saved.connector)
    if said.sign_in and not (way := way_called(one, said.sign_in)).inside:
        session.terminal.warn(f"signing in by {way.name} does not work inside an environment: {way.note}")
    if asked or said.secure is not None or said.source or saved.origin == "shared":
        return
    if offers := offered(one, dict(saved.parameters)):
        values = ", ".join(f"{each.name} = {each.secure}" for each in offers)
        session.terminal.note(f"left to the driver, which is less safe: {values}; add  --secure  to take them")


def _share(session: Session, name: str, connector: str, given: dict[str, Any], said: Given) -> None:
    from manager.app.sharing import Offer

    if not connector:
        raise click.UsageError("missing option '--connector'")
    if said.sign_in:
        raise click.UsageError("--sign-in is for your own; what each person brings is said with --needs")
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
