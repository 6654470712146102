"""``connector``'s commands about versions: why a pin is what it is, and what people decide about drivers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from manager.cli.options import Day, Words, decides, reads
from manager.cli.output import Section
from manager.cli.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.driver_views import Explained, Held, LockedView
    from manager.cli.session import Session

_DIST = click.option("--driver", "dist", default="", metavar="DIST", help="Only one distribution of the connector.")


@click.command(
    cls=Page,
    examples=("solvent connector explain postgresql", "solvent connector explain postgresql -o json"),
)
@click.argument("name")
@reads
def explain(session: Session, name: str) -> None:
    """Say why the pins of a connector's drivers are what they are, and what holds each newer version back.

    Goes by what `solvent refresh` last learnt, and asks no index.
    """
    found = session.manager.explain(name)
    for note in found.notes:
        session.terminal.note(note)
    facts = [
        ("connector", found.connector.id),
        ("driver", found.connector.main_driver.name),
        ("asked", f"{found.at:%Y-%m-%d %H:%M} UTC" if found.at else "never"),
    ]
    session.output.one("explain", found.to_json(), facts, name="\n".join(_names(found)), sections=_sections(found))


@click.command(
    cls=Page,
    examples=(
        'solvent connector hold postgresql --until 2027-01-31 --reason "the year is closed first"',
        'solvent connector hold postgresql --driver psycopg --until-version "sqlalchemy>=2.1" --reason "dialect"',
    ),
)
@click.argument("name")
@_DIST
@click.option("--until", type=Day(), metavar="DATE", help="The day on which it lifts itself.")
@click.option(
    "--until-version", default="", type=Words(), metavar="DIST>=VERSION", help="It lifts itself once that is there."
)
@decides
def hold(session: Session, name: str, dist: str, until: date | None, until_version: str, **said: str) -> None:
    """Keep the drivers of a connector from moving: refresh proposes none of them, and no lock takes a newer one.

    It lifts itself on a day, or once the index has a version of a distribution; one of the two has to be said.
    """
    if bool(until) == bool(until_version):
        raise click.UsageError("say when it lifts itself: --until DATE or --until-version DIST>=VERSION, one of them")
    decide(session, "hold", name, dist=dist, until=until, until_version=until_version, **said)


@click.command(
    cls=Page,
    examples=(
        'solvent connector unhold postgresql --reason "the dialect follows"',
        "solvent connector unhold postgresql --driver psycopg --version 3.3.9 --advisory GHSA-1234-5678-9abc "
        '--until 2026-12-05 --reason "it mends the leak"',
    ),
)
@click.argument("name")
@_DIST
@click.option("--version", default="", metavar="VERSION", help="Except this version of --driver from the cool-down.")
@click.option("--advisory", default="", metavar="ID", help="The advisory that this version settles.")
@click.option("--until", type=Day(), metavar="DATE", help="When the exception ends: 14 days from now at most.")
@decides
def unhold(session: Session, name: str, dist: str, version: str, **said: Any) -> None:
    """Let the drivers of a connector move again; or with --version except one version from the cool-down.

    An exception needs the advisory for which it cannot wait, and a day within 14 days.
    """
    if not version and (said["advisory"] or said["until"]):
        raise click.UsageError("--advisory and --until go with --version")
    if version and not (dist and said["advisory"] and said["until"]):
        raise click.UsageError("--version needs --driver, --advisory and --until")
    decide(session, "exception" if version else "unhold", name, dist=dist, version=version, **said)


def decide(session: Session, kind: Any, subject: str, **said: Any) -> None:
    """Have a decision judged, and written or shown."""
    from manager.core.catalog import Place
    from manager.core.driver_decisions import DriverDecision

    # Day, person and file are filled in where the decision is judged.
    asked = DriverDecision(kind, subject, date.min, by="", place=Place("", 0), **said)
    _show(session, session.manager.decide_driver(asked, write=session.options.purpose == "apply"))


def _show(session: Session, found: Held) -> None:
    one = found.decision
    session.output.file({"decision": found.to_json()}, one.place.file, found.text, written=found.written)
    if session.output.structured or session.options.quiet:
        return
    session.terminal.note(f"next: see what it changes:  solvent connector explain {one.subject}")


def _names(found: Explained) -> list[str]:
    return [f"{one.pinned.release}/{one.pinned.dist}" for one in found.pins]


def _sections(found: Explained) -> list[Section]:
    decided = tuple(
        (one.kind, one.dist, one.version, one.ends, one.by, one.reason, one.place.file) for one in found.decisions
    )
    return [
        Section("pins", ("distribution", "version", "newest", "libyears", "behind", "releases", "why"), _pins(found)),
        locked_section(found.locked),
        Section("newer versions", ("distribution", "version", "state", "released", "releases", "why"), _newer(found)),
        Section("decisions", ("kind", "distribution", "version", "ends", "by", "reason", "file"), decided),
    ]


def locked_section(found: Iterable[LockedView]) -> Section:
    """Show what is known of drivers as locks have them, a line for releases that have the same."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        came = f"{one.facts.uploaded:%Y-%m-%d}" if one.facts and one.facts.uploaded else "unknown"
        system = ", ".join(f"{name} {version}" for name, version in one.system)
        rows.setdefault((one.dist, one.version, came, one.native, system), []).append(one.release)
    lines = tuple((*key, ", ".join(releases)) for key, releases in sorted(rows.items()))
    return Section("locked", ("distribution", "version", "uploaded", "brings", "beside", "releases"), lines)


def _pins(found: Explained) -> tuple[tuple[str, ...], ...]:
    """Give a line for releases that have the same for the same reason."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for one in found.pins:
        years, behind = one.libyears, one.behind
        numbers = ("" if years is None else f"{years:.2f}", "" if behind is None else str(behind))
        key = (one.pinned.dist, one.pinned.version, one.newest, *numbers, one.why)
        rows.setdefault(key, []).append(one.pinned.release)
    return tuple((*key[:-1], ", ".join(releases), key[-1]) for key, releases in sorted(rows.items()))


def _newer(found: Explained) -> tuple[tuple[str, ...], ...]:
    rows: dict[tuple[str, ...], list[str]] = {}
    for one in found.pins:
        for each in one.newer:
            key = (one.pinned.dist, each.version, each.state, str(each.released or ""), each.why)
            rows.setdefault(key, []).append(one.pinned.release)
    return tuple((*key[:-1], ", ".join(releases), key[-1]) for key, releases in rows.items())


COMMANDS = (explain, hold, unhold)
