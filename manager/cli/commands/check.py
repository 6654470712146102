"""``check``: drivers against servers, in the images that people use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from manager.app.times import ago
from manager.cli.options import plans, reads
from manager.cli.output import Column, Section
from manager.cli.pages import PageGroup
from manager.core.amounts import many
from manager.errors import Failed, FindingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from manager.app.checking.planning import CheckPlan
    from manager.app.checking.wanted import CheckRequest
    from manager.cli.session import Session
    from manager.core.checks import Checked, Run

_OPTIONS = (
    click.option("--connector", "connectors", multiple=True, metavar="NAME", help="Only this connector; repeatable."),
    click.option("--driver", "drivers", multiple=True, metavar="DISTRIBUTION", help="Only this driver; repeatable."),
    click.option(
        "--release",
        "releases",
        multiple=True,
        metavar="FAMILY[:RELEASE]",
        help="In this release  [default: every active one that has the connector]",
    ),
    click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="NAME",
        help="Against this source  [default: every required one that can run here]",
    ),
    click.option("--version", default="", metavar="VERSION", help="Try a version that is not locked: its set first."),
    click.option("--upgrade", is_flag=True, help="Try the set with every driver moved to what would be taken."),
    click.option("--changed", is_flag=True, help="Only what has no conclusive answer yet."),
)


def _request(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _reported(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that write a run's reports into files."""
    page = click.option(
        "--markdown", type=click.Path(), metavar="FILE", help="Write a summary for the page of a CI run."
    )
    return click.option("--junit", type=click.Path(), metavar="FILE", help="Write the results as JUnit XML.")(
        page(function)
    )


@click.group(cls=PageGroup, examples=("solvent check run --connector postgresql", "solvent check show"))
def check() -> None:
    """Checks: does this driver, in this release, against this server, still do what people rely on?

    A cell is a driver in the set of a release against a source. Its verdict is `verified`, `blocked` (a required probe
    failed three times in the same way) or `inconclusive` (it could not be told). Checking promotes nothing.
    """


@check.command(examples=("solvent check plan", "solvent check plan --connector postgresql --changed"))
@_request
@reads
def plan(session: Session, **asked: Any) -> None:
    """Show which cells would be checked, and why."""
    planned = _planned(session, asked)
    if session.output.structured:
        session.output.document({key: value for key, value in planned.plan.to_json().items() if key != "schema"})
    elif session.options.quiet or session.options.form == "name":
        session.output.lines(step.id for step in planned.plan.steps)
    else:
        session.output.line(planned.plan.text())


@check.command(
    examples=(
        "solvent check run --connector postgresql --release jupyterlab:4.6-py3.13",
        "solvent check run --changed --junit checks.xml --markdown checks.md",
    )
)
@_request
@click.option(
    "--probe",
    "probes",
    multiple=True,
    metavar="PROBE",
    help="Ask only this probe, or all that begin so (connect.), and keep nothing; repeatable.",
)
@_reported
@plans
def run(session: Session, junit: str | None, markdown: str | None, **asked: Any) -> None:
    """Check drivers against servers in sandboxes of the releases' own images, and keep what was found.

    What a run needs and is not there is started first and removed afterwards. Each cell is kept as it ends: a run that
    was cut off is continued with `--changed`. A cell that is blocked and once passed is bisected: the distribution that
    the failure came with is named. Exit code 3 where a cell is blocked or inconclusive.
    """
    planned = _planned(session, asked)
    if session.options.purpose != "apply":
        session.carry_out(planned.plan)
        return
    if not planned.plan:
        session.carry_out(planned.plan)
        _reports(junit, markdown, _unchanged(session, planned))
        if session.output.structured:
            session.output.document({"run": None, "unchanged": len(planned.settled)})
        _found(planned.settled)
        return
    for note in planned.plan.notes:
        session.terminal.note(note)
    done = cast("Run", session.follow(session.manager.run_checks(planned)))
    _reports(junit, markdown, replace(done, cells=(*done.cells, *planned.settled)))
    _show(session, done)
    _found((*done.cells, *planned.settled), done.id)


def _unchanged(session: Session, planned: CheckPlan) -> Run:
    """Give cells of which none had to be asked as a run that is not kept, for reports."""
    from manager.core.checks import Run

    now, owner = session.manager.clock.now(), session.manager.settings.owner
    return Run("", now, owner, planned.plan.subject, planned.settled, now)


@check.command("list", examples=("solvent check list", "solvent check list -o json"))
@click.option("--limit", type=click.IntRange(1), default=20, metavar="N", help="How many  [default: 20]")
@reads
def listing(session: Session, limit: int) -> None:
    """List the newest runs."""
    found = session.manager.check_runs(limit)
    columns = [
        Column[Any]("run", lambda one: one.id),
        Column[Any]("started", lambda one: ago(one.started)),
        Column[Any]("by", lambda one: one.by),
        Column[Any]("cells", lambda one: str(len(one.cells))),
        Column[Any]("verdict", lambda one: one.verdict if one.ended else "cut off"),
    ]
    session.output.rows("runs", found, columns, name=lambda one: one.id, to_json=_brief)
    if not found:
        session.terminal.note("nothing was checked yet:  solvent check run")


def _brief(one: Run) -> dict[str, Any]:
    return {
        "id": one.id,
        "started": one.started.isoformat(timespec="seconds"),
        "ended": one.ended.isoformat(timespec="seconds") if one.ended else None,
        "by": one.by,
        "subject": one.subject,
        "verdict": one.verdict,
        "cells": len(one.cells),
    }


@check.command(examples=("solvent check show", "solvent check show 20261122 -o json"))
@click.argument("run", default="", metavar="[RUN]")
@_reported
@reads
def show(session: Session, run: str, junit: str | None, markdown: str | None) -> None:
    """Show a run, the newest without its id: each cell, and every probe that did not pass."""
    done = session.manager.check_run(run)
    _reports(junit, markdown, done)
    _show(session, done)


def _planned(session: Session, asked: dict[str, Any]) -> CheckPlan:
    return cast("CheckPlan", session.follow(session.manager.plan_check(_asked(asked))))


def _asked(asked: dict[str, Any]) -> CheckRequest:
    from manager.app.checking.wanted import CheckRequest

    if asked["version"] and asked["upgrade"]:
        raise click.UsageError("--version and --upgrade cannot be combined")
    if asked["version"] and len(asked["connectors"]) + len(asked["drivers"]) != 1:
        raise click.UsageError("--version is of one connector's driver: name it with --connector or --driver")
    return CheckRequest(**asked)


def _reports(junit: str | None, markdown: str | None, done: Run) -> None:
    from manager.core import check_reports

    for place, render in ((junit, check_reports.junit), (markdown, check_reports.markdown)):
        if place:
            written(place, render(done))


def written(place: str, text: str) -> None:
    """Write a report into a file; raises Failed."""
    try:
        Path(place).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed(f"{place} cannot be written", why=error.strerror or str(error)) from error


def _show(session: Session, done: Run) -> None:
    from manager.core import check_reports
    from manager.core.checks import passed_anyhow

    facts = [
        ("run", done.id or "not kept: a part is no answer"),
        ("started", done.started.isoformat(timespec="seconds")),
        ("by", done.by),
        ("cells", str(len(done.cells))),
        ("verdict", _verdict(done)),
    ]
    cells = tuple(
        (one.cell.release, f"{one.cell.driver} {one.cell.version}", _against(one), one.verdict, _counts(one),
         f"{one.seconds:.1f} s", _why(one))
        for one in done.cells
    )  # fmt: skip
    probes = [
        (one.cell.release, one.cell.driver, one.cell.source, answer.probe, answer.outcome, answer.reason)
        for one in done.cells
        for answer in one.answers
        if answer.outcome not in ("pass", "unsupported")
    ]
    known = tuple((*words, why) for *words, outcome, why in probes if outcome == "known")
    others = tuple(one for one in probes if one[4] != "known")
    better = tuple((cell.driver, cell.source, one.probe, one.reason) for cell, one in passed_anyhow(done.cells))
    session.output.one(
        "run",
        check_reports.to_json(done)["run"],
        facts,
        name=done.id,
        sections=[
            Section("cells", ("release", "driver", "source", "verdict", "probes", "took", "why"), cells),
            Section("not passed", ("release", "driver", "source", "probe", "outcome", "reason"), others),
            Section("known to fail", ("release", "driver", "source", "probe", "reason"), known),
            Section("passed although known to fail", ("driver", "source", "probe", "reason"), better),
        ],
    )


def _verdict(done: Run) -> str:
    """Say what a run came to; what was cut off or asked a part has an answer for that alone."""
    if done.ended is None:
        return f"{done.verdict}: it was cut off"
    return done.verdict if done.id else f"{done.verdict}, of the probes that were asked alone"


def _found(cells: Sequence[Checked], run: str = "") -> None:
    """End the command with what was found; an answer that still holds counts no less than a new one."""
    bad = [one for one in cells if one.verdict != "verified"]
    if bad:
        blocked = sum(one.verdict == "blocked" for one in bad)
        counts = [f"{blocked} blocked"] * bool(blocked) + [f"{len(bad) - blocked} inconclusive"] * (blocked < len(bad))
        raise FindingsError(
            f"of {many(len(cells), 'cell')}: {', '.join(counts)}",
            why="\n".join(f"{one.cell.name}: {one.reason}" for one in bad[:5]),
            hint=f"every probe of it:  solvent check show {run or bad[0].run} -o json"
            if run or bad[0].run
            else "every probe of it:  the same with -o json",
        )


def _against(one: Checked) -> str:
    return one.cell.source + (" (emulated)" if one.cell.source_kind == "emulated" else "")


def _counts(one: Checked) -> str:
    return ", ".join(f"{count} {name}" for name, count in one.counts().items() if count)


def _why(one: Checked) -> str:
    if one.guilt is None:
        return "" if one.verdict == "verified" else one.reason
    if one.guilt.distribution:
        moved = f"{one.guilt.distribution} {one.guilt.before or 'absent'} -> {one.guilt.after or 'absent'}"
        return f"guilty: {moved} ({many(one.guilt.runs, 'run')}); {one.reason}"
    return f"{one.reason}; {one.guilt.undetermined}"
