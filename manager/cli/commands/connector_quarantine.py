"""``connector quarantine`` and ``unquarantine``: versions of a driver that are forbidden at once, and the way out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from manager.cli.commands.image_fates import answer
from manager.cli.options import because, plans
from manager.cli.output import Section
from manager.cli.pages import Page

if TYPE_CHECKING:
    from manager.app.emergency import Alarm
    from manager.cli.session import Session
    from manager.core.driver_decisions import DriverDecision, Kind
    from manager.core.way_out import WayOut

_DIST = click.option(
    "--driver",
    "dist",
    default="",
    metavar="DIST",
    help="Any distribution that comes with it  [default: the connector's main driver].",
)


@click.command(
    cls=Page,
    examples=(
        "solvent connector quarantine postgresql --version 3.3.9 --advisory GHSA-1234-5678-9abc "
        '--reason "it leaks passwords"',
        'solvent connector quarantine snowflake --driver urllib3 --version "<2.6.0" --advisory CVE-2026-1234 '
        '--reason "see the advisory" --dry-run',
    ),
)
@click.argument("name")
@click.option("--version", required=True, metavar="SPEC", help="A version, or a range such as '<3.3.10'.")
@click.option("--advisory", required=True, metavar="ID", help="What says that it is a danger.")
@_DIST
@because
@plans
def quarantine(session: Session, name: str, **said: str) -> None:
    """Forbid versions of a driver at once, wherever they are: no build with them starts, is promoted, or is made.

    Goes by what was read inside each build. A release whose build has such a version falls back to its newest good
    build without one that is here, and gives none where there is none; no freeze keeps that. What runs is not stopped:
    it is listed. No lock takes such a version from then on. The decision is a file of the catalog. In the end it
    says the whole way out, a command for each step; nothing of that is done.
    """
    emergency = session.manager.emergency
    found = emergency.plan_quarantine(_asked("quarantine", name, **said))

    def besides() -> tuple[dict[str, Any], list[str]]:
        ahead = emergency.aftermath(found.decision).way_out
        return {"way_out": ahead.to_json()}, _commands(ahead)

    session.carry_out(found.plan, besides=besides)
    after = emergency.aftermath(found.decision)
    way, builds, hit = after.way_out, after.builds, after.affected
    if session.output.structured:
        lists = {"builds": [one.to_json() for one in builds], "affected": [one.to_json() for one in hit]}
        session.output.document(_answer(found) | lists | {"way_out": way.to_json()})
        return
    one = found.decision
    facts = [
        ("quarantined", f"{one.dist} {one.version}"),
        ("advisory", one.advisory),
        ("goes to", way.version),
        ("file", one.place.file),
    ]
    rows = tuple(
        (each.build.release, each.build.version, each.build.status.value, ", ".join(each.channels)) for each in builds
    )
    stands = tuple(
        (each.environment.owner, each.environment.name, each.environment.release, each.environment.version,
         each.environment.state) for each in hit
    )  # fmt: skip
    releases = tuple((each.release, each.pinned, each.to, ", ".join(each.builds)) for each in way.hits)
    steps = tuple((str(number), each.kind, each.why) for number, each in enumerate(way.steps, 1))
    sections = [
        Section("builds", ("release", "build", "status", "channel"), rows),
        Section("environments", ("owner", "name", "release", "build", "state"), stands),
        Section("releases", ("release", "locked", "goes to", "builds"), releases),
        Section("the way out", ("", "step", "why"), steps),
    ]
    session.output.one("quarantine", {}, [fact for fact in facts if fact[1]], name=one.place.file, sections=sections)
    if session.output.form != "name":
        session.output.lines(_commands(way))


def _commands(way: WayOut) -> list[str]:
    return ["", *(f"{number}. {each.command}" for number, each in enumerate(way.steps, 1))]


@click.command(
    cls=Page,
    examples=(
        'solvent connector unquarantine postgresql --version 3.3.9 --reason "the advisory was withdrawn"',
        'solvent connector unquarantine snowflake --driver urllib3 --reason "it was the test" --dry-run',
    ),
)
@click.argument("name")
@click.option("--version", default="", metavar="SPEC", help="Only what was quarantined as this  [default: all of it].")
@_DIST
@because
@plans
def unquarantine(session: Session, name: str, **said: str) -> None:
    """Allow quarantined versions of a driver again: builds with them are what they were before.

    Channels stay where they are; `image promote` moves them. The decision is a further file of the catalog.
    """
    found = session.manager.emergency.plan_lift(_asked("unquarantine", name, **said))
    session.carry_out(found.plan)
    if session.output.structured:
        session.output.document(_answer(found))
    elif found.plan:
        session.output.line(found.decision.place.file)


def _asked(kind: Kind, subject: str, **said: Any) -> DriverDecision:
    from manager.core.catalog import Place
    from manager.core.driver_decisions import DriverDecision

    # Day, person and file are filled in where the decision is judged.
    return DriverDecision(kind, subject, date.min, by="", place=Place("", 0), **said)


def _answer(found: Alarm) -> dict[str, Any]:
    from manager.app.driver_views import decision_json

    return answer(found.plan) | {"decision": decision_json(found.decision)}


COMMANDS = (quarantine, unquarantine)
