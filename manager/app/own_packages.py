"""Tries a person's own packages for another release: with uv, against the index that holds here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager.app.mirrors import reach
from manager.core.locks import parse, pins_for
from manager.core.overlays import Fit
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.imports import Package
    from manager.core.reach import Reach

_DIRECT = "it came from an address, not from the index: install it yourself"


def fitting(world: World, release: Release, packages: Iterable[Package]) -> tuple[Fit, ...]:
    """Say for each package which version of it fits beside what a release's kernel has.

    All of them as they are is tried first; where that fails, each by itself, as it is and then at any version. Raises
    Unreachable when the index does not answer.
    """
    wanted = [one for one in packages if not one.direct]
    direct = tuple(Fit(one.name, one.version, "", _DIRECT) for one in packages if one.direct)
    if not wanted:
        return direct
    way, beside = reach(world, "python"), _beside(release)
    try:
        _resolved(tuple(f"{one.name}=={one.version}" for one in wanted), beside, release, way)
    except Failed:
        return (*(_alone(one, beside, release, way) for one in wanted), *direct)
    return (*(Fit(one.name, one.version, one.version) for one in wanted), *direct)


def _alone(one: Package, beside: str, release: Release, way: Reach) -> Fit:
    why = ""
    for requirement in (f"{one.name}=={one.version}", one.name):
        try:
            found = _resolved((requirement,), beside, release, way)
        except Failed as error:
            why = _short(error.why)
        else:
            return Fit(one.name, one.version, found[_normalised(one.name)])
    return Fit(one.name, one.version, "", why)


def _resolved(requirements: tuple[str, ...], beside: str, release: Release, way: Reach) -> dict[str, str]:
    from manager.world import resolver

    pins = resolver.beside(requirements, release.python, beside, way)
    return {pin.name: pin.version for pin in pins}


def _beside(release: Release) -> str:
    """Give the pins of the kernel, as constraints: what is installed beside them shall not replace them."""
    lock = release.lock("kernel")
    if lock is None:
        return ""
    pins = pins_for(parse(Path(lock.path).read_text(encoding="utf-8"), lock.path), release.python, "x86_64")
    return "".join(f"{pin.name}=={pin.version}\n" for pin in pins)


def _normalised(name: str) -> str:
    from packaging.utils import canonicalize_name

    return canonicalize_name(name)


def _short(why: str) -> str:
    """Give uv's reason in one line: what it says behind "because"."""
    words = " ".join(why.split())
    _, _, reason = words.partition("Because ")
    return (reason or words)[:200]
