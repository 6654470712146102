"""What happens while a plan is applied: small values that a progress line, a drawer or a log can show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager.core.plan import Plan, Step
    from manager.errors import ManagerError


@dataclass(frozen=True, slots=True)
class PlanStarted:
    """The first event."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step is under way."""

    step: Step


@dataclass(frozen=True, slots=True)
class Said:
    """A line that a running step has to say; the latest one tells how far it is."""

    step: Step
    line: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step ended well; ``seconds`` is wall time, ``result`` what it gave."""

    step: Step
    seconds: float
    result: object


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step ended in an error; what needs it is skipped."""

    step: Step
    seconds: float
    error: ManagerError


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """A step was not tried, because of another one."""

    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing new for a second: these steps still run, since so many seconds."""

    running: tuple[tuple[Step, float], ...]


@dataclass(frozen=True, slots=True)
class PlanDone:
    """The last event of a plan that went well: what each step gave, by step id.

    Of a plan that was carried on past failures, ``failed`` are the steps that failed or were skipped for that, each
    with the error that did it.
    """

    seconds: float
    results: Mapping[str, object] = field(default_factory=dict)
    failed: tuple[tuple[Step, ManagerError], ...] = ()


Event = PlanStarted | StepStarted | Said | StepDone | StepFailed | StepSkipped | Tick | PlanDone
