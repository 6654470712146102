"""What a version of a driver makes of a saved connection: parameters that it drops, renames, ignores or turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.core.contract_changes import SEVERITIES, difference, is_security, touched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.connections import Connection
    from manager.core.connectors import Connector
    from manager.core.contract_changes import ContractChange, Kind, Severity
    from manager.core.contracts import Contract, Disposition

# What a version does with a parameter: how bad that is, what it does, and what to do about it.
_TREATED: dict[Disposition, tuple[Severity, str, str]] = {
    "ignored": ("high", "ignores it", "it has no effect: take it out"),
    "rejected": ("high", "refuses a connection with it", "take it out"),
    "warned": ("low", "takes it with a warning", ""),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a connection for a version; ``kind`` is that of a change of contracts."""

    parameter: str
    kind: Kind
    severity: Severity
    message: str
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give one of ``findings`` of ``connection lint``."""
        return {
            "parameter": self.parameter,
            "kind": self.kind,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint or None,
        }


def lint(
    connector: Connector, connection: Connection, now: Contract, before: Contract | None = None
) -> tuple[Finding, ...]:
    """Say what is wrong with a connection for the version of ``now``, the worst first; each parameter once.

    With ``before``, the contract of the version that it has today, also what moves under its feet: defaults that turn
    although it says nothing of them. A type that is written otherwise, and a new parameter, are no findings.
    """
    found = [*_given(connector, connection, now)]
    if before is not None:
        changes = touched(connector, connection, difference(before, now))
        found += [_moved(one, now) for one in changes if one.kind not in ("type", "added")]
    once: dict[str, Finding] = {}
    for one in sorted(found, key=_order):
        # A new name says more than that the old one is not known any more.
        if one.parameter not in once or (one.kind == "renamed" and once[one.parameter].kind != "renamed"):
            once[one.parameter] = one
    return tuple(sorted(once.values(), key=_order))


def _order(one: Finding) -> tuple[int, str]:
    return SEVERITIES.index(one.severity), one.parameter


def _given(connector: Connector, connection: Connection, now: Contract) -> Iterator[Finding]:
    """Judge every parameter that the connection gives, by what the version does with it."""
    spelt = {name.lower(): name for name in now.by_name}
    driver = {one.name: one.driver_name for one in connector.parameters}
    what = f"{now.distribution} {now.version}"
    for name in sorted({*dict(connection.parameters), *dict(connection.secrets)}):
        said = driver.get(name, name)
        there = now.treats(spelt.get(said.lower(), said))
        disposition = there.disposition
        if disposition == "unknown" and there.name not in now.by_name:
            disposition = now.unheard_of
        if disposition in _TREATED:
            severity, does, hint = _TREATED[disposition]
            words = f": {there.note}" if there.note else ""
            yield Finding(said, "disposition", severity, f"{what} {does}{words}", hint)


def _moved(one: ContractChange, now: Contract) -> Finding:
    """Put a change of contracts into words for whoever has the connection."""
    what = f"{now.distribution} {now.version}"
    if one.kind == "removed":
        return Finding(one.name, one.kind, one.severity, f"{what} does not have it any more", "take it out")
    if one.kind == "renamed":
        return Finding(one.name, one.kind, one.severity, f"{what} calls it {one.after}", f"give {one.after} instead")
    if one.kind == "default":
        message = f"its default turns from {one.before} to {one.after} with {what}"
        more = ", and it decides about security" if is_security(one.name) else ""
        return Finding(one.name, one.kind, one.severity, message + more, f"to stay as it is, give it: {one.before}")
    if one.kind == "secret":
        return Finding(one.name, one.kind, one.severity, f"with {what} its value is {one.after}, and was {one.before}")
    words = f": {one.note}" if one.note else ""
    return Finding(
        one.name, one.kind, one.severity, f"{what} treats it otherwise: {one.after}, and {one.before} before{words}"
    )
