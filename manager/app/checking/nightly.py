"""The nightly: asks upstream, checks what changed, says what may be promoted and what is to be held, and why.

By itself it changes nothing but what is known: every change is proposed with its command, unless the settings let it
promote what was verified (``nightly_promotes``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from manager.app import debts
from manager.app.checking import notifying, promoting, sets
from manager.app.checking.planning import planned
from manager.app.checking.wanted import CheckRequest, named
from manager.core.build_actions import PutLock
from manager.core.checks import Run, passed_anyhow
from manager.core.lifecycle import Stage
from manager.core.nightly import HOLD_DAYS, NightlyFinding, of_candidate, of_shipped
from manager.core.plan import Plan
from manager.errors import Interrupted, ManagerError, Refused, Unreachable, Unsolved

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import datetime

    from manager.app.checking.planning import CheckPlan
    from manager.app.manager import Manager
    from manager.core.catalog import Release
    from manager.core.checks import Checked
    from manager.core.debt import Totals


@dataclass(frozen=True, slots=True)
class Nightly:
    """What a nightly came to.

    ``runs`` are the check runs that it made; ``unchanged`` counts cells whose answer still held; ``promoted`` are the
    releases whose lock it was allowed to move; ``proposed`` is what upstream has besides drivers, in sentences;
    ``notes`` what may go wrong or did; ``written`` counts notices; ``owed`` is the debt that is left.
    """

    started: datetime
    seconds: float
    runs: tuple[Run, ...]
    findings: tuple[NightlyFinding, ...]
    unchanged: int = 0
    promoted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    written: int = 0
    owed: Totals | None = None

    def to_json(self) -> dict[str, Any]:
        """Give ``nightly`` of the command."""
        return {
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 1),
            "runs": [one.id for one in self.runs],
            "cells": sum(len(one.cells) for one in self.runs),
            "unchanged": self.unchanged,
            "findings": [one.to_json() for one in self.findings],
            "promoted": list(self.promoted),
            "proposed": list(self.proposed),
            "notes": list(self.notes),
            "notices": self.written,
            "debt": self.owed.to_json() if self.owed else None,
        }


@dataclass(frozen=True, slots=True)
class NightlyRequest:
    """What a nightly looks at: all connectors, all active releases and every required source where none is named.

    Without ``refresh`` no index is asked for news; sets with newer drivers are resolved all the same, unless ``newer``
    is taken away as well.
    """

    connectors: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    refresh: bool = True
    newer: bool = True


def nightly(manager: Manager, asked: NightlyRequest | None = None) -> Iterator[object]:
    """Carry out a nightly: events and lines, then the :class:`Nightly`.

    Raises Refused while another one is under way, Unreachable where engine or database does not answer. An index that
    does not answer is a note: what is locked is checked all the same.
    """
    asked = asked or NightlyRequest()
    named(manager, CheckRequest(asked.connectors, (), asked.releases, asked.sources))
    if not manager.claims.take("nightly"):
        raise Refused("another nightly is under way", hint="see what it does:  solvent check list")
    try:
        yield from _nightly(manager, asked)
    finally:
        manager.claims.release("nightly")


def _nightly(manager: Manager, asked: NightlyRequest) -> Iterator[object]:
    began = manager.clock.now()
    notes: list[str] = []
    proposed: tuple[str, ...] = ()
    if asked.refresh:
        proposed = yield from _refreshed(manager, notes)
    unchanged = 0
    runs: list[Run] = []
    found: list[NightlyFinding] = []
    yield "checking the sets that people have"
    everything = CheckRequest(asked.connectors, (), asked.releases, asked.sources, changed=True)
    plan = yield from _plan(manager, everything, notes)
    if plan is not None:
        runs += yield from _run(manager, plan)
        unchanged += len(plan.settled)
        cells = (*plan.settled, *(one for run in runs for one in run.cells))
        found += of_shipped(cells, manager.store.checks.verdicts())
    promoted: list[NightlyFinding] = []
    for release in _releases(manager, asked) if asked.newer else ():
        yield f"looking for newer drivers of {release.name}"
        newer = replace(everything, releases=(release.name,), upgrade=True)
        try:
            plan = yield from _plan(manager, newer, notes)
        except Unsolved as error:
            pay = f"solvent connector lock {release.name} --dry-run"
            found.append(
                NightlyFinding("unsolved", release.name, error.sentence, pay, release.name, release.connectors)
            )
            continue
        if plan is None or not (candidate := _candidate(release, plan)):
            continue
        more = yield from _run(manager, plan)
        runs += more
        unchanged += len(plan.settled)
        cells = (*plan.settled, *(one for run in more for one in run.cells))
        found += yield from _judged(manager, release, candidate, cells, promoted)
    found += yield from _ways_back(manager, asked)
    if not runs and not unchanged:
        why = "; ".join(notes) or "no release in use has a connector with a source"
        # Where something has no build that is what helps; else there is nothing to ask, and it says why.
        pay = "solvent image build --all" if "solvent image build" in why else "solvent check plan"
        found.append(NightlyFinding("unsure", "all of it", f"nothing was looked at: {why}", pay))
    for cell, one in passed_anyhow(cell for run in runs for cell in run.cells):
        notes.append(f"{cell.name}: {one.probe}: {one.reason}")
    written, waiting = notifying.told(manager, (*found, *promoted))
    notes += waiting
    owed = debts.keep(manager)
    seconds = (manager.clock.now() - began).total_seconds()
    yield Nightly(
        began,
        seconds,
        tuple(runs),
        tuple(found),
        unchanged,
        tuple(one.subject for one in promoted),
        tuple(dict.fromkeys(notes)),
        proposed,
        written,
        owed,
    )


def _refreshed(manager: Manager, notes: list[str]) -> Generator[object, None, tuple[str, ...]]:
    last: Any = None
    try:
        for last in manager.refresh(()):
            if isinstance(last, str):
                yield last
    except Unreachable as error:
        notes.append(f"{error.sentence}; what was known before counts")
        return ()
    notes += last.notes
    return tuple(f"{one.kind} {one.subject}: {one.why}" for one in last.candidates if one.kind != "driver")


def _plan(manager: Manager, request: CheckRequest, notes: list[str]) -> Generator[object, None, CheckPlan | None]:
    """Plan a run; where nothing can be checked that is a note."""
    last: Any = None
    try:
        for last in planned(manager, request):
            if isinstance(last, str):
                yield last
    except Refused as error:
        notes.append("; ".join(error.sentence.split("\n")))
        return None
    notes += [f"{name}: {why}" for name, why in last.plan.left]
    return last  # type: ignore[no-any-return]


def _run(manager: Manager, plan: CheckPlan) -> Generator[object, None, list[Run]]:
    """Carry out what is left of a run; a set without a change needs none."""
    if not any(step.kind == "check cell" for step in plan.plan.steps):
        return []
    last: object = None
    for last in manager.run_checks(plan):
        if not isinstance(last, Run):
            yield last
    return [last] if isinstance(last, Run) else []


def _releases(manager: Manager, asked: NightlyRequest) -> list[Release]:
    """Give the releases that are asked for, else the active ones that have a set with connectors."""
    today = manager.today
    mine = [manager.catalog.release(name, today) for name in asked.releases]
    return [
        one
        for one in mine or manager.catalog.releases
        if one.adopted is None and one.connectors and one.lock("kernel") and (mine or one.stage(today) is Stage.ACTIVE)
    ]


def _candidate(release: Release, plan: CheckPlan) -> sets.CandidateSet | None:
    """Give the set that a plan is about, unless it is the one that the release has."""
    own = sets.shipped(release)
    return next((one for one in plan.sets if one.release == release.name and one.set_hash != own.set_hash), None)


def _judged(
    manager: Manager,
    release: Release,
    candidate: sets.CandidateSet,
    cells: tuple[Checked, ...],
    promoted: list[NightlyFinding],
) -> Generator[object, None, tuple[NightlyFinding, ...]]:
    says = promoting.judged(manager, release, candidate)
    moving = promoting.moving(manager, release, candidate)
    left = promoting.left(manager, release, candidate)
    if left:
        says = replace(says, evidence=f"{says.evidence}; {left}")
    # What nobody could check is for a person to take along, and so is what a person took away.
    if says and moving and not says.unchecked and not left and manager.settings.nightly_promotes:
        try:
            branch = yield from _promoted(manager, moving[0], candidate)
        except Interrupted:
            raise
        except ManagerError as error:
            yield f"{release.name} is not promoted: {error.sentence}"
        else:
            why = f"{says.evidence}, with newer drivers of {', '.join(moving)}"
            pay = f"solvent image build {release.name}"
            if branch:
                # The release does not have it until somebody takes the branch.
                why += f"; on branch {branch}"
                pay = promoting.merging(manager, branch)
                return (NightlyFinding("promote", release.name, why, pay, release.name, moving, candidate.set_hash),)
            news = NightlyFinding("promoted", release.name, why, pay, release.name, moving, candidate.set_hash)
            promoted.append(news)
            return ()
    until = (manager.today + timedelta(days=HOLD_DAYS)).isoformat()
    held = {one.id: [each.name for each in one.drivers] for one in manager.catalog.connectors}
    return tuple(of_candidate(release.name, cells, says, moving, until, held, candidate.set_hash))


def _promoted(manager: Manager, connector: str, judged: sets.CandidateSet) -> Generator[object, None, str]:
    """Write the lock of the set that was judged; give the branch that has it now, "" for the working tree."""
    plan: object = None
    for plan in promoting.planned(manager, connector, judged.release, judged.set_hash):
        if isinstance(plan, str):
            yield plan
    assert isinstance(plan, Plan)
    yield from manager.apply(plan)
    manager.reread()
    (done,) = (step.do for step in plan.steps if isinstance(step.do, PutLock))
    return done.branch


def _ways_back(manager: Manager, asked: NightlyRequest) -> Generator[object, None, list[NightlyFinding]]:
    """Try the way back of each release: the set that it would go back to has to be one that still installs."""
    found = []
    for release in _releases(manager, asked):
        back = promoting.before(manager, release)
        if back is None:
            continue
        yield f"trying the way back of {release.name}"
        try:
            sets.installed(manager, release, back[0].text)
        except (Interrupted, Unreachable):
            raise
        except ManagerError as error:
            pay = f"solvent image show {release.name}"
            why = f"the set of before does not install any more: {error.sentence}"
            found.append(NightlyFinding("rollback", release.name, why, pay, release.name, release.connectors))
    return found
