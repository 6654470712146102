"""The way out of a quarantine of versions: who has them, what to move to, and each step with its command."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from manager.core import versions
from manager.core.amounts import few, many
from manager.core.driver_releases import standings
from manager.core.forbidding import forbids
from manager.core.holds import EXCEPTION_AT_MOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from manager.core.advisories import Advisory
    from manager.core.driver_decisions import DriverDecision
    from manager.core.driver_releases import Pinned, Rules, Standing
    from manager.core.editions import Edition
    from manager.core.overrides import Override

_NAMED = 4
_WITHOUT = "no lock takes that version without it"
# With what a step begins that no decision can take.
_LOOK = "solvent connection lint "
Kind = Literal["decide", "lock", "build", "check", "promote", "upgrade"]


@dataclass(frozen=True, slots=True)
class WayStep:
    """One step: what it does and why, and the command that does it."""

    kind: Kind
    why: str
    command: str

    def to_json(self) -> dict[str, Any]:
        """Give one of ``steps``."""
        return {"kind": self.kind, "why": self.why, "command": self.command}


@dataclass(frozen=True, slots=True)
class Hit:
    """A release with a quarantined version: what a lock of it pins ("" where they have moved), and what it can move to.

    One whose two locks pin two such versions has a hit for each.
    ``builds`` are the versions of its builds with it; ``to`` is "" where nothing is known, and ``decides`` the command
    that has to let it be taken first. ``built`` says that there is a good build of its locks without it.
    """

    release: str
    pinned: str = ""
    to: str = ""
    builds: tuple[str, ...] = ()
    built: bool = False
    decides: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give one of ``releases``."""
        named = {"release": self.release, "pinned": self.pinned or None, "to": self.to or None}
        return named | {"builds": list(self.builds), "built": self.built}


@dataclass(frozen=True, slots=True)
class WayOut:
    """The whole way; nothing of it is done by itself."""

    quarantine: DriverDecision
    hits: tuple[Hit, ...]
    steps: tuple[WayStep, ...]

    @property
    def version(self) -> str:
        """Give the version that every release with a pin of it can move to at least, "" where one has none."""
        wanted = [versions.read(one.to) for one in self.hits if one.pinned]
        known = [one for one in wanted if one is not None]
        return str(max(known)) if known and len(known) == len(wanted) else ""

    def to_json(self) -> dict[str, Any]:
        """Give ``way_out`` of ``connector quarantine``."""
        return {
            "distribution": self.quarantine.dist,
            "quarantined": self.quarantine.version,
            "advisory": self.quarantine.advisory,
            "version": self.version or None,
            "releases": [one.to_json() for one in self.hits],
            "steps": [one.to_json() for one in self.steps],
        }


def mended(
    one: DriverDecision, pinned: Pinned, known: Iterable[Edition], advisory: Advisory | None, rules: Rules, today: date
) -> tuple[str, str]:
    """Give the lowest version above a pin that is out of a quarantine and that the advisory is not about.

    Of what the index has for the release's Python, and better one that a lock takes by itself; with the command that
    has to let it be taken first, "" for none. Where nobody asked the index, what the advisory names as fixed, or the
    end of the quarantine itself. Where there is nothing newer, the newest one below. "" where nothing is known.
    """

    def free(version: str) -> bool:
        return not forbids(one, pinned.dist, version) and not (advisory and advisory.has(pinned.dist, version))

    known = tuple(known)
    judged = standings(known, pinned, rules, today)
    # Newest first. Packages that no connector names neither cool down nor are held.
    newer = [each for each in judged if each.state not in ("rejected", "quarantined") and free(each.version)]
    taken = [each.version for each in newer if each.state == "candidate" or not pinned.connectors]
    if taken:
        return taken[-1], ""
    if newer:
        # To except a version is less than to change what people have saved.
        best = next((each for each in reversed(newer) if each.state != "blocked"), newer[-1])
        return best.version, _decides(best, one, pinned, rules, today)
    pin = versions.read(pinned.version)
    older = (str(each.version) for each in known if each.stable and pin is not None and each.version < pin)
    if known:
        return next(filter(free, older), ""), ""
    fixed = advisory.fixed(pinned.dist, pinned.version) if advisory else ""
    return next((each for each in (fixed, _end(one)) if each and free(each)), ""), ""


def way_out(
    one: DriverDecision,
    hits: Iterable[Hit],
    waiting: Mapping[str, Override],
    owners: Iterable[str] = (),
    option: str = "",
) -> WayOut:
    """Give the way out for the releases that have what is quarantined; no step where nobody has it.

    ``waiting`` are the freezes that promotions of releases wait for, ``owners`` those of each environment on a build
    with it; ``option`` is what commands say besides.
    """
    hits = tuple(sorted(hits, key=lambda each: each.release))
    steps: list[WayStep] = []
    found = WayOut(one, hits, ())
    for command in dict.fromkeys(each.decides for each in hits if each.decides):
        changes = command.startswith(_LOOK)
        why = "it hurts that connection, and no lock takes it before that is changed" if changes else _WITHOUT
        steps.append(WayStep("decide", why, command + option))
    pinning = list(dict.fromkeys(each.release for each in hits if each.pinned))
    if pinning:
        to = _where(found) or "no version without the danger is known"
        why = f"{one.dist} {one.version} leaves the locks of {few(pinning, _NAMED)}: {to}"
        steps.append(WayStep("lock", why, f"solvent image lock {' '.join(pinning)}{option}"))
    # What was never built here needs no build: nobody has it.
    releases = list(dict.fromkeys(each.release for each in hits if each.builds and not each.built))
    if releases:
        names = " ".join(releases)
        why = "builds of the new locks; no channel moves"
        steps.append(WayStep("build", why, f"solvent image build {names} --candidate{option}"))
        why = "each build proves itself, and what passes every check is promoted"
        steps.append(WayStep("check", why, f"solvent image build {names}{option}"))
    for release in releases:
        if release in waiting:
            why = f"{release} is frozen until {waiting[release].until}, and its promotion waits"
            steps.append(WayStep("promote", why, f"solvent image promote {release}{option}"))
    owners = tuple(owners)
    if owners:
        stand = f"{many(len(owners), 'environment')} of {few(sorted(set(owners)), _NAMED)}"
        why = f"{stand} move{'s' * (len(owners) == 1)}: each owner's own, and those that run by name"
        steps.append(WayStep("upgrade", why, f"solvent env upgrade --affected-by {shlex.quote(one.advisory)}{option}"))
    return WayOut(one, hits, tuple(steps))


def _decides(found: Standing, one: DriverDecision, pinned: Pinned, rules: Rules, today: date) -> str:
    """Give the command that lets a version be taken that cools down or is held, or shows whom it hurts; else ""."""
    if found.state == "blocked":
        return found.look
    said = f"--driver {pinned.dist}"
    if found.state == "cooling":
        said = f"{said} --version {found.version} --advisory {shlex.quote(one.advisory)}"
        said = f"{said} --until {today + EXCEPTION_AT_MOST}"
        return f"solvent connector unhold {pinned.connectors[0]} {said} --reason TEXT"
    hold = rules.hold(pinned, today) if found.state == "held" else None
    if hold is None:
        return ""
    return f"solvent connector unhold {hold.subject}{f' {said}' if hold.dist else ''} --reason TEXT"


def _where(found: WayOut) -> str:
    """Say what the pins can move to, "" where nothing is known."""
    goes = versions.read(found.version) if found.version else None
    pins = [version for each in found.hits if each.pinned and (version := versions.read(each.pinned))]
    if goes is None:
        return ""
    if all(goes > pin for pin in pins):
        return f"{goes} is the lowest version without the danger"
    return f"nothing newer is without the danger, and {goes} is the newest below"


def _end(one: DriverDecision) -> str:
    """Give where a quarantine of everything below a version ends."""
    asked = versions.range_of(one.version)
    ends = [each.version for each in asked or () if each.operator == "<"]
    return ends[0] if len(ends) == 1 else ""
