"""Notices of a nightly: whom a finding concerns, and that nobody is told the same one twice.

A finding is known by its kind, its subject and what tells it from others of these (:attr:`NightlyFinding.known`): one
that is still there the next night is told to nobody a second time.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.core.amounts import many

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from manager.core.nightly import NightlyFinding
    from manager.core.observed import Environment


@dataclass(frozen=True, slots=True)
class NightNotice:
    """What one person or team is told of a nightly: the findings that concern them and that they were not told of.

    ``environments`` are theirs that reach a data source in question; the owner of a connector may have none. ``day`` is
    that of the nightly.
    """

    owner: str
    day: date
    findings: tuple[NightlyFinding, ...]
    environments: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Give what every sink knows it by: the same for the same findings and owner."""
        known = "\x00".join(("nightly", self.owner, *sorted(one.known for one in self.findings)))
        return hashlib.sha256(known.encode()).hexdigest()[:20]


def due(
    findings: Iterable[NightlyFinding],
    owners: Mapping[str, Iterable[str]],
    environments: Iterable[Environment],
    connectors: Mapping[tuple[str, str], str],
    told: Iterable[NightNotice],
    day: date,
) -> tuple[NightNotice, ...]:
    """Give the notices of a nightly, by owner: of each finding those whom it concerns and who do not know of it.

    ``owners`` are those of each connector, ``connectors`` what each saved connection leads to, by the person
    ("" for everybody) and its name. A finding concerns the owners of its connectors, and whoever has an environment on
    its release with a connection of them; a connection that is not known here counts, since it may be one.
    """
    before = {(one.owner, each.known) for one in told for each in one.findings}
    there = tuple(environments)
    news: dict[str, dict[str, NightlyFinding]] = defaultdict(dict)
    names: dict[str, set[str]] = defaultdict(set)
    for one in findings:
        hit = [each for each in there if each.release == one.release and _reaches(each, one, connectors)]
        for owner in {name for connector in one.connectors for name in owners.get(connector, ())}:
            news[owner][one.known] = one
        for each in hit:
            news[each.owner][one.known] = one
            if (each.owner, one.known) not in before:
                names[each.owner].add(each.name)
    found = []
    for owner in sorted(news):
        if mine := tuple(one for known, one in news[owner].items() if (owner, known) not in before):
            found.append(NightNotice(owner, day, mine, tuple(sorted(names[owner]))))
    return tuple(found)


def _reaches(environment: Environment, one: NightlyFinding, connectors: Mapping[tuple[str, str], str]) -> bool:
    lead = (connectors.get((environment.owner, name)) or connectors.get(("", name)) for name in environment.connections)
    return any(connector is None or connector in one.connectors for connector in lead)


def plain(notice: NightNotice) -> dict[str, Any]:
    """Give schema 1 of a notice: a line of the file, and the body for programs."""
    return {
        "schema": 1,
        "id": notice.id,
        "kind": "nightly",
        "owner": notice.owner,
        "day": notice.day.isoformat(),
        "findings": [one.to_json() for one in notice.findings],
        "environments": list(notice.environments),
        "title": title(notice),
        "text": "\n".join(lines(notice)),
    }


def title(notice: NightNotice) -> str:
    """Give the headline, with whom it is for."""
    kinds = [one.kind for one in notice.findings]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return f"The nightly of {notice.day} found {counts} ({notice.owner})"


def lines(notice: NightNotice) -> tuple[str, ...]:
    """Give the sentences of a notice: each finding, and the command that pays it."""
    names = ", ".join(notice.environments)
    has = many(len(notice.environments), "environment")
    said = [f"{notice.owner} has {has} that may feel it: {names}."] if names else []
    for one in notice.findings:
        said += [f"{one.kind}: {one.subject}: {one.why}", f"Do:  {one.pay}"]
    return tuple(said)
