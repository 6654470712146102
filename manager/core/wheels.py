"""Which of a distribution's wheels a Python gets: the same choice on every machine, whatever chose before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.locks import Machine, Pin

# The glibc that locks are resolved for (2.28), down to the oldest that there are wheels for; names of before PEP 600.
_NEWEST, _OLDEST = 28, 5
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A wheel that an index has of a distribution: its file's name, address (``https:`` or ``file:``) and SHA-256."""

    distribution: str
    name: str
    address: str
    sha256: str


def chosen(offers: Iterable[Offer], pins: Iterable[Pin], python: str, machine: Machine) -> dict[Pin, Offer]:
    """Choose the wheel of each pin among those that its hashes allow; a pin without any is left out."""
    by_name: dict[str, list[Offer]] = {}
    for offer in offers:
        by_name.setdefault(offer.distribution, []).append(offer)
    found = {}
    for pin in pins:
        allowed = {one.name: one for one in by_name.get(pin.name, ()) if f"sha256:{one.sha256}" in pin.hashes}
        name = best(allowed, python, machine)
        if name:
            found[pin] = allowed[name]
    return found


def best(names: Iterable[str], python: str, machine: Machine) -> str:
    """Choose by file name the wheel that CPython ``python`` (``3.13``) gets; "" where none of them fits.

    The most specific tag wins (PEP 425), then the highest build number.
    """
    order = {tag: place for place, tag in enumerate(_tags(python, machine))}
    ranked = []
    for name in names:
        try:
            _, _, build, tags = parse_wheel_filename(name)
        except InvalidWheelFilename:
            continue
        places = [order[tag] for tag in tags if tag in order]
        if places:
            ranked.append((-min(places), build, name))
    return max(ranked, default=(0, (), ""))[2]


@cache
def _tags(python: str, machine: Machine) -> tuple[Tag, ...]:
    """Give the tags that fit, the best first."""
    major, minor = python.split(".")[:2]
    number = (int(major), int(minor))
    interpreter = f"cp{number[0]}{number[1]}"
    platforms = []
    for glibc in range(_NEWEST, _OLDEST - 1, -1):
        platforms.append(f"manylinux_2_{glibc}_{machine}")
        if glibc in _LEGACY:
            platforms.append(f"{_LEGACY[glibc]}_{machine}")
    platforms.append(f"linux_{machine}")
    specific = cpython_tags(number, abis=[interpreter], platforms=platforms)
    return (*specific, *compatible_tags(number, interpreter=interpreter, platforms=platforms))
