"""What a lock says: exact versions with hashes, and which of them a machine gets.

A lock is a requirements file (``name==version ; marker --hash=sha256:...``) and nothing more: no options, no
index, no address. uv and pip read it as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from packaging.markers import InvalidMarker
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from manager.core.markers import marker
from manager.errors import CatalogError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Machine = Literal["x86_64", "aarch64"]
MACHINES: tuple[Machine, ...] = get_args(Machine)

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>.+))?")
# The same, whatever comes behind it.
_BEGUN = re.compile(r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Pin:
    """One distribution at one version.

    ``name`` is normalised (PEP 503), ``marker`` is empty where the pin holds on every machine, ``hashes`` are
    ``sha256:<hex>`` of the files that may be installed, sorted.
    """

    name: str
    version: str
    marker: str = ""
    hashes: tuple[str, ...] = ()


# One command asks the same locks for every connector that they hold.
@lru_cache(maxsize=64)
def parse(text: str, file: str = "lock") -> tuple[Pin, ...]:
    """Read a lock, sorted by name and version.

    Raises CatalogError with every problem at once: a line that is no pin (an option, an address), a version or
    marker that is none (PEP 440, PEP 508), a missing or malformed hash, the same pin twice. ``file`` names
    the lock in them.
    """
    pins: list[Pin] = []
    seen: set[tuple[str, str]] = set()
    problems: list[Problem] = []
    for number, line in _logical_lines(text):
        words, *hashes = (part.strip() for part in re.split(r"\s--hash=", line))
        found = _PIN.fullmatch(words)
        name = canonicalize_name(found["name"]) if found else ""
        for why in _faults(found, hashes):
            problems.append(Problem(file, number, name, why, "write it anew:  solvent image lock"))
        if found:
            pins.append(Pin(name, found["version"], found["marker"] or "", tuple(sorted(hashes))))
            if (name, pins[-1].marker) in seen:
                problems.append(Problem(file, number, name, "is pinned twice", "keep one of the two"))
            seen.add((name, pins[-1].marker))
    if problems:
        raise CatalogError(f"{file} is no lock that can be used", tuple(problems))
    return tuple(sorted(pins))


def versions_of(text: str, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Give what a lock pins of some distributions, by normalised name and version; nothing else of it is read."""
    wanted = frozenset(names)
    lines = (line for line in text.splitlines() if "==" in line) if wanted else ()
    pins = (found for line in lines if (found := _BEGUN.match(line)))
    return tuple((name, one["version"]) for one in pins if (name := canonicalize_name(one["name"])) in wanted)


def render(pins: Iterable[Pin], comment: str = "") -> str:
    """Write a lock; :func:`parse` gives the same pins back. ``comment`` is a first line for people."""
    lines = [f"# {comment}\n"] if comment else []
    for pin in sorted(pins):
        head = f"{pin.name}=={pin.version}" + (f" ; {pin.marker}" if pin.marker else "")
        lines.append(" \\\n    ".join([head, *(f"--hash={value}" for value in sorted(pin.hashes))]) + "\n")
    return "".join(lines)


def pins_for(pins: Iterable[Pin], python: str, machine: Machine) -> tuple[Pin, ...]:
    """Give the pins that CPython ``python`` (``3.13`` or ``3.13.5``) on Linux gets, without their markers.

    Raises CatalogError when one distribution is left with two versions.
    """
    environment = marker_environment(python, machine)
    chosen: dict[str, Pin] = {}
    for pin in pins:
        if pin.marker and not marker(pin.marker).evaluate(environment):
            continue
        other = chosen.setdefault(pin.name, Pin(pin.name, pin.version, "", pin.hashes))
        if other.version != pin.version:
            why = f"both {other.version} and {pin.version} on Python {python}, {machine}"
            raise CatalogError(
                f"the lock pins {pin.name} twice",
                (Problem("lock", 0, pin.name, why),),
                hint="write it anew:  solvent image lock",
            )
    return tuple(chosen.values())


def merge(by_machine: Mapping[Machine, Iterable[Pin]]) -> tuple[Pin, ...]:
    """Join the pins of each machine to one lock: a marker only where the machines differ."""
    machines: dict[tuple[str, str], list[Machine]] = {}
    hashes: dict[tuple[str, str], set[str]] = {}
    for machine, pins in by_machine.items():
        for pin in pins:
            machines.setdefault((pin.name, pin.version), []).append(machine)
            hashes.setdefault((pin.name, pin.version), set()).update(pin.hashes)

    def where(key: tuple[str, str]) -> str:
        if len(machines[key]) == len(by_machine):
            return ""
        return " or ".join(f"platform_machine == '{machine}'" for machine in sorted(machines[key]))

    return tuple(sorted(Pin(*key, where(key), tuple(sorted(hashes[key]))) for key in machines))


def _logical_lines(text: str) -> Iterable[tuple[int, str]]:
    """Join continued lines; comments and empty lines are left out. Numbers count from 1."""
    whole, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not whole:
            start = number
            if line.lstrip().startswith("#"):
                continue
        whole += " " + line.rstrip("\\").strip()
        if line.endswith("\\"):
            continue
        if whole.strip():
            yield start, whole.strip()
        whole = ""
    if whole.strip():
        yield start, whole.strip()


def _faults(found: re.Match[str] | None, hashes: list[str]) -> Iterable[str]:
    if found is None:
        yield "is no pin of the form name==version"
        return
    try:
        Version(found["version"])
    except InvalidVersion:
        yield f"{found['version']!r} is no exact version"
    try:
        marker(found["marker"] or "os_name == 'posix'")
    except InvalidMarker:
        yield f"{found['marker']!r} is no marker"
    if not hashes:
        yield "has no hash, so any file would do"
    for value in hashes:
        if not _HASH.fullmatch(value):
            yield f"{value!r} is no sha256 hash"


def marker_environment(python: str, machine: Machine) -> dict[str, str]:
    """Give what environment markers (PEP 508) are held against for CPython ``python`` on Linux."""
    full = python if python.count(".") > 1 else f"{python}.0"
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": full,
        "python_version": ".".join(full.split(".")[:2]),
        "sys_platform": "linux",
    }
