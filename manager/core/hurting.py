"""Saved connections that a version of a driver would hurt: what blocks it as a candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.core.amounts import few
from manager.core.lint import lint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.connections import Connection
    from manager.core.connectors import Connector
    from manager.core.contracts import Contract
    from manager.core.lint import Finding

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Hurt:
    """A saved connection with the findings of high severity that a version brings it."""

    connection: str
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Give one of ``connections`` of a version of ``connector explain``."""
        return {"name": self.connection, "findings": [one.to_json() for one in self.findings]}


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a version does to saved connections; ``unread`` is the command that finds it out, where nobody knows.

    Without ``blocking`` those that it hurts are only named: they keep nobody from taking it.
    """

    hurts: tuple[Hurt, ...] = ()
    unread: str = ""
    blocking: bool = True

    @property
    def words(self) -> str:
        """Say which connections are hurt, and by what; "" for none."""
        if not self.hurts:
            return ""
        each = (f"{one.connection} ({', '.join(f.parameter for f in one.findings)})" for one in self.hurts)
        worst = self.hurts[0].findings[0]
        return f"it hurts saved connections: {few(tuple(each), _NAMED)}; {worst.parameter}: {worst.message}"


def hurt(
    connector: Connector, connections: Iterable[Connection], now: Contract, before: Contract | None
) -> tuple[Hurt, ...]:
    """Name the connections that the version of ``now`` hurts, by name.

    What the version of ``before`` does to them as well keeps nobody from moving on.
    """
    found = []
    for one in sorted(connections, key=lambda one: one.name):
        had = {_kind(each) for each in lint(connector, one, before) if each.severity == "high"} if before else ()
        new = lint(connector, one, now, before)
        worse = tuple(each for each in new if each.severity == "high" and _kind(each) not in had)
        if worse:
            found.append(Hurt(one.name, worse))
    return tuple(found)


def _kind(one: Finding) -> tuple[str, ...]:
    """Give what two versions do alike: messages name the version, and repeat what a driver said."""
    return one.parameter, one.kind, one.hint
