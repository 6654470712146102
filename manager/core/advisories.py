"""Advisories in the format of OSV: which versions of which Python distributions have a known danger.

https://ossf.github.io/osv-schema/: a version is affected that is listed, or that lies in a range. Of the ecosystem
PyPI only; versions are compared as PEP 440 says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from manager.core import versions
from manager.core.catalog import canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

Turn = Literal["introduced", "fixed", "last_affected", "limit"]
# How ids of well-known databases begin: what looks like one and is not known is no package.
_ID = re.compile(r"(CVE|PYSEC|OSV|MAL)-\d{4}-\w+|GHSA(-\w{4}){3}|(DSA|DLA)-\d+(-\d+)?", re.IGNORECASE)
_ECOSYSTEM = "PyPI"
# In which order turns at one version are passed.
_TURNS: tuple[Turn, ...] = ("fixed", "introduced", "last_affected", "limit")


@dataclass(frozen=True, slots=True)
class Event:
    """Where a range turns; ``version`` is as written, and "0" comes before every version."""

    turn: Turn
    version: str


@dataclass(frozen=True, slots=True)
class Affected:
    """The versions of one distribution (by its normalised name) that an advisory is about."""

    name: str
    versions: tuple[str, ...] = ()
    ranges: tuple[tuple[Event, ...], ...] = ()

    def has(self, version: str) -> bool:
        """Say whether a version is affected; one that is not PEP 440's is where it is listed as it is written."""
        if version in self.versions:
            return True
        known = versions.read(version)
        if known is None:
            return False
        return any(versions.read(one) == known for one in self.versions) or any(
            _inside(known, one) for one in self.ranges
        )

    @property
    def fixes(self) -> tuple[Version, ...]:
        """Give the versions that its ranges name as fixed."""
        named = (versions.read(one.version) for events in self.ranges for one in events if one.turn == "fixed")
        return tuple(one for one in named if one is not None)


@dataclass(frozen=True, slots=True)
class Advisory:
    """What is known of one danger: its id, what other databases call it, and what it is about."""

    id: str
    affected: tuple[Affected, ...]
    aliases: tuple[str, ...] = ()
    summary: str = ""
    modified: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Give the distributions that it is about."""
        return tuple(dict.fromkeys(one.name for one in self.affected))

    def is_called(self, name: str) -> bool:
        """Say whether a name is its id or one of its aliases."""
        return name.upper() in (self.id.upper(), *(one.upper() for one in self.aliases))

    def has(self, name: str, version: str) -> bool:
        """Say whether a distribution at a version is affected."""
        wanted = canonical_name(name)
        return any(one.has(version) for one in self.affected if one.name == wanted)

    def fixed(self, name: str, version: str) -> str:
        """Give the lowest version above an affected one that is named as fixed and not affected itself; "" for none."""
        wanted, known = canonical_name(name), versions.read(version)
        if known is None or not self.has(name, version):
            return ""
        above = sorted(fix for one in self.affected if one.name == wanted for fix in one.fixes if fix > known)
        return next((str(one) for one in above if not self.has(name, str(one))), "")

    def to_json(self) -> dict[str, Any]:
        """Give it in the format of OSV, with what matters here."""
        return {
            "id": self.id,
            "modified": self.modified,
            "aliases": list(self.aliases),
            "summary": self.summary,
            "affected": [
                {
                    "package": {"ecosystem": _ECOSYSTEM, "name": one.name},
                    "versions": list(one.versions),
                    "ranges": [
                        {"type": "ECOSYSTEM", "events": [{event.turn: event.version} for event in events]}
                        for events in one.ranges
                    ],
                }
                for one in self.affected
            ],
        }


def looks_like_one(text: str) -> bool:
    """Say whether a text is written as the id of an advisory."""
    return bool(_ID.fullmatch(text))


def read(said: Any) -> tuple[Advisory, ...]:
    """Read one advisory, or a list of them; withdrawn ones are about nothing. Raises ValueError for what is none."""
    try:
        found = said if isinstance(said, list) else [said]
        return tuple(map(_advisory, found))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no advisory in the format of OSV: {type(error).__name__} {str(error)[:80]}") from None


def called(found: Iterable[Advisory], name: str) -> Advisory | None:
    """Find an advisory by its id or an alias."""
    return next((one for one in found if one.is_called(name)), None)


def joined(before: Iterable[Advisory], after: Iterable[Advisory], names: Iterable[str]) -> tuple[Advisory, ...]:
    """Put newer advisories in place of earlier ones of the same id; only those about ``names`` stay, by id.

    Newer is what was modified later. Where one of two does not say when, that is the one of ``after``.
    """
    wanted = set(map(canonical_name, names))
    every = {one.id: one for one in before}
    for one in after:
        there, then = _modified(every.get(one.id, one)), _modified(one)
        if there is None or then is None or then >= there:
            every[one.id] = one
    return tuple(one for _, one in sorted(every.items()) if wanted & set(one.names))


def _modified(one: Advisory) -> datetime | None:
    """Read when an advisory was modified, as RFC 3339 writes it; None where it does not say so."""
    try:
        at = datetime.fromisoformat(one.modified)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _advisory(one: dict[str, Any]) -> Advisory:
    affected = []
    for each in () if one.get("withdrawn") else one.get("affected") or ():
        package = each.get("package") or {}
        if package.get("ecosystem") == _ECOSYSTEM:
            ranges = each.get("ranges") or ()
            events = tuple(_events(entry["events"]) for entry in ranges if entry["type"] in ("ECOSYSTEM", "SEMVER"))
            listed = tuple(map(str, each.get("versions") or ()))
            affected.append(Affected(canonical_name(str(package["name"])), listed, events))
    aliases = tuple(map(str, one.get("aliases") or ()))
    summary, modified = str(one.get("summary") or ""), str(one.get("modified") or "")
    return Advisory(str(one["id"]), tuple(affected), aliases, summary, modified)


def _events(said: list[dict[str, Any]]) -> tuple[Event, ...]:
    return tuple(Event(turn, str(one[turn])) for one in said for turn in get_args(Turn) if turn in one)


def _inside(version: Version, events: tuple[Event, ...]) -> bool:
    """Walk through a range as the schema says: sorted by version, the last turn that was passed counts.

    What is no version of PEP 440 rather affects too much than too little: an introduction is from the beginning on,
    any other turn is left out.
    """
    limits = [one.version for one in events if one.turn == "limit"]
    if limits and not any(one == "*" or (at := versions.read(one)) is None or version < at for one in limits):
        return False
    turns = [(versions.read(one.version) if one.version != "0" else None, one.turn) for one in events]
    affected = False
    # Of one version: what is fixed and introduced again in it is affected, and it may be the last one as well.
    for at, turn in sorted(turns, key=lambda one: (one[0] is not None, one[0] or version, _TURNS.index(one[1]))):
        if turn == "introduced" and (at is None or version >= at):
            affected = True
        elif at is not None and ((turn == "fixed" and version >= at) or (turn == "last_affected" and version > at)):
            affected = False
    return affected
