"""Parsed TOML becomes the core's values. The shape was judged before; nothing here complains."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.core.catalog import Fact, Place
from manager.core.checks import Known
from manager.core.connectors import (
    Authentication,
    Connector,
    Deadline,
    Driver,
    Introspection,
    Parameter,
    ProbeDemand,
    Source,
)
from manager.core.driver_decisions import DriverDecision
from manager.core.lifecycle import Bound, Period, Policy, Terms
from manager.core.overrides import Override
from manager.core.sets import Apart, PackageSet
from manager.core.suites import Expected, Suite
from manager.core.systems import Artifact, System
from manager.world.files.positions import array_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from manager.world.files.documents import Document

# The dates of a release that its table may fix; the rest of them follow from the policy.
FIXED = ("deprecated", "create_block", "end_of_life", "restart_block", "remove_after")
# The keys of a policy that are periods.
PERIODS = (
    "active_for",
    "deprecate_before",
    "create_block_before",
    "restart_block_after",
    "remove_after",
    "minimum_notice",
    "extend_at_most",
)
# The keys of a release that name the line of a component below the IDE; its system names another.
AXES = ("python", "r", "node")
# An IDE's own line, where its requirement names one: jupyterlab==4.6.* is of the line 4.6.
_IDE_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*[=~]=\s*(?P<line>\d+\.\d+)")


def system(name: str, table: Mapping[str, Any], root: Path) -> System:
    """Make an operating-system base; files of artifacts lie below the catalog's root."""
    named = {"suite": "", **_tuples(table)}
    return System(id=name, artifacts=artifacts(named.pop("artifact", ()), root), **named)


def artifacts(tables: Iterable[Mapping[str, Any]], root: Path) -> tuple[Artifact, ...]:
    """Make the artifacts of a system or a family; files lie below the catalog's root."""
    return tuple(
        Artifact(
            origin=one["url"] if "url" in one else str(root / one["file"]),
            **{key: value for key, value in one.items() if key not in ("url", "file")},
        )
        for one in tables
    )


def facts(document: Document) -> tuple[Fact, ...]:
    """Make the facts about upstream support."""
    return tuple(fact(table) for table in document.data["fact"])


def fact(table: Mapping[str, Any]) -> Fact:
    """Make one fact; without ``ends`` it says that the end is undecided."""
    return Fact(**{"ends": None, **table})


def known_facts(tables: Iterable[Mapping[str, Any]]) -> dict[str, Fact]:
    """Make the facts of tables of which some may lack what they need, by component."""
    needed = {"component", "source", "as_of"}
    return {table["component"]: fact(table) for table in tables if needed <= table.keys()}


def package_sets(document: Document) -> tuple[PackageSet, ...]:
    """Make the package sets."""
    tables = document.data["set"]
    places = (Place(document.file, line) for line in array_lines(document.text, "set", len(tables)))
    return tuple(
        PackageSet(place=place, **_tuples(table) | {"apart": tuple(map(_apart, table.get("apart", ())))})
        for table, place in zip(tables, places, strict=True)
    )


def _apart(table: Mapping[str, Any]) -> Apart:
    return Apart(**_tuples(table))


def policy(table: Mapping[str, Any]) -> Policy:
    """Make a policy; what is not set keeps the core's default. ValueError for a malformed period."""
    values = _tuples(table)
    return Policy(**values | {key: Period.parse(values[key]) for key in PERIODS if key in values})


def override(file: str, data: Mapping[str, Any]) -> Override:
    """Make an override; ``from`` is a freeze's first day."""
    given = {("since" if key == "from" else key): value for key, value in data.items()}
    return Override(place=Place(file, 1), **given)


def decision(file: str, data: Mapping[str, Any]) -> DriverDecision:
    """Make a decision about drivers of what its file says."""
    return DriverDecision(place=Place(file, 1), **data)


def terms(table: Mapping[str, Any], rule: Policy, suites: Mapping[str, str], known: Mapping[str, Fact]) -> Terms:
    """Give what a release's schedule follows from.

    ``suites`` gives the Debian suite of each system, ``known`` the facts by component. Components are whatever axes
    the release has: its Python, R and Node, its suite, and its IDE's line; the end of one without a fact is undecided.
    """
    components = [f"{axis} {table[axis]}" for axis in AXES if table.get(axis)]
    if suite := suites.get(table.get("system", "")):
        components.append(f"debian {suite}")
    if match := _IDE_LINE.match(table.get("ide", "")):
        components.append(f"{match['name'].lower()} {match['line']}")
    fixed = tuple((key, table[key]) for key in FIXED if table.get(key) is not None)
    return Terms(table["released"], rule, tuple(_bound(name, known.get(name)) for name in components), fixed)


def _bound(component: str, fact: Fact | None) -> Bound:
    return Bound(component, fact.ends, fact.source, fact.as_of) if fact else Bound(component, None)


def connector(document: Document, suite: Document | None) -> Connector:
    """Make a connector with its drivers, canonical parameters and shipped sources, and what its ``suite.toml`` says."""
    data = document.data
    return Connector(
        id=data["id"],
        title=data["title"],
        kind=data["kind"],
        tier=data["tier"],
        owners=tuple(data["owners"]),
        drivers=tuple(_driver(table) for table in data["driver"]),
        parameters=tuple(_parameter(table) for table in data.get("parameter", ())),
        sources=tuple(_source(data["id"], table) for table in data.get("source", ())),
        url_template=data["url_template"],
        place=Place(document.file, 1),
        licence=data.get("licence", ""),
        state=data.get("state", "active"),
        system_packages=tuple(data.get("system_packages", ())),
        authentication=tuple(_authentication(table) for table in data.get("authentication", ())),
        deadlines=tuple(Deadline(**table) for table in data.get("deadline", ())),
        not_run=data.get("not_run", ""),
        known=tuple(Known(**_tuples(table)) for table in data.get("known", ())),
        demands=tuple(
            ProbeDemand(table["id"], table["demand"], table.get("reason", "")) for table in data.get("probe", ())
        ),
        suite=_suite(suite.data) if suite else None,
    )


def _suite(data: Mapping[str, Any]) -> Suite:
    rules = data.get("requirements", {})
    return Suite(
        opened=tuple(rules.get("open", ())),
        closed=tuple(rules.get("closed", ())),
        expected=tuple(Expected(**_tuples(table)) for table in data.get("expected", ())),
        drivers=tuple(data.get("drivers", ())),
        keys=data.get("keys", ""),
    )


def _driver(table: Mapping[str, Any]) -> Driver:
    values = {key: value for key, value in _tuples(table).items() if key not in ("import", "contract")}
    contract = Introspection(**_tuples(table["contract"])) if "contract" in table else None
    return Driver(import_name=table["import"], contract=contract, **values)


def _parameter(table: Mapping[str, Any]) -> Parameter:
    values = {"driver_name": table["name"], **_tuples(table)}
    values["secure_with"] = tuple(table.get("secure_with", {}).items())
    return Parameter(**values | {name: scalar(table.get(name, "")) for name in ("default", "secure")})


def _authentication(table: Mapping[str, Any]) -> Authentication:
    sets = tuple((key, scalar(value)) for key, value in table.get("sets", {}).items())
    return Authentication(**{"needs": (), **_tuples(table), "sets": sets})


def _source(connector_id: str, table: Mapping[str, Any]) -> Source:
    parameters = tuple((key, scalar(value)) for key, value in table.get("parameters", {}).items())
    return Source(connector=connector_id, **{**table, "parameters": parameters})


def scalar(value: str | int) -> str:
    """Write a parameter's value as text; booleans as TOML does."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def misfit(value: str | int, table: dict[str, Any]) -> str:
    """Say why a value does not fit its parameter's type, or nothing."""
    text, wanted = scalar(value), table.get("type", "string")
    if wanted == "integer" and not re.fullmatch(r"-?[0-9]{1,18}", text):
        return f"must be an integer, not {text!r}"
    if "\0" in text:
        return "contains a NUL character, which no driver takes"
    if wanted == "boolean" and text not in ("true", "false"):
        return f"must be true or false, not {text!r}"
    return ""


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
