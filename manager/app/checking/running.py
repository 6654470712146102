"""Carries out a check run: the plan's events, what each cell came to, who is guilty; what was started is removed."""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import sources
from manager.app.carrying_on import carried_on
from manager.app.checking import lending, probes
from manager.app.checking.cell import SANDBOX
from manager.app.events import PlanDone, StepDone
from manager.core.check_actions import CheckCell
from manager.core.checks import Answer, Checked, Run
from manager.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from manager.app.checking.planning import CheckPlan
    from manager.app.events import Event
    from manager.app.manager import Manager
    from manager.core.checks import Cell
    from manager.errors import ManagerError


def run(manager: Manager, planned: CheckPlan) -> Iterator[Event | str | Run]:
    """Carry out a planned run; gives events and lines, then the run.

    Each cell is kept as it ends, so that a run which is killed loses only what was under way; ``--changed`` goes on
    from it. Sources that were started for checks are stopped with the last run that uses them, however it ends. One
    without a name is given and not kept, and nobody is sought who is guilty. Raises Unreachable and Interrupted.
    """
    store = manager.store.checks
    began = Run(planned.run, manager.clock.now(), manager.settings.owner, planned.plan.subject)
    if planned.run:
        store.begin(began.id, began.started, began.by, began.subject)
    with lending.shared(manager, planned.run or secrets.token_hex(4), planned.starts, planned.uses) as gone:
        if gone:
            # What cannot be started again leaves its cells without an answer, and says why.
            yield from carried_on(manager.apply(sources.plan_start(manager, gone)))
        found = yield from _asked(manager, planned)
        for one in found:
            if one.verdict == "blocked" and planned.run:
                from manager.app.checking import guilt

                yield from guilt.sought(manager, planned.run, one)
    if not planned.run:
        yield replace(began, ended=manager.clock.now(), cells=tuple(found))
        return
    store.end(planned.run, manager.clock.now())
    done = store.run(planned.run)
    if done is None:
        raise Unreachable(f"the check run {planned.run} is not in the database any more")
    yield done


def tried(manager: Manager, planned: CheckPlan) -> Iterator[Event | tuple[Checked, ...]]:
    """Carry out a plan that is not kept, of a part of the probes; gives events, then what the cells came to."""
    yield tuple((yield from _asked(manager, planned)))


def _asked(manager: Manager, planned: CheckPlan) -> Generator[Event, None, list[Checked]]:
    """Ask the cells; one whose sources or set could not be made could not tell, which is kept as well."""
    found: list[Checked] = []
    stream = carried_on(manager.apply(planned.plan, workers=max(1, os.cpu_count() or 1)))
    with closing(stream):  # type: ignore[type-var]
        for event in stream:
            if isinstance(event, StepDone) and isinstance(event.result, Checked):
                found.append(event.result)
            if isinstance(event, PlanDone):
                found += _untold(manager, planned.run, event)
            yield event
    return found


def _untold(manager: Manager, run_id: str, done: PlanDone) -> list[Checked]:
    lost = []
    for step, error in done.failed:
        if isinstance(step.do, CheckCell):
            if isinstance(error, Unreachable):
                raise error
            lost.append(_could_not(manager, step.do.cell, error))
            if run_id:
                manager.store.checks.keep(run_id, lost[-1])
    return lost


def _could_not(manager: Manager, cell: Cell, error: ManagerError) -> Checked:
    key = cell.key(probes.digest(manager, cell))
    answer = Answer(SANDBOX, "error", error.sentence[:1000])
    return Checked(cell, key, "inconclusive", f"{SANDBOX}: {answer.reason}", (answer,), manager.clock.now())
