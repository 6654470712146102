"""The file of shared connections: what it must say, what becomes of it, and nothing secret in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.catalog import Place, did_you_mean
from manager.core.connections import network_problem
from manager.core.secrecy import looks_secret
from manager.core.sharing import SharedConnection, usual_needs
from manager.world.files.judgement import Finding
from manager.world.files.positions import array_lines
from manager.world.files.secrecy import HINT
from manager.world.files.values import misfit, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager.core.connectors import Connector
    from manager.world.files.consistency import Sound
    from manager.world.files.documents import Document, Keys


def connections(document: Document, known: Mapping[str, Connector]) -> Iterator[SharedConnection]:
    """Make the shared connections; ``known`` are the connectors by id."""
    tables = document.data.get("connection", ())
    lines = array_lines(document.text, "connection", len(tables))
    for table, line in zip(tables, lines, strict=True):
        given = {key: scalar(value) for key, value in table.get("parameters", {}).items()}
        source = table.get("source", "")
        needs = table.get("needs")
        yield SharedConnection(
            name=table["name"],
            connector=table["connector"],
            parameters=tuple(sorted(given.items())),
            needs=usual_needs(known[table["connector"]], given, source) if needs is None else tuple(needs),
            place=Place(document.file, line),
            source=source,
            network=table.get("network", ""),
            description=table.get("description", ""),
            owner=table["owner"],
        )


def check(files: list[Sound], connectors: list[Sound], complete: bool) -> Iterator[Finding]:
    """Check shared connections against their connectors.

    ``complete`` says that every connector's file could be read: only then can a name be unknown.
    """
    from manager.world.files.consistency import tables, twice

    named = {str(data["id"]): data for _, data in connectors if "id" in data}
    found = [(file, ("connection", index), one) for file, data in files for index, one in tables(data, "connection")]
    yield from twice("connection", [(file, (*keys, "name"), one["name"]) for file, keys, one in found if "name" in one])
    for file, keys, table in found:
        yield from _reached(file, keys, table, named, complete)
        yield from _secrets(file, keys, table)
        connector = named.get(str(table.get("connector")))
        if connector is not None:
            yield from _parameters(file, keys, table, connector)
        elif complete and "connector" in table:
            hint = did_you_mean(str(table["connector"]), list(named))
            yield Finding(file, (*keys, "connector"), f"unknown connector {table['connector']!r}", hint)


def _reached(
    file: str, keys: Keys, table: dict[str, Any], named: dict[str, dict[str, Any]], complete: bool
) -> Iterator[Finding]:
    """Check source and network: one way leads there."""
    source, network = str(table.get("source", "")), str(table.get("network", ""))
    if source and network:
        why = "a source is reached through its own network"
        yield Finding(file, (*keys, "network"), why, "leave out source or network")
    if why := network_problem(network):
        yield Finding(file, (*keys, "network"), why)
    tables = [
        (name, one)
        for name, data in named.items()
        for one in data.get("source") or ()
        if isinstance(one, dict) and "name" in one
    ]
    sources = {str(one["name"]): name for name, one in tables}
    embedded = {str(one["name"]) for _, one in tables if one.get("embedded")}
    if source and source in sources and sources[source] != table.get("connector"):
        yield Finding(file, (*keys, "source"), f"{source} is a source of {sources[source]}")
    elif source in embedded:
        why = f"{source} is an engine in the process: it has no server"
        yield Finding(file, (*keys, "source"), why, "leave it out, and give its parameters")
    elif source and source not in sources and complete:
        yield Finding(file, (*keys, "source"), f"unknown source {source!r}", did_you_mean(source, list(sources)))


def _secrets(file: str, keys: Keys, table: dict[str, Any]) -> Iterator[Finding]:
    """Find what looks like a secret wherever it stands; its value is not shown."""
    for name, value in (table.get("parameters") or {}).items():
        if looks_secret(name, str(value)):
            yield Finding(file, (*keys, "parameters", name), "a secret in a shared place", HINT)
    for name in ("description", "owner"):
        if looks_secret("", str(table.get(name, ""))):
            yield Finding(file, (*keys, name), "a secret in a shared place", HINT)


def _parameters(file: str, keys: Keys, table: dict[str, Any], connector: dict[str, Any]) -> Iterator[Finding]:
    """Check that parameters and needs are canonical, fit their types, and none is both."""
    ways: dict[str, dict[str, Any]] = {}
    for one in connector.get("parameter") or ():
        for name in (one.get("name"), *(one.get("aliases") or ())) if isinstance(one, dict) else ():
            ways.setdefault(str(name), one)
    canonical = sorted({str(one.get("name")) for one in ways.values()})
    given = table.get("parameters") or {}
    places: list[tuple[Keys, str]] = [((*keys, "parameters", name), name) for name in given]
    places += [((*keys, "needs", index), str(name)) for index, name in enumerate(table.get("needs") or ()) if name]
    for at, name in places:
        if name not in canonical:
            hint = f"write {ways[name].get('name')}" if name in ways else did_you_mean(name, canonical)
            yield Finding(file, at, f"{name!r} is no canonical parameter of {connector['id']}", hint)
        elif at[2] == "needs":
            # A secret that is given is a problem where it stands.
            if name in given and ways[name].get("secret") is not True:
                yield Finding(file, at, f"{name} is given above, so nobody brings it", "leave out one of the two")
        elif ways[name].get("secret") is True:
            # One whose name looks like a secret was found already.
            if not looks_secret(name, ""):
                yield Finding(file, at, "a secret in a shared place", HINT)
        elif why := misfit(given[name], ways[name]):
            yield Finding(file, at, why)
