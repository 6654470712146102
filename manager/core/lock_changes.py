"""What a new lock has otherwise than the one before: what moved, on which machines, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from packaging.utils import canonicalize_name

from manager.core.amounts import few
from manager.core.locks import MACHINES, parse, pins_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from manager.core.locks import Machine, Pin

Cause = Literal["named", "asked", "dependency", "set", "gone", "files"]
# How uv says below a pin what needs it; what the request itself names is "solvent-lock (pyproject.toml)".
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==")
_VIA = re.compile(r"\s+# via (?P<names>.+)")
REQUEST = "solvent-lock"
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Move:
    """A distribution that a new lock has otherwise: ``before`` and ``after`` are versions, "" where it is not there.

    ``machines`` are those where it is so. ``cause`` and ``why`` say the same, for a program and for people.
    """

    distribution: str
    before: str
    after: str
    cause: Cause
    why: str
    machines: tuple[Machine, ...] = MACHINES

    @property
    def change(self) -> Literal["added", "removed", "moved", "files"]:
        """Say what became of it; with ``files`` only which files may be installed is otherwise."""
        if self.before == self.after:
            return "files"
        return "added" if not self.before else "removed" if not self.after else "moved"

    @property
    def where(self) -> str:
        """Name the machines, where it is not so on all of them."""
        return "" if self.machines == MACHINES else ", ".join(self.machines)

    def to_json(self) -> dict[str, Any]:
        """Give one of ``changes`` of a lock."""
        return {
            "distribution": self.distribution,
            "change": self.change,
            "from": self.before or None,
            "to": self.after or None,
            "cause": self.cause,
            "why": self.why,
            "machines": list(self.machines),
        }


def moves(
    before: str, after: str, python: str, named: Collection[str] = (), via: Mapping[str, Collection[str]] | None = None
) -> tuple[Move, ...]:
    """Compare the texts of two locks, for each machine; sorted by distribution.

    ``named`` are the distributions (normalised) that were to move, ``via`` what needs each one.
    """
    old, new = parse(before, "the previous lock"), parse(after, "the new lock")
    found: dict[tuple[str, str, str], list[Machine]] = {}
    for machine in MACHINES:
        then, now = (_by_name(pins, python, machine) for pins in (old, new))
        for name in then.keys() | now.keys():
            if then.get(name) != now.get(name):
                was, becomes = (one[name].version if name in one else "" for one in (then, now))
                found.setdefault((name, was, becomes), []).append(machine)
    reached = _below(named, via or {})
    return tuple(
        Move(*key, *_why(*key, named, via or {}, reached), machines=tuple(machines))
        for key, machines in sorted(found.items())
    )


def needed_by(text: str) -> dict[str, tuple[str, ...]]:
    """Read of uv's answer what needs each distribution: :data:`REQUEST` stands for what was asked for."""
    found: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in text.splitlines():
        if pin := _PIN.match(line):
            name = canonicalize_name(pin["name"])
        elif (via := _VIA.match(line)) and name:
            found[name] = tuple(canonicalize_name(one.split()[0]) for one in via["names"].split(", "))
    return found


def _by_name(pins: tuple[Pin, ...], python: str, machine: Machine) -> dict[str, Pin]:
    return {pin.name: pin for pin in pins_for(pins, python, machine)}


def _below(named: Collection[str], via: Mapping[str, Collection[str]]) -> set[str]:
    """Give what named distributions need, directly or not."""
    reached: set[str] = set()
    waiting = set(named)
    while waiting:
        reached |= waiting
        waiting = {name for name, needing in via.items() if reached.intersection(needing)} - reached
    return reached


def _why(
    name: str,
    before: str,
    after: str,
    named: Collection[str],
    via: Mapping[str, Collection[str]],
    reached: Collection[str],
) -> tuple[Cause, str]:
    needing = sorted(set(via.get(name, ())) - {REQUEST})
    if name in reached:
        # Whatever else needs it did so before.
        needing = [one for one in needing if one in reached]
    needed = f"{few(needing, _NAMED)} need{'s' * (len(needing) == 1)} it"
    if before == after:
        return "files", "other files of the same version may be installed"
    if not after:
        return "gone", "nothing needs it any more"
    if name in named:
        return "named", "it is named"
    if name in reached:
        return "dependency", needed
    if not before and REQUEST in via.get(name, ()):
        return "asked", "the catalog asks for it"
    return "set", f"the set needs it: {needed}" if needing else "the set needs it"


def lines(found: tuple[Move, ...]) -> Iterator[str]:
    """Say in words what moved, a line for each."""
    for one in found:
        versions = f"{one.before or 'nothing'} -> {one.after or 'nothing'}"
        where = f" on {one.where}" if one.where else ""
        yield (
            f"{one.distribution} {one.after} has other files{where}"
            if one.change == "files"
            else (f"{one.distribution} {versions}{where}: {one.why}")
        )
