"""``lifecycle``: when releases come and go, why, and what a day changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from manager.app.times import away
from manager.cli.commands import decisions
from manager.cli.commands.lifecycle_feed import feed
from manager.cli.commands.lifecycle_impact import impact
from manager.cli.options import parts, reads
from manager.cli.output import Column, Section
from manager.cli.pages import PageGroup
from manager.errors import FindingsError

if TYPE_CHECKING:
    from manager.app.lifecycle_views import Reasons, ScheduleView
    from manager.cli.session import Session


@click.group(cls=PageGroup, examples=("solvent lifecycle list", "solvent lifecycle plan --as-of 2027-03-01"))
def lifecycle() -> None:
    """The dates of releases: what comes when, and why.

    A release is a preview, active, deprecated or retired by its dates alone; nothing has to run at midnight. What is
    announced is remembered, and an announced date never moves earlier without a decision that says why.
    """


@lifecycle.command("list", examples=("solvent lifecycle list", "solvent lifecycle list --as-of 2027-03-01 -o json"))
@reads
def listing(session: Session) -> None:
    """List every release with its stage, its dates, what binds its end, and what comes next."""
    found = session.manager.calendar.schedules()
    columns = [
        Column[Any]("release", lambda one: one.release.name),
        Column[Any]("stage", _stage),
        Column[Any]("end of life", lambda one: one.release.schedule.end_of_life.isoformat()),
        Column[Any]("bound by", lambda one: one.release.schedule.bound_by),
        Column[Any]("next", _next),
        Column[Any]("successor", lambda one: f"{one.successor} ({one.level})" if one.successor else ""),
    ]
    wide = [
        Column[Any](name.replace("_", " "), _date(name))
        for name in ("released", "deprecated", "create_block", "restart_block", "remove_after")
    ]
    wide += [
        Column[Any]("unsupported from", lambda one: str(one.release.schedule.unsupported_from or "")),
        Column[Any]("announced", lambda one: str(one.announced.day) if one.announced else ""),
    ]
    session.output.rows(
        "releases", found, columns, wide=wide, name=lambda one: one.release.name, to_json=lambda one: one.to_json()
    )


@lifecycle.command(examples=("solvent lifecycle plan", "solvent lifecycle plan --as-of 2027-03-01 -o json"))
@click.option("--check", "gate", is_flag=True, help="Exit 3 if something is to be done.")
@reads
def plan(session: Session, gate: bool) -> None:
    """Show what the day changes: schedules and stages to announce, notices, and what a policy wants stopped.

    Dates that a catalog has changed, but may not change, are named in notes. Empty once it was applied.
    """
    session.options = replace(session.options, purpose="check" if gate else "show")
    session.carry_out(session.manager.calendar.plan())


@lifecycle.command(examples=("solvent lifecycle apply", "solvent lifecycle apply --check"))
@click.option("--turn-back", is_flag=True, help="Take back what was announced while the clock was ahead.")
@parts
def apply(session: Session, turn_back: bool) -> None:
    """Carry out what the day changes; run it once a day.

    Nothing that runs is stopped and no workspace is touched, unless a policy says so in the catalog and the step is
    approved.
    """
    found = session.part(session.manager.calendar.plan(turn_back=turn_back))
    session.carry_out(found)
    undelivered = session.manager.calendar.undelivered()
    session.output.rows(
        "steps",
        found.steps,
        [
            Column[Any]("step", lambda one: one.kind),
            Column[Any]("target", lambda one: one.target),
            Column[Any]("before", lambda one: one.before),
            Column[Any]("after", lambda one: one.after),
        ],
        name=lambda one: one.target,
        to_json=lambda one: {"kind": one.kind, "target": one.target, "before": one.before, "after": one.after},
    )
    if undelivered:
        raise FindingsError(
            "not every notice got through",
            why="; ".join(undelivered),
            hint="the next  solvent lifecycle apply  tries again",
        )


@lifecycle.command(examples=("solvent lifecycle why jupyterlab:4.4-py3.11", "solvent lifecycle why jupyterlab -o json"))
@click.argument("release", metavar="FAMILY[:RELEASE]")
@reads
def why(session: Session, release: str) -> None:
    """Say why a release has its dates: every end that was weighed, with its source, and what was decided.

    Also what was announced when. An end that nobody has published is undecided, which is not never.
    """
    found = session.manager.calendar.why(release)
    one = found.view
    dates = one.release.schedule
    facts = [
        ("release", one.release.name),
        ("stage", _stage(one)),
        *((name.replace("_", " "), f"{day}  {away(day, one.day)}") for name, day in dates.dates()),
        ("bound by", dates.bound_by),
        ("unsupported from", str(dates.unsupported_from or "")),
        ("successor", f"{one.successor} ({one.level})" if one.successor else ""),
        ("message", one.release.message),
    ]
    for note in found.notes:
        session.terminal.note(note)
    session.output.one(
        "release",
        found.to_json(),
        [fact for fact in facts if fact[1]],
        name=one.release.name,
        sections=_sections(found),
    )


def _sections(found: Reasons) -> list[Section]:
    binding = found.view.release.schedule.bound_by
    bounds = tuple(
        (each.component, str(each.ends or "undecided"), "yes" if each.component == binding else "", each.source,
         str(each.as_of or ""))
        for each in found.bounds
    )  # fmt: skip
    decided = tuple(
        (each.kind, str(each.day), str(each.until or each.to), each.reason, each.by, each.place.file)
        for each in found.decisions
    )
    history = tuple(
        (str(each.revision), str(each.day), str(each.schedule.end_of_life), each.schedule.bound_by, each.stage.value)
        for each in found.history
    )
    return [
        Section("ends that were weighed", ("component", "ends", "binds", "source", "as of"), bounds),
        Section("decisions", ("kind", "day", "until / to", "reason", "by", "file"), decided),
        Section("announced", ("revision", "on", "end of life", "bound by", "stage"), history),
    ]


def _stage(view: ScheduleView) -> str:
    """Give the stage, with what it waits for: a freeze, a quarantine."""
    words = {"freeze": "frozen", "quarantine": "quarantined"}
    waits = [words[one.kind] + (f" until {one.until}" if one.until else "") for one in view.waits if one.kind in words]
    return ", ".join([view.release.stage(view.day).value, *waits])


def _next(view: ScheduleView) -> str:
    from manager.core.lifecycle import next_change

    change = next_change(view.release.schedule, view.day)
    return f"{change[0].value} {away(change[1], view.day)}" if change else ""


def _date(name: str) -> Any:
    return lambda one: getattr(one.release.schedule, name).isoformat()


for _command in (*decisions.COMMANDS, feed, impact):
    lifecycle.add_command(_command)
