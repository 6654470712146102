"""What stands between a pinned driver and each newer version of it, for one release: a state, and why in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from manager.core import versions
from manager.core.cooling import COOL_DOWN, age
from manager.core.forbidding import forbidding, standing
from manager.core.holds import excepted, holding
from manager.core.hurting import Weighed
from manager.core.locks import MACHINES
from manager.core.markers import requirement
from manager.core.wheels import best

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from manager.core.driver_decisions import DriverDecision
    from manager.core.editions import Edition, IndexFile
    from manager.core.hurting import Hurt
    from manager.core.lifecycle import Period
    from manager.core.locks import Machine

State = Literal["candidate", "cooling", "held", "blocked", "rejected", "quarantined"]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A distribution of connectors as a release's kernel lock has it.

    ``asked`` is what the release itself asks for, ``machines`` are those that get it.
    """

    release: str
    python: str
    connectors: tuple[str, ...]
    dist: str
    version: str
    lock: str = ""
    asked: SpecifierSet = field(default_factory=SpecifierSet)
    machines: tuple[Machine, ...] = MACHINES


@dataclass(frozen=True, slots=True)
class Rules:
    """What is decided about drivers: the cool-down, and people's decisions.

    ``there`` says whether the index has what a requirement asks for, ``weigh`` which saved connections a version hurts.
    """

    decisions: tuple[DriverDecision, ...] = ()
    cool_down: Period = COOL_DOWN
    there: Callable[[str], bool] = lambda _: False
    weigh: Callable[[Pinned, str], Weighed] = lambda *_: Weighed()

    def holding(self, connector: str, dist: str, day: date) -> DriverDecision | None:
        """Give the hold that a distribution of a connector stands in."""
        return holding(self.decisions, connector, dist, day, self.there)

    def ban(self, dist: str, version: str, day: date) -> DriverDecision | None:
        """Give the quarantine that a version stands in."""
        return forbidding(standing(self.decisions, day), dist, version)

    def hold(self, pinned: Pinned, day: date) -> DriverDecision | None:
        """Give the hold that a pin stands in."""
        found = (self.holding(name, pinned.dist, day) for name in pinned.connectors)
        return next((one for one in found if one), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A version that is newer than a pin: what is with it and why; ``until`` is the day on which that changes."""

    version: str
    state: State
    why: str
    released: date | None = None
    until: date | None = None
    hurts: tuple[Hurt, ...] = ()

    @property
    def look(self) -> str:
        """Give the command that shows what a version does to the first connection that it hurts, "" for none."""
        return f"solvent connection lint {self.hurts[0].connection} --to {self.version}" if self.hurts else ""

    def to_json(self) -> dict[str, Any]:
        """Give one of ``newer`` of ``connector explain``."""
        return {
            "version": self.version,
            "state": self.state,
            "why": self.why,
            "released": self.released.isoformat() if self.released else None,
            "until": self.until.isoformat() if self.until else None,
            "connections": [one.to_json() for one in self.hurts],
        }


def standings(found: Iterable[Edition], pinned: Pinned, rules: Rules, today: date) -> tuple[Standing, ...]:
    """Judge each version that is newer than the pin, the newest first; none where the pin is no version."""
    pin = versions.read(pinned.version)
    if pin is None:
        return ()
    newer = sorted((one for one in found if one.version > pin), key=lambda one: one.version, reverse=True)
    hold = rules.hold(pinned, today) if newer else None
    banned = standing(rules.decisions, today)
    judged = []
    for one in newer:
        ban = forbidding(banned, pinned.dist, str(one.version))
        if ban is None:
            judged.append(_standing(one, pinned, rules, hold, today))
        else:
            judged.append(Standing(str(one.version), "quarantined", quarantined_by(ban), one.released))
    return tuple(judged)


def quarantined_by(one: DriverDecision) -> str:
    """Say who quarantined a version, and for what."""
    return f"quarantined by {one.by} since {one.day} for {one.advisory}: {one.reason}"


def candidate(found: Iterable[Standing]) -> Standing | None:
    """Give the newest version that can be taken."""
    return next((one for one in found if one.state == "candidate"), None)


def there(found: Iterable[Edition], text: str) -> bool:
    """Say whether there is a stable version of what a requirement asks for; its name is not looked at."""
    specifier = requirement(text).specifier
    return any(one.stable and specifier.contains(one.version) for one in found)


def _standing(one: Edition, pinned: Pinned, rules: Rules, hold: DriverDecision | None, today: date) -> Standing:
    version, day = str(one.version), one.released
    if refused := _refused(one, pinned):
        return Standing(version, "rejected", refused, day)
    wrong, files = _unfit(one, pinned.python, pinned.machines)
    if wrong:
        return Standing(version, "rejected", wrong, day)
    if hold:
        why = f"held by {hold.by} since {hold.day} {hold.ends}: {hold.reason}"
        return Standing(version, "held", why, day, hold.until)
    return _weighed(_aged(Standing(version, "candidate", "", day), one, files, pinned, rules, today), pinned, rules)


def _weighed(one: Standing, pinned: Pinned, rules: Rules) -> Standing:
    """Block what hurts a saved connection of everybody; while it cools down, and of one's own, that is only said."""
    found = rules.weigh(pinned, one.version)
    if found.hurts:
        state: State = "blocked" if found.blocking and one.state == "candidate" else one.state
        return replace(one, state=state, why=f"{one.why}; {found.words}", hurts=found.hurts)
    if found.unread and one.state == "candidate":
        return replace(one, why=f"{one.why}; what it does to saved connections is not known yet:  {found.unread}")
    return one


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


def _unfit(one: Edition, python: str, machines: Iterable[Machine]) -> tuple[str, tuple[IndexFile, ...]]:
    """Say why a Python cannot have a version; and the wheels that the machines would get, where it can."""
    files = [each for each in one.files if not each.yanked]
    fit = [each for each in files if _takes(each.requires_python, python)]
    if not fit:
        return f"dropped Python {python}: needs {files[0].requires_python}", ()
    by_name = {each.name: each for each in fit if each.is_wheel}
    chosen = {machine: best(by_name, python, machine) for machine in machines}
    lacking = [machine for machine, name in chosen.items() if not name]
    if lacking:
        return f"no wheel for CPython {python} on {' and '.join(lacking)} (glibc)", ()
    return "", tuple(by_name[name] for name in dict.fromkeys(chosen.values()))


def fitting(one: Edition, python: str) -> tuple[IndexFile, ...]:
    """Give the wheels of a version that the machines would get, each as far as there is one; yanked ones too."""
    by_name = {each.name: each for each in one.files if each.is_wheel}
    names = dict.fromkeys(best(by_name, python, machine) for machine in MACHINES)
    return tuple(by_name[name] for name in names if name)


# A version has many files that ask for the same.
@lru_cache(maxsize=1024)
def _takes(requires: str, python: str) -> bool:
    """Say whether Requires-Python admits some patch release of a Python; what cannot be read forbids nothing."""
    try:
        bounds = SpecifierSet(requires)
    except InvalidSpecifier:
        return True
    return any(bounds.contains(f"{python}.{patch}") for patch in (0, 99))
