"""Newer drivers as ``refresh`` proposes them: one proposal for all releases that can take the same version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.amounts import few, many
from manager.core.driver_releases import Standing, candidate
from manager.core.editions import edition
from manager.core.hurting import Weighed
from manager.core.watching import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from manager.core.driver_releases import Pinned
    from manager.core.editions import Edition

_NAMED = 4


def proposals(found: Mapping[Pinned, Iterable[Standing]], option: str = "") -> tuple[Proposal, ...]:
    """Propose for each distribution the newest version that each release can take, by name.

    ``option`` is what the command has to say besides, such as which catalog.
    """
    groups: dict[tuple[str, str], list[tuple[Pinned, Standing]]] = {}
    for pinned, standings in found.items():
        one = candidate(standings)
        if one is not None:
            groups.setdefault((pinned.dist, one.version), []).append((pinned, one))
    return tuple(_proposal(dist, version, rows, option) for (dist, version), rows in sorted(groups.items()))


def _proposal(dist: str, version: str, rows: list[tuple[Pinned, Standing]], option: str) -> Proposal:
    releases = tuple(dict.fromkeys(pinned.release for pinned, _ in rows))
    pins = " and ".join(dict.fromkeys(pinned.version for pinned, _ in rows))
    have = "has" if len(releases) == 1 else "have"
    one = rows[0][1]
    came = f"{dist} {version} came out on {one.released}" if one.released else f"{dist} {version} is there"
    return Proposal(
        "driver",
        dist,
        f"{came}, {few(releases, _NAMED)} {have} {pins}; {one.why}",
        f"solvent image lock {' '.join(releases)} --upgrade {dist}{option}",
        version,
        one.released,
        tuple(dict.fromkeys(name for pinned, _ in rows for name in pinned.connectors)),
        releases,
    )


def cooling(found: Mapping[Pinned, Iterable[Standing]]) -> tuple[str, ...]:
    """Say of each distribution which versions cool, and until when; a line for each."""
    waits: dict[tuple[str, str, date], set[str]] = {}
    for pinned, standings in found.items():
        for one in standings:
            if one.state == "cooling" and one.until:
                waits.setdefault((pinned.dist, one.version, one.until), set()).add(pinned.release)
    return tuple(
        f"{dist} {version} cools down until {until}, for {many(len(releases), 'release')}"
        for (dist, version, until), releases in sorted(waits.items())
    )


def blocked(found: Mapping[Pinned, Iterable[Standing]]) -> tuple[str, ...]:
    """Say of each distribution which version hurts saved connections, the newest of them; a line for each."""
    waits: dict[tuple[str, str], str] = {}
    for pinned, standings in found.items():
        one = next((each for each in standings if each.state == "blocked"), None)
        if one is not None:
            words = Weighed(one.hurts).words
            waits.setdefault((pinned.dist, one.version), f"{pinned.dist} {one.version} is blocked: {words}")
    return tuple(waits[key] for key in sorted(waits))


def lost(known: Mapping[str, tuple[Edition, ...]], pins: Iterable[Pinned]) -> tuple[str, ...]:
    """Say which pinned versions were taken back since, or are not on the index any more; a line for each."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for pinned in pins:
        there = known.get(pinned.dist, ())
        mine = edition(there, pinned.version)
        if there and mine is None:
            found.setdefault((pinned.dist, pinned.version, "is not on the index any more"), set()).add(pinned.release)
        elif mine is not None and mine.yanked:
            why = f"was yanked: {mine.why_yanked}" if mine.why_yanked else "was yanked, without a reason"
            found.setdefault((pinned.dist, pinned.version, why), set()).add(pinned.release)
    return tuple(
        f"{dist} {version}, which {many(len(releases), 'release')} pin{'s' * (len(releases) == 1)}, {why}"
        for (dist, version, why), releases in sorted(found.items())
    )
