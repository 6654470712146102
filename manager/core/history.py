"""History as a hash chain: each entry's digest covers its content and the digest of the entry before it.

Changing, inserting or deleting an entry breaks the chain at that place. Cutting off the newest entries does
not: compare the newest digest with one noted elsewhere for that.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history: who did what to which target, when, why, before and after.

    ``digest`` chains the entry to the one before it.
    """

    at: datetime
    who: str
    kind: str
    target: str
    cause: str
    before: str = ""
    after: str = ""
    outcome: Literal["done", "failed"] = "done"
    number: int = 0
    digest: str = ""


def chained(entry: Entry, number: int, previous: str) -> Entry:
    """Give the entry its number (from 1) and its digest after the digest of the entry before ("" for none)."""
    numbered = replace(entry, at=entry.at.astimezone(UTC), number=number, digest="")
    return replace(numbered, digest=hashlib.sha256((previous + _canonical(numbered)).encode()).hexdigest())


def first_broken(entries: Iterable[Entry]) -> str:
    """Check a whole chain, oldest entry first; give "" or a sentence that names the first broken entry."""
    previous = ""
    for expected, entry in enumerate(entries, 1):
        if entry.number != expected:
            return f"entry {expected} is missing: entry {entry.number} stands in its place"
        if chained(entry, expected, previous).digest != entry.digest:
            return f"entry {expected} ({entry.kind} {entry.target}, {entry.at.isoformat()}) was changed"
        previous = entry.digest
    return ""


def _canonical(entry: Entry) -> str:
    content = {
        "number": entry.number,
        "at": entry.at.isoformat(timespec="microseconds"),
        "who": entry.who,
        "kind": entry.kind,
        "target": entry.target,
        "cause": entry.cause,
        "before": entry.before,
        "after": entry.after,
        "outcome": entry.outcome,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
