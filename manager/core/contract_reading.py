"""The probe's answer becomes a contract; whatever a driver made it say, nothing here raises anything but ValueError."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.core.contract_values import VARIES, normal_default, normal_type, setting
from manager.core.contracts import Contract, ParameterFact, Tried, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager.core.connectors import Connector, Driver, Method

UNHEARD_OF = "solvent_no_such_parameter"
_PLAIN = ""
# How drivers word that they do not know a parameter; one that they know gets other warnings.
_UNKNOWN = re.compile(
    r"unknown|unrecogni[sz]ed|unexpected|unsupported|invalid|ignor|no effect|no longer|not (?:a |an )?(?:known|valid"
    r"|supported|recogni[sz]ed|used)|no such",
    re.IGNORECASE,
)
_REJECTED = re.compile(
    r"unexpected|unknown|unrecogni[sz]ed|unsupported|invalid|not (?:a |an )?\w*|no such", re.IGNORECASE
)
_MISFITS = ("TypeError", "AttributeError", "ImportError", "ModuleNotFoundError", "NameError")
_LONGEST_NOTE = 300
_MOST = 2000


def read(answer: Mapping[str, Any], connector: Connector, driver: Driver, version: str) -> Contract:
    """Read what the probe printed about a version of a driver; raises ValueError for what is none."""
    if driver.contract is None:
        raise ValueError(f"nothing says how {driver.name} is asked")
    try:
        rows = answer["parameters"]
        if not isinstance(rows, list) or len(rows) > _MOST:
            raise ValueError("the answer holds no list of parameters")
        around = {str(key): str(value) for key, value in answer["environment"].items()}
        tries = {str(name): list(events) for name, events in answer["tries"].items()}
        known = {str(row["name"]) for row in rows}
        seen = {
            name: judged(name, events, tries.get(_PLAIN, []), known=name in known) for name, events in tries.items()
        }
        return Contract(
            distribution=driver.name,
            version=version,
            method=driver.contract.method,
            parameters=tuple(
                sorted(_facts(rows, connector, around, version, seen, driver.contract.method), key=lambda one: one.name)
            ),
            native=tuple(sorted((str(name)[:100], str(one)[:100]) for name, one in answer["native"])),
            unheard_of=seen[UNHEARD_OF].disposition if UNHEARD_OF in seen else "unknown",
            tried=tuple(seen[name] for name in sorted(seen) if name not in known and name not in (_PLAIN, UNHEARD_OF)),
            python=str(answer["python"]),
            stood_in=tuple((str(name), str(one)) for name, one in answer.get("stood_in", ())),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the answer is none: {type(error).__name__} {error}") from None


def curated(connector: Connector, driver: Driver, version: str) -> Contract:
    """Give the contract that people keep, of a driver that cannot be asked: the connector's own parameters."""
    facts = [
        ParameterFact(
            name=one.driver_name,
            default=repr(one.default) if one.default else None,
            type={"string": "str", "path": "str", "integer": "int", "boolean": "bool"}[one.type],
            secret=one.secret,
            aliases=tuple(sorted({one.name, *one.aliases} - {one.driver_name})),
            disposition="unknown",
        )
        for one in connector.parameters
    ]
    unique = {one.name: one for one in facts}
    return Contract(driver.name, version, "curated", tuple(unique[name] for name in sorted(unique)))


def _facts(
    rows: Sequence[Mapping[str, Any]],
    connector: Connector,
    around: Mapping[str, str],
    version: str,
    seen: Mapping[str, Tried],
    asked: Method,
) -> Iterator[ParameterFact]:
    names = {str(row["name"]) for row in rows}
    secrets = {one.driver_name for one in connector.parameters if one.secret}
    taken: set[str] = set()
    for row in rows:
        name, varies = str(row["name"])[:200], row.get("varies", ())
        if name in taken:
            continue
        taken.add(name)
        default, effective = (
            VARIES if key in varies else normal_default(_text(row[key]), around, version)
            for key in ("default", "effective")
        )
        if asked == "libpq" and name == "user":
            # The name of whoever runs it (libpq's documentation, "Parameter Key Words").
            effective = VARIES
        if asked == "query":
            default = setting(name, default)
        told = seen.get(name, Tried(name, "accepted"))
        # What the driver says comes first; what it does not say, the name tells.
        secret = row["secret"] if isinstance(row["secret"], bool) else is_secret(name)
        declared = {str(one) for one in row["aliases"]} | set(_instead(name, seen, names))
        yield ParameterFact(
            name=name,
            default=default,
            effective_default=effective,
            type=normal_type(str(row["type"]), default),
            secret=secret or name in secrets,
            aliases=tuple(sorted(declared)),
            disposition="accepted" if told.disposition == "unknown" else told.disposition,
            note=told.note,
        )


def _instead(name: str, seen: Mapping[str, Tried], names: set[str]) -> Iterator[str]:
    """Give the parameters that the driver itself says this one is used instead of, when they are given."""
    for one in seen.values():
        if one.note and one.name not in ("", name) and name in names:
            words = re.findall(r"(?:use|instead of|replaced by|renamed to|favou?r of)\s+['\"`]?(\w+)", one.note)
            if words[:1] == [name]:
                yield one.name


def judged(name: str, events: Sequence[Any], plain: Sequence[Any], *, known: bool) -> Tried:
    """Say what a driver does with a parameter, from what happened when it was given one beside a plain connection."""
    happened = [one for one in events if isinstance(one, dict)]
    before = [one for one in plain if isinstance(one, dict)]
    about = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")

    def new(key: str) -> list[str]:
        usual = {str(one[key]) for one in before if key in one}
        return [str(one[key]) for one in happened if key in one and str(one[key]) not in usual]

    for text in new("text"):
        if about.search(text) and _REJECTED.search(text) and not (known and "keyword argument" not in text):
            return Tried(name, "rejected", _note(text))
    said = [text for text in new("warned") if about.search(text)]
    asked = any(one.get("asked") is True for one in happened)
    if said:
        ignored = _UNKNOWN.search(said[0]) and not (known or asked)
        return Tried(name, "ignored" if ignored else "warned", _note(said[0]))
    if any("forwarded" in one for one in happened):
        return Tried(name, "forwarded")
    # A plain connection that its own arguments did not fit says nothing about one more.
    broken = any(one.get("raised") in _MISFITS for one in before)
    if broken or not happened or not before or _ended(happened) != _ended(before):
        return Tried(name, "accepted" if known or asked else "unknown")
    return Tried(name, "accepted" if known or asked else "ignored")


def _ended(events: Sequence[Mapping[str, Any]]) -> str:
    """Say how far a connection came: what waits has reached the network as well."""
    raised = next((str(one["raised"]) for one in events if "raised" in one), "")
    ended = next((str(one["ended"]) for one in events if "ended" in one), "")
    return raised or ("reached" if ended in ("reached", "waits") else ended)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _note(text: str) -> str:
    flat = "".join(letter if letter.isprintable() else " " for letter in text)
    return re.sub(r"\s+", " ", flat).strip()[:_LONGEST_NOTE]


def names_to_try(connector: Connector, driver: Driver) -> Mapping[str, str]:
    """Name the parameters whose disposition is always tried: the connector's own, by the names that drivers have."""
    if not driver.main:
        return {}
    return {name: "" for one in connector.parameters for name in (one.driver_name, *one.aliases)}
