"""The evidence of a build: what its probes answered, and whether that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Outcome = Literal["pass", "fail", "error", "skip", "unsupported", "not_run", "known"]
PASSED = "every required check passed"
# What could not be asked, because it needs something outside of the image, stops nothing.
PASSING = ("pass", "not_run")


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of one probe; ``seconds`` is wall time."""

    probe: str
    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0


def passed(results: Iterable[Result]) -> bool:
    """Say whether the evidence of a build, its latest run, is that of a proven one."""
    outcomes = {one.outcome for one in results}
    return "pass" in outcomes and outcomes <= set(PASSING)
