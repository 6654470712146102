"""``connector params``: what a version of a driver takes, and what another one does otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from manager.cli.options import reads
from manager.cli.output import Column, Section
from manager.cli.pages import Page
from manager.core.amounts import many
from manager.core.contract_changes import counts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.contract_views import Comparison, ContractView
    from manager.cli.session import Session
    from manager.core.contract_changes import ContractChange

_TITLES = {
    "removed": "removed",
    "renamed": "renamed",
    "disposition": "treated otherwise",
    "default": "other default",
    "secret": "secret or not",
    "type": "other type",
    "added": "added",
}


@click.command(
    cls=Page,
    examples=("solvent connector params postgresql", "solvent connector params mysql --from 1.0.2 --to 1.1.1 -o json"),
)
@click.argument("name")
@click.option("--version", default="", metavar="V", help="The driver's version; without it the one that is locked.")
@click.option("--from", "first", default="", metavar="A", help="Compare: the version that a connection has now.")
@click.option("--to", "second", default="", metavar="B", help="Compare: the version that it would get.")
@click.option("--driver", default="", metavar="DIST", help="Another driver of the connector than its main one.")
@click.option("--keep", is_flag=True, help="Write the contract beside the connector, in a catalog of your own.")
@reads
def params(session: Session, name: str, version: str, first: str, second: str, driver: str, keep: bool) -> None:
    """Show the connection parameters that a driver takes, as the driver itself says it.

    With `--from` and `--to`: what was added, removed or renamed, whose default turned, and what is ignored from then
    on, with the saved connections that feel it. Any released version can be named; one that is not known yet is
    installed apart and asked in a container without a network, and its answer is kept.
    """
    if second and not first:
        raise click.UsageError("--to needs --from: the version to compare with")
    if first and (version or keep):
        raise click.UsageError("--from compares two versions; --version and --keep are about one")
    contracts = session.manager.contracts
    if first:
        _compared(session, cast("Comparison", session.follow(contracts.compared(name, first, second, driver))))
    else:
        _shown(session, cast("ContractView", session.follow(contracts.shown(name, driver, version, keep=keep))))


def _shown(session: Session, found: ContractView) -> None:
    one = found.contract
    columns = [
        Column[Any]("parameter", lambda each: each.name),
        Column[Any]("type", lambda each: each.type),
        Column[Any]("default", lambda each: _cut(each.known_default)),
        Column[Any]("needs", lambda each: "secret" if each.secret else ""),
        *(
            [Column[Any]("treated", lambda each: "" if each.disposition == "accepted" else each.disposition)]
            if any(each.disposition != "accepted" for each in one.parameters)
            else ()
        ),
    ]
    wide = [
        Column[Any]("declared default", lambda each: _cut(each.default)),
        Column[Any]("aliases", lambda each: ", ".join(each.aliases)),
        Column[Any]("it says", lambda each: each.note),
    ]
    if session.output.form == "json":
        session.output.document(found.to_json())
    else:
        session.output.rows(
            "parameters",
            one.parameters,
            columns,
            wide=wide,
            name=lambda each: each.name,
            to_json=lambda each: {"name": each.name, **each.to_json()},
        )
    native = "".join(
        f", {library} {number}" for library, number in one.native if library.startswith(("libpq", "sqlite"))
    )
    session.terminal.note(f"{one.distribution} {one.version}{native}: {many(len(one.parameters), 'parameter')}")
    for needed, stands in one.stood_in:
        session.terminal.note(f"asked with {needed} {stands}, which stands in for one that has no wheel")
    if one.unheard_of == "ignored":
        session.terminal.note("a parameter that it does not know is ignored without an error: spell with care")
    if found.file is not None:
        session.terminal.note(f"written to {found.file}")


def _compared(session: Session, found: Comparison) -> None:
    changes = found.changes
    if session.output.form == "json":
        session.output.document(found.to_json())
    elif session.output.form == "ndjson":
        session.output.rows("changes", changes, [], name=lambda one: one.name, to_json=lambda one: one.to_json())
    elif session.output.form == "name":
        session.output.lines(dict.fromkeys(one.name for one in changes))
    else:
        was = dict(found.before.native)
        native = [
            (library, f"{was.get(library, 'none')} to {number}")
            for library, number in found.after.native
            if was.get(library) != number
        ]
        facts = [("driver", found.after.distribution), ("from", found.before.version), ("to", found.after.version)]
        sections = [_section(kind, [one for one in changes if one.kind == kind]) for kind in _TITLES]
        rows = tuple((name, one.name, one.kind, one.severity) for name, each in found.touched for one in each)
        sections.append(Section("saved connections", ("connection", "parameter", "change", "severity"), rows))
        session.output.one("comparison", {}, [*facts, *native], name="", sections=sections)
    high = sum(one.severity == "high" for one in changes)
    counted = ", ".join(f"{number} {kind}" for kind, number in counts(changes).items() if number)
    session.terminal.note((counted or "nothing differs") + (f"; {high} of them of high severity" if high else ""))
    if found.touched:
        names = ", ".join(name for name, _ in found.touched)
        session.terminal.warn(f"saved connections feel it: {names}")


def _section(kind: str, changes: Iterable[ContractChange]) -> Section:
    rows = tuple((one.name, _cut(one.before), _cut(one.after), one.severity, one.note) for one in changes)
    return Section(_TITLES[kind], ("parameter", "before", "after", "severity", "it says"), rows)


def _cut(text: str | None) -> str:
    """Shorten what is too long for a cell; the whole stands in JSON."""
    shown = "" if text is None else text
    return shown if len(shown) <= 60 else shown[:57] + "..."
