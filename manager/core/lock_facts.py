"""What is known of the pins of a kernel lock, in a file beside it: ``kernel.facts.json``, which is reviewed like it.

A lock is a requirements file and nothing more, so when its files were uploaded, which native libraries its drivers
bring, and what the system's packages were stand apart. A pin without facts is unknown, and no fault.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from manager.core.driver_releases import fitting
from manager.core.editions import edition
from manager.core.index_answers import moment
from manager.core.locks import MACHINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from manager.core.editions import Edition
    from manager.core.locks import Machine, Pin

NAME = "kernel.facts.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class PinFacts:
    """What is known of one pin: when the youngest of its files came that would be installed (None: nobody says).

    ``native`` are the libraries that its wheel brings, by machine, each with its version; {} where none is known.
    """

    uploaded: datetime | None = None
    native: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LockFacts:
    """What is known of a lock: its pins by ``name==version``, and the versions of the system's packages."""

    pins: Mapping[str, PinFacts] = field(default_factory=dict)
    system: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, version: str) -> PinFacts:
        """Give what is known of a pin."""
        return self.pins.get(f"{name}=={version}", PinFacts())


def read(text: str) -> LockFacts:
    """Read the file; raises ValueError with what is wrong."""
    try:
        said = json.loads(text)
        if said["schema"] != SCHEMA:
            raise ValueError(f"has the schema {said['schema']!r}, and {SCHEMA} is known")
        pins = {str(key): _read(one) for key, one in said["pins"].items()}
        return LockFacts(pins, {str(name): str(version) for name, version in said["system_packages"].items()})
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"has another form: {type(error).__name__} {str(error)[:80]}") from None


def render(facts: LockFacts) -> str:
    """Write the file, sorted, so that the same facts are the same text."""
    pins = {
        key: {
            "uploaded": one.uploaded.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if one.uploaded else None,
            **({"native": {machine: dict(found) for machine, found in one.native.items()}} if one.native else {}),
        }
        for key, one in facts.pins.items()
    }
    document = {"schema": SCHEMA, "pins": pins, "system_packages": dict(facts.system)}
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def key(pin: Pin) -> str:
    """Give the name under which a pin's facts stand."""
    return f"{pin.name}=={pin.version}"


def kept(facts: LockFacts, pins: Iterable[Pin]) -> LockFacts:
    """Give the facts without those of pins that a lock does not have any more."""
    there = set(map(key, pins))
    return LockFacts({name: one for name, one in facts.pins.items() if name in there}, facts.system)


def uploaded(found: Iterable[Edition], version: str, python: str) -> datetime | None:
    """Say when the youngest of a version's wheels came that the machines would get; None as soon as one is unknown."""
    mine = edition(found, version)
    if mine is None:
        return None
    times = [one.at for one in fitting(mine, python)]
    known = [at for at in times if at is not None]
    return max(known) if known and len(known) == len(times) else None


def _read(one: Any) -> PinFacts:
    at, native = one.get("uploaded"), one.get("native", {})
    machines: tuple[Machine, ...] = MACHINES
    if set(native) - set(machines):
        raise ValueError(f"speaks of machines that there are not: {', '.join(sorted(set(native) - set(machines)))}")
    libraries = {
        machine: {str(name): str(version) for name, version in found.items()} for machine, found in native.items()
    }
    return PinFacts(moment(at) if at else None, libraries)
