"""A connector's ``suite.toml``, which says what SQLAlchemy's dialect suite is told: it has to fit the connector."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.core.catalog import did_you_mean
from manager.world.files.consistency import tables
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from manager.world.files.consistency import Sound
    from manager.world.files.documents import Keys

# What the names of all tests have in common, as in TextTest::test_text_roundtrip.
_COMMON, _PARTS = "test::test_", re.compile(r"::|test_?|[\[\]]", re.IGNORECASE)
# Fewer letters than these are in too many names: of a class that a name begins with, and within one.
_FIRST, _WITHIN = 3, 4


def check(
    suites: list[Sound], connectors: list[Sound], unread: set[str], systems: Collection[str] | None
) -> Iterator[Finding]:
    """Check files against the connectors that they lie beside; ``unread`` are files that could not be read.

    ``systems`` are those of the catalog, None where they cannot be read.
    """
    beside = {_folder(file): data for file, data in connectors}
    for file, data in suites:
        connector = beside.get(_folder(file))
        if connector is None and not any(_folder(one) == _folder(file) for one in unread):
            yield Finding(file, (), "no connector lies beside it", "put it beside a connector.toml")
        named = {
            "drivers": [str(one.get("dist", "")).partition("[")[0] for _, one in tables(connector or {}, "driver")],
            "sources": [str(one.get("name")) for _, one in tables(connector or {}, "source")],
        }
        rules = data.get("requirements") or {}
        for place, name in enumerate(rules.get("closed") or ()):
            if name and name in (rules.get("open") or ()):
                yield Finding(file, ("requirements", "closed", place), f"{name!r} is both open and closed")
        places: list[tuple[Keys, dict[str, Any]]] = [((), data)]
        places += [(("expected", index), one) for index, one in tables(data, "expected")]
        for keys, table in places:
            if connector is not None:
                yield from _names(file, keys, table, named)
            for place, system in enumerate(table.get("systems") or ()):
                if system and systems is not None and system not in systems:
                    hint = did_you_mean(str(system), list(systems))
                    yield Finding(file, (*keys, "systems", place), f"unknown system {system!r}", hint)
            if keys and _wide(str(table.get("test", "any test"))):
                why = f"{table['test']!r} would expect nearly every test to fail"
                yield Finding(file, (*keys, "test"), why, "write more of its name, such as TextTest::test_text_*")


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _names(file: str, keys: Keys, table: dict[str, Any], named: dict[str, list[str]]) -> Iterator[Finding]:
    for kind, there in named.items():
        for place, name in enumerate(table.get(kind) or ()):
            if name and name not in there:
                why = f"{name!r} is no {kind.removesuffix('s')} of this connector"
                yield Finding(file, (*keys, kind, place), why, did_you_mean(str(name), there))


def _wide(test: str) -> bool:
    """Say whether a name with stars in it may be that of nearly any test."""
    first, *others = ("" if part.lower() in _COMMON else _PARTS.sub("", part) for part in test.split("*"))
    return len(first) < _FIRST and all(len(part) < _WITHIN for part in others)
