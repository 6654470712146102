"""Builds a release as ``solvent image build`` does, up to the candidate: a proof needs a browser's base.

python candidate.py CATALOG RELEASE
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from manager.app.events import Said, StepDone, StepStarted
from manager.app.manager import Manager
from manager.app.settings import load
from manager.errors import ManagerError

LEFT_OUT = ("prove:", "promote:", "base:browser")


def main(catalog: Path, release: str) -> int:
    """Apply the plan's own steps and print its events; give the exit code that the command would give."""
    manager = Manager(load(), catalog=catalog)
    try:
        plan = manager.plan_build((release,))
        steps = tuple(step for step in plan.steps if not step.id.startswith(LEFT_OUT))
        for event in manager.apply(replace(plan, steps=steps)):
            if isinstance(event, StepStarted):
                print(f"{event.step.kind} {event.step.target}: {event.step.cause}", flush=True)
            elif isinstance(event, Said):
                print(f"    {event.line}", flush=True)
            elif isinstance(event, StepDone):
                print(f"    done in {event.seconds:.1f} s", flush=True)
    except ManagerError as error:
        print(f"error: {error.message}\n  why:  {error.why}\n  hint: {error.hint}", file=sys.stderr)
        return error.code
    finally:
        manager.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2]))
