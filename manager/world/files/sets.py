"""What package sets and the releases that include them must say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.catalog import canonical_name, did_you_mean
from manager.core.sets import RESERVED, distribution
from manager.world.files.consistency import Sound, named_after, tables, twice
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.world.files.documents import Kind

SETS = "images/sets.toml"


def check(sound: dict[Kind, list[Sound]], unread: set[str]) -> Iterator[Finding]:
    """Check that sets are there once, name each package once, and are those that releases ask for.

    ``unread`` are the files that could not be read; what they might have said is not held against the others.
    """
    declared = [(file, index, one) for file, data in sound["sets"] for index, one in tables(data, "set")]
    yield from twice("package set", [(file, ("set", at, "id"), one["id"]) for file, at, one in declared if "id" in one])
    connectors = named_after("connectors", sound["connector"], unread)
    for file, at, one in declared:
        if one.get("id") in (*RESERVED, *connectors):
            hint = "a layer of that name ships a connector or the runtime"
            yield Finding(file, ("set", at, "id"), f"{one['id']!r} cannot be the name of a package set", hint)
        usual = {canonical_name(distribution(text)) for text in one.get("packages") or () if text}
        for place, apart in tables(one, "apart"):
            if canonical_name(distribution(apart.get("package", ""))) in usual:
                keys = ("set", at, "apart", place, "package")
                yield Finding(file, keys, f"{apart['package']!r} stands in packages as well", "take it out there")
    if SETS not in unread:
        yield from _asked(sound, [str(one["id"]) for _, _, one in declared if "id" in one])


def _asked(sound: dict[Kind, list[Sound]], known: list[str]) -> Iterator[Finding]:
    for file, data in sound["family"]:
        for index, table in tables(data, "release"):
            named = table.get("sets") or []
            for place, name in enumerate(named):
                keys = ("release", index, "sets", place)
                if name is None:
                    continue
                if name not in known:
                    hint = did_you_mean(name, known) or f"declare it in {SETS}"
                    yield Finding(file, keys, f"unknown package set {name!r}", hint)
                if name in named[:place]:
                    yield Finding(file, keys, f"duplicate package set {name!r}")
