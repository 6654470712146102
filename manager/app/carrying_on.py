"""Carries a plan of many things on past failures: what does not need a failed step is done, and the rest is named."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from manager.app.events import PlanDone, StepDone, StepFailed, StepSkipped
from manager.errors import Failed, Interrupted, ManagerError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.events import Event
    from manager.core.plan import Step


def carried_on(stream: Iterator[Event]) -> Iterator[Event]:
    """Give the events of a plan; where steps failed, it ends as a plan that went well and names them.

    Raises Interrupted when the person stopped it, and what was wrong before any step failed.
    """
    began = time.monotonic()
    results: dict[str, object] = {}
    failed: dict[str, tuple[Step, ManagerError]] = {}
    with closing(stream):  # type: ignore[type-var]
        try:
            for event in stream:
                if isinstance(event, StepDone):
                    results[event.step.id] = event.result
                elif isinstance(event, StepFailed):
                    failed[event.step.id] = (event.step, event.error)
                elif isinstance(event, StepSkipped):
                    needed = next(failed[need] for need in event.step.needs if need in failed)
                    failed[event.step.id] = (event.step, needed[1])
                yield event
        except Interrupted:
            raise
        except ManagerError:
            if not failed or any(isinstance(error, Interrupted) for _, error in failed.values()):
                raise
            yield PlanDone(time.monotonic() - began, results, tuple(failed.values()))


def unbuilt(done: PlanDone | None) -> ManagerError | None:
    """Give the error that names the releases that were not built, and why each; None when all were."""
    errors: dict[str, ManagerError] = {}
    for step, error in done.failed if done else ():
        if release := getattr(step.do, "release", ""):
            errors.setdefault(release, error)
    if not errors:
        return None
    first = next(iter(errors.values()))
    # An engine that is gone fails everything, and is to be told from a build that is wrong.
    kind = Unreachable if all(isinstance(error, Unreachable) for error in errors.values()) else Failed
    many = f"{len(errors)} releases were not built" if len(errors) > 1 else "one release was not built"
    return kind(
        f"{many}: {', '.join(errors)}",
        why="\n".join(f"{release}: {error.sentence}" for release, error in errors.items()),
        hint=f"the others are built; one at a time says more:  solvent image build {next(iter(errors))}"
        + (f"\n{first.hint}" if first.hint else ""),
    )
