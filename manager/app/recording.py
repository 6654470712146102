"""Writes each ended step into the history, with what is remembered or forgotten of an environment by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.clones import Cloned
from manager.core.history import Entry
from manager.core.observed import Copy
from manager.core.remembering import memory_of, remembers
from manager.core.snapshots import Arrived
from manager.core.takeover import Took

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.plan import Step
    from manager.errors import ManagerError


def record(world: World, step: Step, result: object, error: ManagerError | None) -> None:
    """Write one ended step; a launch's seconds stand in ``after``."""
    after = step.after
    if step.kind == "start environment" and isinstance(result, float):
        after = f"ready in {result:.3f} s"
    elif isinstance(result, Arrived):
        after = f"ready in {result.seconds:.3f} s"
    elif isinstance(result, Copy):
        after = str(result)
    elif isinstance(result, Cloned | Took):
        after = result.after
    now = world.clock.now()
    world.store.append(
        Entry(
            at=now,
            who=world.settings.owner,
            kind=step.kind,
            target=step.target,
            cause=step.cause if error is None else f"{step.cause}; failed: {error.message}",
            before=step.before,
            after=after,
            outcome="done" if error is None else "failed",
        ),
        memory_of(step.do, result, world.engine_id, now) if error is None and remembers(step.do) else None,
    )
