"""What a connector's file says of how it is proven: servers of its sources, its probes, failures that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from manager.core.catalog import did_you_mean
from manager.world.files.consistency import tables, twice
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.world.files.consistency import Sound
    from manager.world.files.documents import Keys


def servers(connectors: list[Sound]) -> list[str]:
    """Name the sources that have a server of their own, which others may use as well."""
    return [
        str(one["name"])
        for _, data in connectors
        for _, one in tables(data, "source")
        if "name" in one and not one.get("embedded") and one.get("service", "") in ("", one["name"])
    ]


def check(file: str, data: dict[str, Any], there: list[str], systems: list[str] | None) -> Iterator[Finding]:
    """Check one connector; ``there`` are the servers of all of them, ``systems`` None where they cannot be read."""
    for index, table in tables(data, "source"):
        yield from _server(file, ("source", index), table, there)
    probes = list(tables(data, "probe"))
    yield from twice("probe", [(file, ("probe", index, "id"), one["id"]) for index, one in probes if "id" in one])
    for index, table in probes:
        if table.get("demand") in ("optional", "unsupported") and not str(table.get("reason", "")).strip():
            why = f"{table.get('id', 'a probe')} is {table['demand']} and nobody says why"
            yield Finding(file, ("probe", index), why, "give its reason")
    for index, table in tables(data, "known"):
        yield from _known(file, ("known", index), table, data)
        for place, system in enumerate(table.get("systems") or ()):
            if system and systems is not None and system not in systems:
                hint = did_you_mean(system, systems)
                yield Finding(file, ("known", index, "systems", place), f"unknown system {system!r}", hint)


def _server(file: str, keys: Keys, table: dict[str, Any], there: list[str]) -> Iterator[Finding]:
    service = table.get("service", "")
    if table.get("embedded"):
        for name in ("service", "suite"):
            if table.get(name):
                why = "an engine in the process has no server"
                yield Finding(file, (*keys, name), why, f"leave out {name} or embedded")
    elif service and service not in there:
        why = f"{service!r} is no source with a server of its own"
        yield Finding(file, (*keys, "service"), why, did_you_mean(service, there))
    elif service and service != table.get("name") and table.get("suite"):
        why = f"its server is that of {service}, which says what it stands on"
        yield Finding(file, (*keys, "suite"), why, "leave it out")


def _known(file: str, keys: Keys, table: dict[str, Any], data: dict[str, Any]) -> Iterator[Finding]:
    """A failure is known of a driver and of sources that the connector has."""
    dists = [str(one.get("dist", "")).partition("[")[0] for _, one in tables(data, "driver")]
    if (driver := table.get("driver", "")) and driver not in dists:
        why = f"{driver!r} is no driver of this connector"
        yield Finding(file, (*keys, "driver"), why, did_you_mean(driver, dists))
    if (signature := str(table.get("signature", ""))) and not signature.strip("* "):
        why = "it would excuse every failure of the probe"
        yield Finding(file, (*keys, "signature"), why, "write how the failure looks:  solvent check show -o json")
    try:
        SpecifierSet(str(table.get("versions", "")))
    except InvalidSpecifier:
        why = f"{table['versions']!r} says no versions"
        yield Finding(file, (*keys, "versions"), why, 'write it as packages do, such as "<5" or ">=3.1,<3.3"')
    named = [str(one.get("name")) for _, one in tables(data, "source")]
    for place, source in enumerate(table.get("sources") or ()):
        if source and source not in named:
            why = f"{source!r} is no source of this connector"
            yield Finding(file, (*keys, "sources", place), why, did_you_mean(source, named))
