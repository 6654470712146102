"""What differs between two catalogs, key by key, where their files are data, and file by file otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# By which key the elements of an array of tables are known, so that one that moves is no change.
_KNOWN_BY = ("id", "line", "name", "dist", "component", "package")


@dataclass(frozen=True, slots=True, order=True)
class Saying:
    """One thing that a catalog says: a key of a file with its value as JSON; the key "" has the file's SHA-256."""

    file: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """A difference: a key or, with an empty key, a whole file; the other side of what is added or removed is empty."""

    file: str
    key: str
    kind: Literal["added", "removed", "changed"]
    before: str
    after: str


def sayings(file: str, data: dict[str, Any]) -> tuple[Saying, ...]:
    """Give what a TOML file says: ``release[4.6-py3.13].ide`` for a key in a table of an array."""
    return tuple(Saying(file, key, value) for key, value in _spread("", data))


def _spread(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _spread(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        for index, one in enumerate(value):
            name = next((one[key] for key in _KNOWN_BY if isinstance(one.get(key), str)), index)
            yield from _spread(f"{prefix}[{name}]", one)
    else:
        yield prefix, json.dumps(value, ensure_ascii=False, default=str)


def changes(before: Iterable[Saying], after: Iterable[Saying]) -> tuple[Change, ...]:
    """Compare by file and key, sorted; of a file that one side has not, it is said once.

    A file whose bytes alone differ, as by a comment, is a change of its own.
    """
    then, now = _by_file(before), _by_file(after)
    found: list[Change] = []
    for file in sorted(then.keys() | now.keys()):
        old, new = then.get(file), now.get(file)
        if old is None or new is None:
            kind: Literal["added", "removed"] = "added" if old is None else "removed"
            found.append(Change(file, "", kind, (old or {}).get("", ""), (new or {}).get("", "")))
            continue
        keys = [_change(file, key, old.get(key), new.get(key)) for key in sorted({*old, *new} - {""})]
        told = [one for one in keys if one is not None]
        whole = _change(file, "", old.get(""), new.get(""))
        found += told or ([whole] if whole else [])
    return tuple(found)


def _by_file(all_of_them: Iterable[Saying]) -> dict[str, dict[str, str]]:
    ordered = sorted(all_of_them)
    return {file: {one.key: one.value for one in some} for file, some in groupby(ordered, lambda one: one.file)}


def _change(file: str, key: str, old: str | None, new: str | None) -> Change | None:
    if old == new:
        return None
    if old is None or new is None:
        return Change(file, key, "added" if old is None else "removed", old or "", new or "")
    return Change(file, key, "changed", old, new)
