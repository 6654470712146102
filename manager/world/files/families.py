"""A family's value: what its file says, with what it has of the families that it extends."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from manager.core.amounts import parse_size
from manager.core.catalog import LOCKS, Family, Launch, Lock, Place, Release, canonical_name
from manager.core.kernels import Kernel, kernels
from manager.core.systems import of_drivers, system_id
from manager.errors import ManagerError
from manager.world.files import values
from manager.world.files.documents import COMMON
from manager.world.files.positions import array_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manager.core.catalog import Fact, LockKind
    from manager.core.connectors import Connector
    from manager.core.lifecycle import Terms
    from manager.core.sets import PackageSet
    from manager.world.files.extending import Written

# What each of the locks is resolved from: a lock serves another release where these are the same.
_RESOLVED_FROM: dict[LockKind, tuple[str, ...]] = {
    "ide": ("ide", "ide_from", "node", "python"),
    "kernel": ("python", "packages", "connectors", "sets"),
    "npm": ("ide", "ide_from", "node"),
}

# What the locks of a family's lines were resolved from, by kind and line.
_Offer = dict["LockKind", dict[str, tuple[object, ...]]]


class _Adding(NamedTuple):
    """The package sets and connectors that have system packages, by id."""

    sets: frozenset[str]
    connectors: frozenset[str]


def family(
    levels: tuple[Written, ...],
    suites: Mapping[str, str],
    known: Mapping[str, Fact],
    sets: Iterable[PackageSet] = (),
    connectors: Iterable[Connector] = (),
) -> Family:
    """Make a family with its releases, the locks that serve them and the files that shape its images.

    ``levels`` are the families that it extends, outermost first, and then itself, each written out in full.
    ``suites`` and ``known`` are as in :func:`values.terms`; ``sets`` and ``connectors`` are the catalog's.
    """
    adding = _Adding(
        frozenset(one.id for one in sets if one.system_packages),
        frozenset(one.id for one in connectors if one.system_packages),
    )
    own = levels[-1]
    data = own.data
    rule = values.policy(data.get("policy") or {})
    files = _common(levels[0])
    below = [str(levels[0].folder.root / COMMON)] if files else []
    offers = tuple(map(_offer, levels[:-1]))
    for level in levels:
        files |= _parts(level)
    return Family(
        id=data["id"],
        title=data["title"],
        owner=data["owner"],
        languages=tuple(data["languages"]),
        kernels=kernels(data["languages"], map(_kernel, data.get("kernel", ()))),
        launch=Launch(**data["launch"] | {"environment": tuple(data["launch"].get("environment", {}).items())}),
        releases=tuple(
            _release(table, values.terms(table, rule, suites, known), Place(own.file, line), levels, offers, adding)
            for table, line in zip(data["release"], _lines(own), strict=True)
        ),
        folder=_place(own),
        files=tuple(sorted(files.items())),
        size_budget=parse_size(data["size_budget"]),
        place=Place(own.file, 1),
        extends=own.says.get("extends", ""),
        below=(*below, *map(_place, levels[:-1])),
        system_packages=tuple(data.get("system_packages", ())),
        artifacts=values.artifacts(data.get("artifact", ()), own.folder.root),
        build_packages=tuple(data.get("build_packages", ())),
    )


def _kernel(table: Mapping[str, Any]) -> Kernel:
    return Kernel(**{**table, "command": tuple(table.get("command", ()))})


def _place(level: Written) -> str:
    return str(level.folder.root / level.inside.rstrip("/"))


def _parts(level: Written) -> dict[str, str]:
    """Give the digests of the files that shape a family's images, by path relative to its folder."""
    beside = (level.file, level.inside + "locks/")
    return {
        file.removeprefix(level.inside): digest
        for file, digest in level.folder.digests.items()
        if file.startswith(level.inside) and not file.startswith(beside)
    }


def _common(first: Written) -> dict[str, str]:
    """Give the digests of the files of every family, in the catalog of the one that stands on its own."""
    inside = f"{COMMON}/"
    digests = first.folder.digests.items()
    return {file.removeprefix(inside): digest for file, digest in digests if file.startswith(inside)}


def _lines(own: Written) -> tuple[int, ...]:
    """Give the lines of the releases; of those that another family brings, the line that names it."""
    count = len(own.data["release"])
    if "release" in own.says:
        return array_lines(own.text, "release", count)
    named = re.compile(rb"\s*extends\s*=")
    found = (number for number, line in enumerate(own.text.split(b"\n"), 1) if named.match(line))
    return (next(found, 1),) * count


def _release(
    table: Mapping[str, Any],
    terms: Terms,
    place: Place,
    levels: tuple[Written, ...],
    offers: tuple[_Offer, ...],
    others: _Adding,
) -> Release:
    """Make a release; ``others`` are those beside its family who may add to the system it stands on."""
    data = levels[-1].data
    locks, inherited, pinned = _locks(table, levels, offers)
    adding = [data["id"]] if data.get("system_packages") or data.get("artifact") else []
    adding += [name for name in table.get("sets", ()) if name in others.sets]
    adding += [of_drivers(name) for name in table.get("connectors", ()) if name in others.connectors]
    return Release(
        family=data["id"],
        line=table["line"],
        ide_requirement=table["ide"],
        python=table["python"],
        system=system_id(table["system"], adding),
        connectors=tuple(table.get("connectors", ())),
        packages=tuple(table.get("packages", ())),
        sets=tuple(table.get("sets", ())),
        r=table.get("r", ""),
        schedule=terms.schedule(),
        terms=terms,
        place=place,
        successor=table.get("successor", ""),
        message=table.get("message", ""),
        ide_version=_version(table, pinned),
        locks=locks,
        inherited=inherited,
        pins=tuple(table.get("pins", ())),
        ide_from=table.get("ide_from", "python"),
        node=table.get("node", ""),
    )


def _locks(
    table: Mapping[str, Any], levels: tuple[Written, ...], offers: tuple[_Offer, ...]
) -> tuple[tuple[Lock, ...], tuple[Lock, ...], bytes]:
    """Give a release's locks, those that the nearest extended family has for it, and the text that pins the IDE.

    A lock of one's own comes first; another family's serves where it was resolved from the same, whatever the line.
    ``offers`` are of the families that are extended.
    """
    locks: list[Lock] = []
    inherited: list[Lock] = []
    own: str = table["line"]
    text, npm = b"", table.get("ide_from") == "npm"
    for kind in LOCKS[table.get("ide_from", "python")]:
        asked = _asked(kind, table)
        for level, offer in zip(reversed(levels), (None, *reversed(offers)), strict=True):
            line = _alike(asked, own, offer[kind]) if offer else own
            file = f"{level.inside}locks/{line}/{kind}.lock"
            if file not in level.folder.digests:
                continue
            lock = Lock(kind, str(level.folder.root / file), level.folder.digests[file])
            if offer:
                inherited.append(lock)
            if not offer or offer[kind].get(line) == asked:
                locks.append(lock)
                text = level.folder.locks[file] if kind == ("npm" if npm else "ide") else text
            break
    return tuple(locks), tuple(inherited), text


def _offer(level: Written) -> _Offer:
    """Say what the locks of a family's lines were resolved from; read once, since a thousand releases may ask."""
    return {kind: {one["line"]: _asked(kind, one) for one in level.data["release"]} for kind in _RESOLVED_FROM}


def _alike(asked: tuple[object, ...], own: str, lines: Mapping[str, tuple[object, ...]]) -> str:
    """Give the line whose lock was resolved from what a release asks for; best one of the same name."""
    if lines.get(own) == asked:
        return own
    return next((line for line, theirs in lines.items() if theirs == asked), own)


def _asked(kind: LockKind, table: Mapping[str, Any]) -> tuple[object, ...]:
    """Give what a lock of a release is resolved from; the order of a list does not matter to it."""
    found = (table.get(key) for key in _RESOLVED_FROM[kind])
    return tuple(sorted(value) if isinstance(value, list) else value or [] for value in found)


def _version(table: Mapping[str, Any], lock: bytes) -> str:
    """Give the version of the IDE, or nothing without a lock that can be read."""
    if table.get("ide_from") == "vendor":
        return str(table["ide"]).partition("==")[2]
    return (_from_npm if table.get("ide_from") == "npm" else _pinned)(table["ide"], lock)


@lru_cache(maxsize=1024)
def _from_npm(requirement: str, lock: bytes) -> str:
    from manager.core import npm

    try:
        return npm.version_of(npm.parse(lock.decode()), requirement) if lock else ""
    except (ManagerError, UnicodeDecodeError):
        return ""  # told by whoever needs the lock


@lru_cache(maxsize=1024)
def _pinned(requirement: str, lock: bytes) -> str:
    """Give the version that a lock pins for a requirement's distribution, or nothing; many releases share a lock."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    wanted = canonical_name(match[0] if match else "")
    for line in lock.split(b"\n"):
        name, pin, rest = line.partition(b"==")
        if pin and canonical_name(name.decode()) == wanted:
            return rest.split(b" ")[0].split(b";")[0].decode()
    return ""
