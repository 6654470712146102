"""What a connector's file must say in itself: one main driver, parameters by one name each, sources that fit.

What it says of contracts, of ways to sign in and of deadlines is in :mod:`.contracting`, of servers and probes in
:mod:`.proving`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.core.catalog import canonical_name, did_you_mean
from manager.world.files import contracting, proving
from manager.world.files.consistency import Sound, tables, twice
from manager.world.files.judgement import Finding
from manager.world.files.secrecy import connector_secrets
from manager.world.files.values import misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.world.files.documents import Keys

_FIELD = re.compile(r"\{([^{}]*)\}")


def check(connectors: list[Sound], systems: dict[str, str] | None) -> Iterator[Finding]:
    """Check every connector, and that ids and source names are there once.

    ``systems`` has the suite of each, or is None when they cannot be read.
    """
    suites = None if systems is None else list(systems.values())
    yield from twice("connector", [(file, ("id",), data["id"]) for file, data in connectors if "id" in data])
    yield from twice(
        "source",
        [
            (file, ("source", index, "name"), one["name"])
            for file, data in connectors
            for index, one in tables(data, "source")
            if "name" in one
        ],
    )
    servers = proving.servers(connectors)
    for file, data in connectors:
        yield from _drivers(file, data)
        yield from proving.check(file, data, servers, None if systems is None else list(systems))
        spelled: dict[str, dict[str, Any]] = {}
        yield from _parameters(file, data, spelled)
        secret = {name for name, table in spelled.items() if table.get("secret") is True}
        yield from connector_secrets(file, data, secret)
        known = [str(table["name"]) for _, table in tables(data, "parameter") if "name" in table]
        for name in _FIELD.findall(str(data.get("url_template", ""))):
            if name not in ("scheme", *known):
                hint = did_you_mean(name, ["scheme", *known])
                yield Finding(file, ("url_template",), f"unknown parameter {{{name}}}", hint)
        yield from contracting.check(file, data, spelled)
        for index, table in tables(data, "source"):
            yield from _source(file, ("source", index), table, spelled, suites)


def _drivers(file: str, data: dict[str, Any]) -> Iterator[Finding]:
    drivers = list(tables(data, "driver"))
    yield from twice(
        "driver",
        [
            (file, ("driver", index, "dist"), canonical_name(one["dist"].partition("[")[0]))
            for index, one in drivers
            if "dist" in one
        ],
    )
    main = [index for index, one in drivers if one.get("main") is True]
    if drivers and not main:
        yield Finding(file, ("driver",), "no driver is the main one", "write main = true at one of them")
    for index in main[1:]:
        yield Finding(file, ("driver", index, "main"), "a second main driver", "exactly one driver is the main one")
    for index, one in drivers:
        if one.get("main") is True and one.get("role", "driver") != "driver":
            yield Finding(file, ("driver", index, "main"), f"a {one['role']} cannot be the main driver")


def _parameters(file: str, data: dict[str, Any], spelled: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    """Check names, aliases and defaults; fills ``spelled`` with the parameter of each way to write it."""
    called: dict[str, str] = {}
    canonical_names = {str(one.get("name")) for _, one in tables(data, "parameter")}
    for index, table in tables(data, "parameter"):
        keys: Keys = ("parameter", index)
        names = [((*keys, "name"), table.get("name"))]
        names += [((*keys, "aliases", place), alias) for place, alias in enumerate(table.get("aliases") or ())]
        for at, name in names:
            if name is None:
                continue
            if name in spelled:
                yield Finding(file, at, f"duplicate parameter {name!r}: a name or an alias of it stands above")
            spelled.setdefault(name, table)
        if (why := misfit(table.get("default", ""), table)) and table.get("default", "") != "":
            yield Finding(file, (*keys, "default"), why)
        yield from contracting.secure(file, keys, table, canonical_names)
        yield from contracting.instead(file, keys, table, canonical_names)
    # What a driver calls one parameter names no other, wherever that stands: a URL with it has to mean one of them.
    for index, table in tables(data, "parameter"):
        if theirs := table.get("driver_name"):
            holder = called.get(theirs) or spelled.get(theirs, table).get("name")
            if holder != table.get("name"):
                why = f"{theirs!r} names {holder} already"
                at = ("parameter", index, "driver_name")
                yield Finding(file, at, why, "each parameter has a name of its own in the driver")
            called.setdefault(theirs, str(table.get("name")))


def _source(
    file: str, keys: Keys, table: dict[str, Any], spelled: dict[str, dict[str, Any]], suites: list[str] | None
) -> Iterator[Finding]:
    suite = table.get("suite", "")
    if suite and suites is not None and suite not in suites:
        yield Finding(file, (*keys, "suite"), f"unknown system {suite!r}", did_you_mean(suite, suites))
    canonical_names = {str(one.get("name")) for one in spelled.values()}
    for name, value in (table.get("parameters") or {}).items():
        at = (*keys, "parameters", name)
        if name not in canonical_names:
            meant = f"write {spelled[name].get('name')}" if name in spelled else ""
            hint = meant or did_you_mean(name, sorted(canonical_names))
            yield Finding(file, at, f"{name!r} is no canonical parameter of this connector", hint)
        # The value of a secret must not be echoed, not even in a message.
        elif spelled[name].get("secret") is not True and (why := misfit(value, spelled[name])):
            yield Finding(file, at, why)
