"""A plan: what will change, why, in which order. Pure values; :mod:`manager.app.apply` carries them out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from manager.core.actions import Action


@dataclass(frozen=True, slots=True)
class Step:
    """One change with its cause.

    ``kind`` is a verb and a noun (``create environment``), ``target`` the thing, ``needs`` the ids of steps
    that must have ended well before; ``do`` is the action that an executor carries out. One that other steps need and
    that is wanted for itself all the same is an ``aim``; see :mod:`manager.core.parts`.
    """

    id: str
    kind: str
    target: str
    cause: str
    do: Action
    before: str = ""
    after: str = ""
    destructive: bool = False
    needs: tuple[str, ...] = ()
    aim: bool = False

    def lines(self, number: int) -> tuple[str, str]:
        """Render as two lines: what it does, marked with ``!`` where that is destructive, and why."""
        mark = "!" if self.destructive else " "
        change = f"  {self.before or '-'} -> {self.after}" if self.after else ""
        return f"{mark}{number:2}. {self.kind} {self.target}{change}", f"      because {self.cause}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order that respects their needs, and what a reader must know besides.

    ``fingerprint`` covers exactly what the plan read; ``notes`` are sentences for the person (a warning that a
    release is deprecated, a source that could not be read).
    """

    subject: str
    as_of: date
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    fingerprint: str = ""
    # What the plan was made for: the name under which results are looked up afterwards.
    result: str = field(default="", compare=False)
    # What was asked for and is left out, each with the reason; the notes say it too.
    left: tuple[tuple[str, str], ...] = ()

    @property
    def destructive(self) -> tuple[Step, ...]:
        """Give the steps that need a yes of their own."""
        return tuple(step for step in self.steps if step.destructive)

    def __bool__(self) -> bool:
        """Say whether anything would change."""
        return bool(self.steps)

    @property
    def head(self) -> str:
        """Give the first line of it."""
        return f"plan: {self.subject} (as of {self.as_of})"

    def to_json(self) -> dict[str, Any]:
        """Give schema 1 of ``lifecycle plan`` and of every ``--dry-run``."""
        return {
            "schema": 1,
            "as_of": self.as_of.isoformat(),
            "fingerprint": self.fingerprint,
            "steps": [
                {
                    "id": step.id,
                    "kind": step.kind,
                    "target": step.target,
                    "cause": step.cause,
                    "before": step.before,
                    "after": step.after,
                    "destructive": step.destructive,
                    "needs": list(step.needs),
                }
                for step in self.steps
            ],
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """Render for people and for golden tests: a line a step, destructive ones marked with ``!``."""
        lines = [self.head]
        for number, step in enumerate(self.steps, 1):
            lines += step.lines(number)
        if not self.steps:
            lines.append("  nothing to do")
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


def fingerprint(*read: object) -> str:
    """Digest what a plan read; values are told apart by their ``repr``, so frozen dataclasses fit."""
    return hashlib.sha256("\x00".join(map(repr, read)).encode()).hexdigest()[:16]


def changed(shown: Plan, now: Plan) -> str:
    """Say how a plan differs from the one that was shown, in words for the person who was asked."""
    was = [f"{step.kind} {step.target}" for step in shown.steps]
    will = [f"{step.kind} {step.target}" for step in now.steps]
    gone = [line for line in was if line not in will]
    new = [line for line in will if line not in was]
    parts = [f"no longer: {', '.join(gone)}"] if gone else []
    parts += [f"now: {', '.join(new) or 'nothing to do'}"] if new or not will else []
    return "; ".join(parts) or "the steps are the same, what they stand on is not"


def digest_of(value: object) -> str:
    """Digest a JSON-able value, independent of the order of keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Sort steps so that each comes after what it needs; otherwise they keep their order.

    Raises ValueError when steps need each other in a circle or need one that is not there.
    """
    waiting = list(steps)
    done: set[str] = set()
    ordered: list[Step] = []
    while waiting:
        step = next((one for one in waiting if done.issuperset(one.needs)), None)
        if step is None:
            raise ValueError("steps wait for each other: " + ", ".join(one.id for one in waiting))
        waiting.remove(step)
        done.add(step.id)
        ordered.append(step)
    return tuple(ordered)
