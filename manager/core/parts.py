"""Part of a plan: single steps are left out, and with them what would make no sense alone. Pure values.

A plan has aims: the steps that no other one needs, and those that say so. Each is carried out whole or not at all: an
upgrade that ends before the new container has taken its place would leave a person with two.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from manager.core.plan import Plan, Step

ASKED = "as asked"


def left_out(plan: Plan, without: Collection[str]) -> dict[str, str]:
    """Give what is left out of a plan when steps are, by id, each with the reason.

    What needs such a step goes with it, and so does what nothing that stays needs any more. Raises UsageError for an
    id that the plan does not have.
    """
    steps = {step.id: step for step in plan.steps}
    if unknown := [one for one in without if one not in steps]:
        raise UsageError(
            f"there is no step {unknown[0]} to leave out",
            why=f"the plan to {plan.subject} has {', '.join(steps) or 'no step at all'}",
            hint="the same command with  --dry-run -q  names the steps",
        )
    users: dict[str, list[str]] = {}
    for step in plan.steps:
        for need in step.needs:
            users.setdefault(need, []).append(step.id)
    out = {one: ASKED for one in steps if one in without}
    before = -1
    while before != len(out):
        before = len(out)
        for step in plan.steps:
            if step.id not in out and (why := _why(step, steps, users.get(step.id, []), out)):
                out[step.id] = why
    return out


def _why(step: Step, steps: Mapping[str, Step], users: list[str], out: Mapping[str, str]) -> str:
    """Say why a step goes with those that are out, "" where it stays."""
    gone = next((steps[need] for need in step.needs if need in out), None)
    if gone is not None:
        return f"it needs: {gone.kind} {gone.target}"
    idle = not step.aim and bool(users) and all(one in out for one in users)
    return "nothing that stays needs it" if idle else ""


def parted(plan: Plan, without: Collection[str]) -> Plan:
    """Give a plan without some of its steps; what it read is the same, and its notes say what is left out."""
    if not without:
        return plan
    out = left_out(plan, without)
    notes = (f"left out: {step.kind} {step.target} ({out[step.id]})" for step in plan.steps if step.id in out)
    stay = tuple(step for step in plan.steps if step.id not in out)
    return replace(plan, steps=stay, notes=(*plan.notes, *notes))


def has_parts(plan: Plan) -> bool:
    """Say whether something of a plan stays when some step is left out."""
    return any(len(left_out(plan, (step.id,))) < len(plan.steps) for step in plan.steps)
