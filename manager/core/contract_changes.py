"""What one version of a driver does otherwise than another: changes of a contract, each with what it means."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from manager.core.contract_values import VARIES, same_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.core.connections import Connection
    from manager.core.connectors import Connector
    from manager.core.contracts import Contract, ParameterFact

Kind = Literal["added", "removed", "renamed", "default", "type", "secret", "disposition"]
Severity = Literal["high", "medium", "low"]
# The worst first.
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
_KINDS: tuple[Kind, ...] = ("removed", "renamed", "disposition", "default", "secret", "type", "added")

# Words in names of parameters that decide whom one talks to, who can listen, and what a server may ask for.
_SECURITY = frozenset(
    {"ssl", "tls", "cert", "certs", "certificate", "certificates", "verify", "hostname", "ocsp", "crl", "insecure",
     "encrypt", "encryption", "encrypted", "auth", "authentication", "authenticator", "gssencmode", "gssapi", "channel",
     "trust", "trusted", "cipher", "ciphers", "secure", "infile", "revocation", "ca", "require", "unsafe", "fips"}
)  # fmt: skip

# What says nothing about a value: none known, one of the machine's, a mark of the driver for "not given".
_UNREADABLE = {None, VARIES, "<object object>"}
# Spellings of nothing given, which a driver asks for by ``if value``; for security they are three values.
_NOTHING = ({"None", "False"}, {"None", "''"}, {"False", "''"}, {"None", "{}"}, {"None", "[]"}, {"None", "()"})
_NUMBER = re.compile(r"-?\d+(\.\d*)?(e[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One change; ``before`` and ``after`` are what the kind speaks of, None where there is nothing."""

    kind: Kind
    name: str
    before: str | None
    after: str | None
    severity: Severity
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give one of ``changes`` of ``connector params --from --to``."""
        return {
            "kind": self.kind,
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "severity": self.severity,
            **({"note": self.note} if self.note else {}),
        }


def is_security(name: str) -> bool:
    """Say whether a parameter's name means that it decides about security."""
    words = {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Za-z][a-z]*", name)}
    return bool(words & _SECURITY) or any(word.startswith(("ssl", "tls")) for word in words)


def gone(before: Contract, after: Contract) -> tuple[str, ...]:
    """Name the parameters that a version no longer has, sorted: what becomes of them there has to be tried."""
    return tuple(one.name for one in before.parameters if one.name not in after.by_name)


def counts(changes: Iterable[ContractChange]) -> dict[str, int]:
    """Give ``counts`` of ``connector params --from --to``: all but what was added and removed counts as changed."""
    kinds = Counter(one.kind for one in changes)
    removed, added = kinds.pop("removed", 0), kinds.pop("added", 0)
    return {"added": added, "removed": removed, "changed": sum(kinds.values())}


def touched(
    connector: Connector, connection: Connection, changes: Iterable[ContractChange]
) -> tuple[ContractChange, ...]:
    """Give the changes that a saved connection feels.

    Of a default those feel it that do not give the parameter; of everything else those that do. What the connector
    gives by itself counts as given.
    """
    told = dict(connection.parameters) | dict(connection.secrets)
    given = {one.driver_name for one in connector.parameters if one.name in told or one.default}
    given |= {name for name in told if all(name != one.name for one in connector.parameters)}
    return tuple(
        one
        for one in changes
        if one.kind != "added" and (one.name in given or one.before in given) is (one.kind != "default")
    )


def difference(before: Contract, after: Contract) -> tuple[ContractChange, ...]:
    """Give what ``after`` does otherwise than ``before``, the worst first.

    What is not known of one of the two is no change. What became of removed parameters has to be in ``after.tried``.
    """
    found: list[ContractChange] = []
    renamed = dict(_renamed(before, after))
    for name in gone(before, after):
        found += _gone(before.by_name[name], after, renamed.get(name, ""))
    for one in after.parameters:
        if one.name in before.by_name:
            found += _kept(before.by_name[one.name], one)
        elif one.name not in renamed.values():
            found.append(ContractChange("added", one.name, None, one.known_default, "low"))
    for old, new in renamed.items():
        if new not in before.by_name:
            # Under its new name it may be another one, too.
            found += _kept(before.by_name[old], after.by_name[new], another=_plain(old) != _plain(new))
    return tuple(sorted(found, key=lambda one: (SEVERITIES.index(one.severity), _KINDS.index(one.kind), one.name)))


def _renamed(before: Contract, after: Contract) -> Iterator[tuple[str, str]]:
    """Give old and new names: of declared aliases, else of names of which only the spelling differs."""
    removed = gone(before, after)
    added = [one.name for one in after.parameters if one.name not in before.by_name]
    spelt = Counter(map(_plain, removed)), Counter(map(_plain, added))
    taken: set[str] = set()
    for old in removed:
        fact = before.by_name[old]
        declared = [one.name for one in after.parameters if old in one.aliases]
        declared += [name for name in added if name in fact.aliases]
        like = [name for name in added if _plain(name) == _plain(old)]
        unique = spelt[0][_plain(old)] == spelt[1][_plain(old)] == 1
        new = next((name for name in [*declared, *(like if unique else ())] if name not in taken), "")
        if new:
            taken.add(new)
            yield old, new


def _plain(name: str) -> str:
    return name.lstrip("_").lower()


def _gone(one: ParameterFact, after: Contract, new: str) -> Iterator[ContractChange]:
    there = after.treats(one.name)
    security = is_security(one.name)
    swallowed = there.disposition == "ignored"
    if new:
        works = there.disposition in ("accepted", "warned")
        yield ContractChange("renamed", one.name, one.name, new, "low" if works and not security else "medium")
    else:
        severity: Severity = "high" if swallowed or security else "medium"
        yield ContractChange("removed", one.name, one.known_default, None, severity)
    if there.disposition not in ("unknown", one.disposition):
        worst: Severity = "high" if swallowed else "medium" if there.disposition == "rejected" or security else "low"
        yield ContractChange("disposition", one.name, one.disposition, there.disposition, worst, there.note)


def _kept(old: ParameterFact, new: ParameterFact, *, another: bool = False) -> Iterator[ContractChange]:
    security = is_security(new.name)
    was, now = _defaults(old, new)
    if was != now and not _incomparable(was, now, another) and (security or {was, now} not in _NOTHING):
        yield ContractChange("default", new.name, was, now, "high" if security else "medium")
    if old.type and new.type and not same_type(old.type, new.type):
        yield ContractChange("type", new.name, old.type, new.type, "low")
    if old.secret != new.secret:
        words = {True: "secret", False: "not secret"}
        severity: Severity = "high" if old.secret else "medium"
        yield ContractChange("secret", new.name, words[old.secret], words[new.secret], severity)
    if old.disposition != new.disposition and "unknown" not in (old.disposition, new.disposition):
        severity = "high" if new.disposition == "ignored" or (security and new.disposition == "rejected") else "medium"
        if new.disposition in ("accepted", "forwarded"):
            severity = "low"
        yield ContractChange("disposition", new.name, old.disposition, new.disposition, severity, new.note)


def _defaults(old: ParameterFact, new: ParameterFact) -> tuple[str | None, str | None]:
    """Compare like with like: what is in effect as far as it is known, but never where both declare the same."""
    if None in (old.effective_default, new.effective_default) and old.default == new.default:
        return old.default, new.default
    security = is_security(new.name)
    return _effect(old, security), _effect(new, security)


def _effect(one: ParameterFact, security: bool) -> str | None:
    """Give what is in effect, None where that is not known: a declared None leaves it to the driver.

    Where security is at stake, even that is said.
    """
    if one.effective_default is None and one.default == "None" and not security:
        return None
    return one.known_default


def _incomparable(was: str | None, now: str | None, another: bool) -> bool:
    if _UNREADABLE & {was, now} or was is None or now is None:
        return True
    # A number under another name may count in another unit, or say in its own way that there is none.
    if another and any(map(_NUMBER.fullmatch, (was, now))):
        return True
    # A number that was written as text is that number: its type says so.
    if was.strip("'") == now.strip("'"):
        return True
    # A switch that became a choice between words: its type says so, and no word tells which of them it was.
    return len({was, now} & {"True", "False"}) == 1 and any(one.startswith("'") and len(one) > 2 for one in (was, now))
