"""What the files must say together: names that exist, dates in order, nothing twice, no secret in the open.

The checks take data from which the shape's findings were removed, so every lookup copes with an absent key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.access import has_kernels
from manager.core.catalog import did_you_mean
from manager.core.kernels import USUAL, Kernel, undescribed
from manager.world.files import values
from manager.world.files.judgement import Finding
from manager.world.files.secrecy import family_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.access import Auth
    from manager.core.catalog import Fact
    from manager.core.lifecycle import Policy
    from manager.world.files.documents import Keys, Kind

UPSTREAM = "images/upstream.toml"
# A file and the part of its data that has the right shape.
Sound = tuple[str, dict[str, Any]]
# A release's file, its keys there, its family's id, and its table.
Located = tuple[str, "Keys", str, dict[str, Any]]


def tables(data: dict[str, Any], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the elements of an array of tables that are tables, with their index."""
    for index, one in enumerate(data.get(name) or ()):
        if isinstance(one, dict):
            yield index, one


def named_after(folder: str, sound: list[Sound], unread: set[str]) -> list[str]:
    """Give the ids in files of one kind; where an id cannot be read, its folder's name, to spare echoes."""
    files = [(file, data.get("id")) for file, data in sound] + [(file, None) for file in sorted(unread)]
    return [
        str(name or file.split("/")[1])
        for file, name in files
        if file.startswith(f"{folder}/") and file.count("/") == 2
    ]


def check(sound: dict[Kind, list[Sound]], unread: set[str]) -> Iterator[Finding]:
    """Check families, releases and upstream facts against each other and against systems and connectors.

    ``unread`` are the files that could not be read; what they might have said is not held against the others.
    """
    connectors = named_after("connectors", sound["connector"], unread)
    systems = systems_of(sound)
    releases: list[Located] = [
        (file, ("release", index), str(data.get("id") or file.split("/")[1]), table)
        for file, data in sound["family"]
        for index, table in tables(data, "release")
    ]
    releases += _adopted(sound["adopted"])
    yield from twice("family", [(file, ("id",), data["id"]) for file, data in sound["family"] if "id" in data])
    yield from twice(
        "release",
        [
            (file, (*keys, "release" if "release" in one else "line"), f"{name}:{one['line']}")
            for file, keys, name, one in releases
            if "line" in one
        ],
    )
    facts = [(file, index, one) for file, data in sound["upstream"] for index, one in tables(data, "fact")]
    yield from twice(
        "component",
        [(file, ("fact", index, "component"), one["component"]) for file, index, one in facts if "component" in one],
    )
    if sound["family"] and not sound["upstream"] and UPSTREAM not in unread:
        yield Finding(UPSTREAM, (), "is missing: nothing would cap the ends of releases", "copy the shipped one")
    for file, keys, _, table in releases:
        yield from _names(file, keys, table, systems, connectors)
        yield from _node(file, keys, table)
    yield from _successors(releases, {file.split("/")[1] for file in unread if file.endswith("/family.toml")})
    known = values.known_facts(one for _, _, one in facts)
    suites = {name: str(table.get("suite", "")) for name, table in (systems or {}).items()}
    rules: dict[str, Policy] = {}
    for file, data in sound["family"]:
        yield from _kernels(file, data)
        try:
            rule = values.policy(data.get("policy") or {})
        except (ValueError, TypeError):
            continue  # found by its shape
        rules[str(data.get("id"))] = rule
        for index, table in tables(data, "release"):
            yield from _dates(file, ("release", index), table, rule, suites, known)
        yield from family_secrets(file, data)
    for file, keys, name, table in _adopted(sound["adopted"]):
        yield from _dates(file, keys, table, rules.get(name, values.policy({})), suites, known)


def _adopted(sound: list[Sound]) -> list[Located]:
    """Give images that were made elsewhere as releases of their families."""
    found: list[Located] = []
    for file, data in sound:
        for index, table in tables(data, "image"):
            family, _, line = str(table.get("release", "")).partition(":")
            found.append((file, ("image", index), family, {**table, "line": line} if line else table))
    return found


def systems_of(sound: dict[Kind, list[Sound]]) -> dict[str, dict[str, Any]] | None:
    """Give the systems' tables by name, or None when the file that declares them cannot be read."""
    systems = sound["solvent"][0][1].get("systems") if sound["solvent"] else None
    return {name: one for name, one in systems.items() if isinstance(one, dict)} if systems else None


def twice(what: str, named: list[tuple[str, Keys, str]]) -> Iterator[Finding]:
    """Give a finding for every name that was there before."""
    first: dict[str, str] = {}
    for file, keys, name in named:
        if name in first:
            before = "above" if first[name] == file else f"in {first[name]}"
            yield Finding(file, keys, f"duplicate {what} {name!r}: it is declared {before} already")
        first.setdefault(name, file)


def _node(file: str, keys: Keys, table: dict[str, Any]) -> Iterator[Finding]:
    npm, node = table.get("ide_from") == "npm", bool(table.get("node"))
    if npm and not node:
        yield Finding(file, (*keys, "ide_from"), "an IDE from npm needs node", 'its line: node = "24"')
    if node and not npm:
        yield Finding(file, (*keys, "node"), "only an IDE from npm runs on it", 'ide_from = "npm"')


def _names(
    file: str,
    keys: Keys,
    table: dict[str, Any],
    systems: dict[str, dict[str, Any]] | None,
    connectors: list[str],
) -> Iterator[Finding]:
    system = table.get("system")
    if system is not None and systems is not None and system not in systems:
        yield Finding(file, (*keys, "system"), f"unknown system {system!r}", did_you_mean(system, list(systems)))
    carried = (systems or {}).get(str(system), {}).get("python")
    if carried and "python" in table and table["python"] != carried:
        why = f"{system} carries Python {carried}, not {table['python']}"
        yield Finding(file, (*keys, "python"), why, "take the system that carries it, or change the line")
    named = table.get("connectors") or []
    for index, name in enumerate(named):
        if name is None:
            continue
        if name not in connectors:
            hint = did_you_mean(name, connectors)
            yield Finding(file, (*keys, "connectors", index), f"unknown connector {name!r}", hint)
        if name in named[:index]:
            yield Finding(file, (*keys, "connectors", index), f"duplicate connector {name!r}")


def _kernels(file: str, data: dict[str, Any]) -> Iterator[Finding]:
    """Every language is run by a kernel, and every kernel runs a language of the family."""
    languages = [str(one) for one in data.get("languages") or () if one]
    named = [(index, one) for index, one in tables(data, "kernel") if {"name", "language"} <= one.keys()]
    yield from twice("kernel", [(file, ("kernel", index, "name"), one["name"]) for index, one in named])
    for index, one in named:
        if languages and one["language"] not in languages:
            hint = did_you_mean(one["language"], languages)
            yield Finding(file, ("kernel", index, "language"), f"{one['language']!r} is no language of it", hint)
    for missing in undescribed(languages, (Kernel(one["name"], one["language"]) for _, one in named)):
        hint = f"describe it in a table [[kernel]]; known without one: {', '.join(one.language for one in USUAL)}"
        yield Finding(file, ("languages",), f"no kernel runs {missing}", hint)
    yield from _sessions(file, data, languages, named)


def _sessions(
    file: str, data: dict[str, Any], languages: list[str], named: list[tuple[int, dict[str, Any]]]
) -> Iterator[Finding]:
    """An IDE without kernels has a session for each language: what runs it there is a command."""
    launch = data.get("launch")
    auth: Auth = launch.get("auth", "token") if isinstance(launch, dict) else "token"
    if has_kernels(auth):
        return
    why = f"an IDE with auth = {auth!r} has no kernels"
    for index, one in named:
        if not one.get("command") and not one.get("needs"):
            hint = 'a program that runs the cell, such as  command = ["/opt/solvent/kernel/bin/python", "-c"]'
            yield Finding(file, ("kernel", index), f"{one['name']} has no command: {why}", hint)
    usual = {one.language for one in USUAL} - {one["language"] for _, one in named}
    for language in languages:
        if language in usual:
            hint = f"a table [[kernel]] with the command that runs {language}"
            yield Finding(file, ("languages",), f"no session runs {language}: {why}", hint)


def _successors(releases: list[Located], unread: set[str]) -> Iterator[Finding]:
    following: dict[str, str] = {}
    for _, _, name, one in releases:
        following.setdefault(f"{name}:{one.get('line')}", str(one.get("successor", "")))
    families = {name for _, _, name, _ in releases}
    told: set[str] = set()
    for file, keys, name, table in releases:
        successor = str(table.get("successor", ""))
        if not successor or successor.partition(":")[0] in unread:
            continue
        if successor.partition(":")[0] not in families:
            hint = did_you_mean(successor.partition(":")[0], sorted(families))
            yield Finding(file, (*keys, "successor"), f"unknown family in successor {successor!r}", hint)
        elif successor not in following:
            hint = did_you_mean(successor, list(following))
            yield Finding(file, (*keys, "successor"), f"unknown successor {successor!r}", hint)
        start = f"{name}:{table.get('line')}"
        circle = _circle(start, following)
        if circle and start not in told:
            told.update(circle)
            why = "successors go in a circle: " + " -> ".join([*circle, start])
            yield Finding(file, (*keys, "successor"), why, "the newest release has no successor")


def _circle(start: str, following: dict[str, str]) -> list[str]:
    """Give the names from ``start`` back to itself, or nothing when it does not come back."""
    path = [start]
    while (name := following.get(path[-1], "")) not in path:
        if not name:
            return []
        path.append(name)
    return path if name == start else []


def _dates(
    file: str,
    keys: Keys,
    table: dict[str, Any],
    rule: Policy,
    suites: dict[str, str],
    known: dict[str, Fact],
) -> Iterator[Finding]:
    if "released" not in table:
        return
    try:
        computed = values.terms(table, rule, suites, known).schedule()
    except (ValueError, OverflowError):
        yield Finding(file, (*keys, "released"), "its dates leave the calendar (years 1 to 9999)")
        return
    if computed.end_of_life < computed.released:
        because = "" if "end_of_life" in table else f" (bound by {computed.bound_by})"
        key = "end_of_life" if "end_of_life" in table else "released"
        why = f"end_of_life = {computed.end_of_life}{because} lies before released = {computed.released}"
        yield Finding(file, (*keys, key), why)
        return
    days = dict(computed.dates())
    for name, next_name in computed.disorder():
        key = next_name if next_name in table else name
        yield Finding(file, (*keys, key), f"{next_name} = {days[next_name]} lies before {name} = {days[name]}")
