"""Contracts: the connection parameters that one version of a driver accepts, as the driver itself says it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager.core.connectors import Introspection, Method

# accepted: it has an effect. warned: it has, and the driver says something about it. ignored: the driver goes on
# without it. forwarded: handed on to another library or the server. rejected: the connection fails before the network.
Disposition = Literal["accepted", "rejected", "warned", "ignored", "forwarded", "unknown"]
DISPOSITIONS: tuple[Disposition, ...] = get_args(Disposition)
SCHEMA = 1

# What a name ends with whose value is a secret.
_SECRET = re.compile(
    r"(?:passw(?:or)?d|pwd|passphrase|(?:^|_)(?:passcode|secret|token|credentials?|private_key|api_key|access_key|pass))$",
    re.IGNORECASE,
)
# Other words before or within it say that it is about a secret, and none itself.
_ABOUT = re.compile(
    r"(?:^|_)(?:in|use|enable|disable|allow|validate|cache|store|request|refresh|is|has)_", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ParameterFact:
    """One parameter of one version. Defaults are in Python's words, and None where none is known.

    ``effective_default`` is what a connection has that was given nothing, where the driver lets that be read. ``note``
    is what the driver says when it is given.
    """

    name: str
    default: str | None = None
    effective_default: str | None = None
    type: str = ""
    secret: bool = False
    aliases: tuple[str, ...] = ()
    disposition: Disposition = "accepted"
    note: str = ""

    @property
    def known_default(self) -> str | None:
        """Give the effective default where it is known, else the declared one."""
        return self.default if self.effective_default is None else self.effective_default

    def to_json(self) -> dict[str, Any]:
        """Give the value of one name in ``parameters`` of ``connector params``."""
        return {
            "default": self.default,
            "effective_default": self.effective_default,
            "type": self.type,
            "secret": self.secret,
            "aliases": list(self.aliases),
            "disposition": self.disposition,
            **({"note": self.note} if self.note else {}),
        }


@dataclass(frozen=True, slots=True)
class Tried:
    """What a version does with a parameter that it does not list; ``note`` is what it says then."""

    name: str
    disposition: Disposition
    note: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """The parameters of one version of a distribution by name, sorted; ``native`` are its libraries' versions.

    ``unheard_of`` is what becomes of a parameter that no version knows; ``tried`` of those that were asked about and
    are none of its own. ``python`` is the line that it ran on, "" where nothing ran. ``stood_in`` are the versions of
    what it needs that were taken although it requires others, since those have no wheels.
    """

    distribution: str
    version: str
    method: Method
    parameters: tuple[ParameterFact, ...]
    native: tuple[tuple[str, str], ...] = ()
    unheard_of: Disposition = "unknown"
    tried: tuple[Tried, ...] = ()
    python: str = ""
    stood_in: tuple[tuple[str, str], ...] = ()
    by_name: Mapping[str, ParameterFact] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.parameters})

    def treats(self, name: str) -> Tried:
        """Say what this version does with a parameter, its own or not; ``unknown`` where that was never tried."""
        own = self.by_name.get(name)
        if own is not None:
            return Tried(name, own.disposition, own.note)
        return next((one for one in self.tried if one.name == name), Tried(name, "unknown"))


def hollow(contract: Contract, introspection: Introspection, previous: int = 0) -> str:
    """Say why an answer is none, or "": a hollow one is always an error, never a contract.

    ``previous`` is how many parameters the version before has, 0 where that is not known.
    """
    missing = [name for name in introspection.sentinels if name not in contract.by_name]
    count = len(contract.parameters)
    if missing:
        return f"it lacks {', '.join(missing)}, which every version has"
    if count < max(introspection.floor, 1):
        return f"{count} parameters, and every version has at least {max(introspection.floor, 1)}"
    if count * 2 < previous:
        return f"{count} parameters, less than half of the {previous} of the version before"
    return ""


def is_secret(name: str) -> bool:
    """Say whether a parameter's name means that its value is a secret."""
    return bool(_SECRET.search(name)) and not _ABOUT.search(name)


def to_json(contract: Contract) -> dict[str, Any]:
    """Give a contract as a file holds it; the same contract gives the same document."""
    return {
        "schema": SCHEMA,
        "distribution": contract.distribution,
        "version": contract.version,
        "method": contract.method,
        "python": contract.python,
        "native": dict(contract.native),
        **({"stood_in": dict(contract.stood_in)} if contract.stood_in else {}),
        "unheard_of": contract.unheard_of,
        "parameters": {one.name: one.to_json() for one in contract.parameters},
        "tried": {one.name: {"disposition": one.disposition, "note": one.note} for one in contract.tried},
    }


def from_json(found: Mapping[str, Any]) -> Contract:
    """Read what :func:`to_json` wrote; raises ValueError for anything else, another schema included."""
    try:
        if found["schema"] != SCHEMA:
            raise ValueError(f"a contract of schema {found['schema']!r}, not {SCHEMA}")
        return Contract(
            distribution=str(found["distribution"]),
            version=str(found["version"]),
            method=found["method"],
            parameters=tuple(_fact(name, one) for name, one in sorted(found["parameters"].items())),
            native=_versions(found["native"]),
            unheard_of=_disposition(found["unheard_of"]),
            tried=tuple(
                Tried(name, _disposition(one["disposition"]), str(one["note"]))
                for name, one in sorted(found["tried"].items())
            ),
            python=str(found["python"]),
            stood_in=_versions(found.get("stood_in", {})),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no contract: {type(error).__name__} {error}") from None


def _versions(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(name), str(version)) for name, version in found.items()))


def _fact(name: str, one: Mapping[str, Any]) -> ParameterFact:
    texts = [one["default"], one["effective_default"]]
    if not all(text is None or isinstance(text, str) for text in texts):
        raise ValueError(f"no contract: the default of {name} is no text")
    return ParameterFact(
        name=name,
        default=texts[0],
        effective_default=texts[1],
        type=str(one["type"]),
        secret=bool(one["secret"]),
        aliases=tuple(map(str, one["aliases"])),
        disposition=_disposition(one["disposition"]),
        note=str(one.get("note", "")),
    )


def _disposition(value: object) -> Disposition:
    if value not in DISPOSITIONS:
        raise ValueError(f"no contract: {value!r} is no disposition")
    return value
