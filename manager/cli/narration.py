"""Events in words: a line for people, or a record for programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.app.events import PlanDone, PlanStarted, Said, StepDone, StepFailed, StepSkipped, StepStarted
from manager.core.amounts import show_period

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.plan import Step

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-_])")


def title(step: Step) -> str:
    """Name a step: its kind and its target."""
    return f"{step.kind} {step.target}"


def told(line: str) -> str:
    """Give what a step said on one line, without the escape sequences of the program that wrote it."""
    return " ".join(_ESCAPES.sub("", line).split())


def as_line(event: object, paint: Callable[[str, str], str]) -> str | None:
    """Give the line for a heading or for the end of a step; None for what only the live part shows."""
    match event:
        case str():
            return event
        case StepDone(step, seconds):
            return f"  {paint('done', 'green')}    {title(step)}  {show_period(seconds)}"
        case StepFailed(step, seconds, error):
            return f"  {paint('failed', 'red')}  {title(step)}  {show_period(seconds)}: {error.message}"
        case StepSkipped(step, reason):
            return f"  skipped {title(step)}: {reason}"
    return None


def as_record(event: object) -> dict[str, Any] | None:
    """Give the record of an event; None for what is the result of the command, and for heartbeats."""
    match event:
        case str():
            return {"event": "said", "line": event}
        case PlanStarted(plan):
            return {"event": "plan_started", "subject": plan.subject, "steps": len(plan.steps)}
        case PlanDone(seconds):
            return {"event": "plan_done", "seconds": round(seconds, 3)}
    return _step_record(event)


def _step_record(event: object) -> dict[str, Any] | None:
    more: dict[str, Any] = {}
    match event:
        case StepStarted(step):
            word = "step_started"
        case Said(step, line):
            word, more = "said", {"line": line}
        case StepDone(step, seconds):
            word, more = "step_done", {"seconds": round(seconds, 3)}
        case StepFailed(step, seconds, error):
            word, more = "step_failed", {"seconds": round(seconds, 3), "error": error.message}
        case StepSkipped(step, reason):
            word, more = "step_skipped", {"reason": reason}
        case _:
            return None
    return {"event": word, "id": step.id, "kind": step.kind, "target": step.target, **more}
