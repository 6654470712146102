"""How the packages of one build differ from those of another, each change with its class."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from packaging.version import InvalidVersion, Version

from manager.core.components import ECOSYSTEMS, PREFIXES
from manager.core.debian_versions import debian_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager.core.components import Component, Ecosystem, Prefix

# ``other`` is a version that changed in a way that these words do not fit: an epoch, a version that has no numbers.
Level = Literal["major", "minor", "patch", "other", "added", "removed"]
LEVELS: tuple[Level, ...] = get_args(Level)
Direction = Literal["up", "down", "none"]

_NUMBERS = re.compile(r"v?(\d+(?:[.-]\d+)*)")


@dataclass(frozen=True, slots=True)
class PackageChange:
    """One package whose version differs.

    ``before`` is empty for one that was added and ``after`` for one that was removed; several versions of one npm
    package are joined with ``|``. ``direction`` is ``down`` where the version went back.
    """

    ecosystem: Ecosystem
    prefix: Prefix
    name: str
    before: str
    after: str
    level: Level
    direction: Direction = "none"

    @property
    def group(self) -> str:
        """Name where it lives, for people: ``python kernel``, ``debian``."""
        return f"{self.ecosystem} {self.prefix}".strip()

    def __str__(self) -> str:
        """Render as ``pandas 2.3.3 -> 3.0.1``."""
        return f"{self.name} {self.before or '-'} -> {self.after or '-'}"

    def to_json(self) -> dict[str, Any]:
        """Give one of ``changes`` of ``image diff``."""
        return {
            "ecosystem": self.ecosystem,
            "prefix": self.prefix or None,
            "name": self.name,
            "before": self.before or None,
            "after": self.after or None,
            "level": self.level,
            "direction": self.direction,
        }


def compare(before: Iterable[Component], after: Iterable[Component]) -> tuple[PackageChange, ...]:
    """Compare two lists of components: by group in the order of ecosystems and prefixes, the largest change first."""
    then, now = _by_package(before), _by_package(after)
    found = [
        _changed(key, then.get(key, ()), now.get(key, ()))
        for key in then.keys() | now.keys()
        if then.get(key, ()) != now.get(key, ())
    ]
    return tuple(sorted(found, key=_place))


def counted(changes: Iterable[PackageChange]) -> Mapping[Level, int]:
    """Count changes by class, in the order of classes, without those that there are none of."""
    levels = [one.level for one in changes]
    return {level: levels.count(level) for level in LEVELS if level in levels}


def _by_package(components: Iterable[Component]) -> dict[tuple[Ecosystem, Prefix, str], tuple[str, ...]]:
    found: dict[tuple[Ecosystem, Prefix, str], set[str]] = defaultdict(set)
    for one in components:
        found[one.ecosystem, one.prefix, one.name].add(one.version)
    return {key: tuple(sorted(versions)) for key, versions in found.items()}


def _changed(key: tuple[Ecosystem, Prefix, str], before: tuple[str, ...], after: tuple[str, ...]) -> PackageChange:
    ecosystem, prefix, name = key
    level: Level = "removed" if before else "added"
    direction: Direction = "none"
    if before and after:
        # Where there are several, the newest one speaks for them.
        old, new = (max(versions, key=lambda one: _rank(ecosystem, one)) for versions in (before, after))
        level = _level(ecosystem, old, new)
        direction = _direction(ecosystem, old, new)
    return PackageChange(ecosystem, prefix, name, "|".join(before), "|".join(after), level, direction)


def _direction(ecosystem: Ecosystem, old: str, new: str) -> Direction:
    then, now = _rank(ecosystem, old), _rank(ecosystem, new)
    return "none" if then == now else "up" if then < now else "down"


def _level(ecosystem: Ecosystem, old: str, new: str) -> Level:
    """Say which number of a version is the first that changed; what follows the third is a patch."""
    if ecosystem == "debian":
        then, now = debian_version(old), debian_version(new)
        if then.epoch != now.epoch:
            return "other"
        if then.upstream == now.upstream:
            # A revision is the distribution's own change to the same software.
            return "patch"
        return _by_numbers(_numbers(then.upstream), _numbers(now.upstream))
    if ecosystem == "python":
        try:
            first, second = Version(old), Version(new)
        except InvalidVersion:
            return "other"
        return "other" if first.epoch != second.epoch else _by_numbers(first.release, second.release)
    return _by_numbers(_numbers(old), _numbers(new))


def _by_numbers(old: tuple[int, ...], new: tuple[int, ...]) -> Level:
    if not old or not new:
        return "other"
    for place, level in enumerate(("major", "minor")):
        if (*old, 0, 0)[place] != (*new, 0, 0)[place]:
            return level  # type: ignore[return-value]
    return "patch"


def _numbers(version: str) -> tuple[int, ...]:
    """Read the numbers that a version begins with: of ``1.3.1-2`` (R) all four, of ``20260101~rc1`` one."""
    found = _NUMBERS.match(version)
    return tuple(int(one) for one in re.split(r"[.-]", found[1])) if found else ()


def _rank(ecosystem: Ecosystem, version: str) -> Any:
    """Give what versions of one package are ordered by; a Python version that is none comes before all others.

    Debian's order serves where it is nobody's own: it puts ``1.0.0-rc.1`` behind ``1.0.0``, so of these only the
    numbers are compared first.
    """
    if ecosystem == "debian":
        return debian_version(version)
    if ecosystem == "python":
        try:
            return (1, Version(version))
        except InvalidVersion:
            return (0, debian_version(version))
    plain, _, more = version.partition("-")
    if ecosystem == "r":
        return (_numbers(version), True, debian_version(""))
    # Semantic versioning: what has a pre-release comes before what has none.
    return (_numbers(plain), not more, debian_version(more))


def _place(one: PackageChange) -> tuple[int, int, int, str]:
    return ECOSYSTEMS.index(one.ecosystem), PREFIXES.index(one.prefix), LEVELS.index(one.level), one.name
