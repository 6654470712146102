"""What stands between a pinned driver and each newer version of it, for one release: a state, and why in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from manager.core.cooling import COOL_DOWN, age
from manager.core.holds import excepted, holding
from manager.core.locks import MACHINES
from manager.core.markers import requirement
from manager.core.wheels import best

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from manager.core.editions import Edition, IndexFile
    from manager.core.holds import DriverDecision
    from manager.core.lifecycle import Period

State = Literal["candidate", "cooling", "held", "rejected"]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A distribution of connectors as a release's kernel lock has it; ``asked`` is what the release itself asks for."""

    release: str
    python: str
    connectors: tuple[str, ...]
    dist: str
    version: str
    lock: str = ""
    asked: SpecifierSet = field(default_factory=SpecifierSet)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is decided about drivers: the cool-down, and people's decisions.

    ``there`` says whether the index has what a requirement asks for.
    """

    decisions: tuple[DriverDecision, ...] = ()
    cool_down: Period = COOL_DOWN
    there: Callable[[str], bool] = lambda _: False

    def hold(self, pinned: Pinned, day: date) -> DriverDecision | None:
        """Give the hold that a pin stands in."""
        found = (holding(self.decisions, name, pinned.dist, day, self.there) for name in pinned.connectors)
        return next((one for one in found if one), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A version that is newer than a pin: what is with it and why; ``until`` is the day on which that changes."""

    version: str
    state: State
    why: str
    released: date | None = None
    until: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Give one of ``newer`` of ``connector explain``."""
        return {
            "version": self.version,
            "state": self.state,
            "why": self.why,
            "released": self.released.isoformat() if self.released else None,
            "until": self.until.isoformat() if self.until else None,
        }


def standings(found: Iterable[Edition], pinned: Pinned, rules: Rules, today: date) -> tuple[Standing, ...]:
    """Judge each version that is newer than the pin, the newest first; none where the pin is no version."""
    try:
        pin = Version(pinned.version)
    except InvalidVersion:
        return ()
    newer = sorted((one for one in found if one.version > pin), key=lambda one: one.version, reverse=True)
    return tuple(_standing(one, pinned, rules, today) for one in newer)


def candidate(found: Iterable[Standing]) -> Standing | None:
    """Give the newest version that can be taken."""
    return next((one for one in found if one.state == "candidate"), None)


def there(found: Iterable[Edition], text: str) -> bool:
    """Say whether there is a stable version of what a requirement asks for; its name is not looked at."""
    specifier = requirement(text).specifier
    return any(one.stable and specifier.contains(one.version) for one in found)


def _standing(one: Edition, pinned: Pinned, rules: Rules, today: date) -> Standing:
    version, came = str(one.version), one.released
    day = came.date() if came else None
    if refused := _refused(one, pinned):
        return Standing(version, "rejected", refused, day)
    wrong, files = _unfit(one, pinned.python)
    if wrong:
        return Standing(version, "rejected", wrong, day)
    if hold := rules.hold(pinned, today):
        why = f"held by {hold.by} since {hold.day} {hold.ends}: {hold.reason}"
        return Standing(version, "held", why, day, hold.until)
    return _aged(Standing(version, "candidate", "", day), one, files, pinned, rules, today)


def _aged(
    one: Standing, edition: Edition, files: Iterable[IndexFile], pinned: Pinned, rules: Rules, today: date
) -> Standing:
    """Say how a version that nothing else keeps back stands to the cool-down."""
    old = age(files, rules.cool_down)
    if old.since is None:
        return replace(one, why="its age is unknown: the index does not say when its files came")
    if not old.cools(today):
        return replace(one, why=f"its files are there since {old.since}, so it has cooled down")
    exception = excepted(rules.decisions, pinned.connectors, pinned.dist, edition.version, today)
    if exception is not None:
        why = f"{exception.by} excepts it from the cool-down until {exception.until} for {exception.advisory}"
        return replace(one, why=f"{why}: {exception.reason}")
    why = f"cooling until {old.cooled}: its files came on {old.since}, and {rules.cool_down} have to pass"
    return replace(one, state="cooling", why=why, until=old.cooled)


def _refused(one: Edition, pinned: Pinned) -> str:
    """Say why a version is for nobody here, whatever files it has; "" where it may be."""
    if one.version.is_prerelease:
        return "a pre-release"
    if one.yanked:
        return f"yanked: {one.why_yanked}" if one.why_yanked else "yanked, without a reason"
    if not pinned.asked.contains(one.version, prereleases=True):
        return f"{pinned.release} asks for {pinned.dist}{pinned.asked}"
    return ""


def _unfit(one: Edition, python: str) -> tuple[str, tuple[IndexFile, ...]]:
    """Say why a Python cannot have a version; and the wheels that the machines would get, where it can."""
    files = [each for each in one.files if not each.yanked]
    fit = [each for each in files if _takes(each.requires_python, python)]
    if not fit:
        return f"dropped Python {python}: needs {files[0].requires_python}", ()
    by_name = {each.name: each for each in fit if each.is_wheel}
    chosen = {machine: best(by_name, python, machine) for machine in MACHINES}
    lacking = [machine for machine, name in chosen.items() if not name]
    if lacking:
        return f"no wheel for CPython {python} on {' and '.join(lacking)} (glibc)", ()
    return "", tuple(by_name[name] for name in dict.fromkeys(chosen.values()))


def _takes(requires: str, python: str) -> bool:
    """Say whether Requires-Python admits some patch release of a Python; what cannot be read forbids nothing."""
    try:
        bounds = SpecifierSet(requires)
    except InvalidSpecifier:
        return True
    return any(bounds.contains(f"{python}.{patch}") for patch in (0, 99))
