"""What a bundle holds: files by their SHA-256, what each of them is for, and what was made from them.

A bundle is one file that carries packages, images and answers to a machine without a network. Its list (JSON) names
everything else in it, so whoever trusts the list trusts the whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from manager.core.amounts import many, show_size
from manager.errors import Failed, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMA = 1
# package: a wheel or a .deb. metadata: what a wheel says of itself, for a machine that is only locked for. artifact: a
# vendor's file. npm: a file of npm's own cache. answer: what an index said. catalog: a file of the catalog. image: an
# image's configuration. layer: a layer's archive, uncompressed.
Kind = Literal["package", "metadata", "artifact", "npm", "answer", "advisories", "catalog", "image", "layer"]
_SHA256 = r"[0-9a-f]{64}"
_FILE = r"[A-Za-z0-9][A-Za-z0-9._+~%!-]*"
# What a catalog consists of. Anything else of its folder is git's, or somebody's own.
CATALOG = ("solvent.toml", "images", "connectors", "compose", "upstream.lock")
# Git runs what is set in a folder of that name, wherever it lies.
_GIT = ".git"
# What an entry may be called: a name becomes a path at the other end.
_NAMES: dict[Kind, str] = {
    "package": rf"{_FILE}\.(?:whl|deb)",
    "metadata": rf"{_SHA256}/{_FILE}\.whl",
    "artifact": _SHA256,
    "npm": r"_cacache/[A-Za-z0-9._/-]+",
    "answer": r"(?:python|npm|apt)/[A-Za-z0-9@._/-]+",
    "advisories": r"advisories\.json",
    "catalog": rf"(?:{'|'.join(map(re.escape, CATALOG))})(?:/[^\x00-\x1f\x7f\\]+)?",
    "image": rf"sha256:{_SHA256}",
    "layer": rf"sha256:{_SHA256}",
}
# As far as clocks are apart.
_AHEAD = timedelta(days=1)
# Some bytes less than a file system's 255: files have longer names for a moment, or an ending.
_LONGEST = 220
# What people call them, where that is another word.
_PLAIN = {
    "metadata": "wheel description",
    "npm": "npm archive file",
    "advisories": "advisory file",
    "catalog": "catalog file",
    "image": "image configuration",
}
_LIST = re.compile(rf"(?:base|tree)-{_SHA256}")
_KEY = re.compile(r"[0-9a-f]{32,64}")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One thing that a bundle carries: what it is for, its name there, its SHA-256 (hex) and its size in bytes."""

    kind: Kind
    name: str
    sha256: str
    size: int

    @property
    def identity(self) -> tuple[str, ...]:
        """Give what no other entry has. Two indexes may have two packages of one name; a pin tells them apart."""
        return (self.kind, self.name, *((self.sha256,) if self.kind == "package" else ()))


@dataclass(frozen=True, slots=True)
class Carried:
    """An image of a bundle: a base of a system, or a build of a release; ``role`` says which.

    ``made`` is what the database of the machine that made the build knows of it: ``spec_hash``, ``inputs``,
    ``layers``, ``created``.
    """

    role: Literal["base", "build"]
    digest: str
    name: str
    version: str = ""
    key: str = ""
    layers: tuple[str, ...] = ()
    made: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """Give what people call it."""
        return f"{self.name} {self.version}" if self.version else f"base {self.name}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The list of a bundle.

    ``made`` is the instant, ``by`` the person, ``machine`` what the packages are for (``x86_64``), ``realm`` whose
    images these are, ``catalog`` the catalog's name, ``content`` the digest of its files and ``programs`` those of them
    that can be run. ``choices`` give the wheel of a pin by the
    pin's key, ``lists`` the packages that a base or tree was made from, ``bases`` which of those lists a system's base
    is made from, by its key. Packages are (file name, SHA-256).
    """

    made: datetime
    by: str
    solvent: str
    machine: str
    realm: str
    catalog: str
    content: str
    releases: tuple[str, ...]
    entries: tuple[Entry, ...]
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)
    lists: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict, hash=False)
    bases: Mapping[str, str] = field(default_factory=dict, hash=False)
    images: tuple[Carried, ...] = ()
    programs: tuple[str, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Entry, ...]:
        """Give the entries of some kinds."""
        return tuple(one for one in self.entries if one.kind in kinds)

    @property
    def blobs(self) -> dict[str, int]:
        """Give the size of each blob by its SHA-256; two entries may share one."""
        return {one.sha256: one.size for one in self.entries}


def render(bundle: Bundle) -> str:
    """Write a bundle's list: the same list is the same text."""
    document = asdict(bundle) | {"schema": SCHEMA, "made": bundle.made.isoformat()}
    document["entries"] = [asdict(one) for one in sorted(bundle.entries)]
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read(text: str, where: str) -> Bundle:
    """Read a bundle's list; ``where`` names its file.

    Raises Refused for one of a newer Solvent, Failed for what is no list or names what no path may be called.
    """
    try:
        found = json.loads(text)
        schema = found["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _not_a_bundle(where, "its list cannot be read") from None
    if schema != SCHEMA:
        raise Refused(
            f"{where} was made by another Solvent",
            why=f"its list has the schema {schema!r}, and this Solvent ({SCHEMA}) does not know it",
            hint="load it with the Solvent that made it, or a newer one",
            where=where,
        )
    try:
        return _read(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _not_a_bundle(where, str(error)[:200] or type(error).__name__) from None


def check_machine(bundle: Bundle, machine: str, where: str) -> None:
    """Raise Refused for a bundle of another kind of machine."""
    if bundle.machine != machine:
        raise Refused(
            f"{where} is for {bundle.machine}, and this machine is {machine}",
            hint=f"make one on a machine that is {machine}",
            where=where,
        )


def check_day(what: str, at: datetime, now: datetime, where: str) -> None:
    """Raise Refused for what is of a day to come; clocks may be a day apart."""
    if at > now + _AHEAD:
        raise Refused(
            f"{what} is of a day to come",
            why=f"it was made on {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, it says, and nothing newer would ever count",
            hint="see whether the clocks are right",
            where=where,
        )


def counts(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    """Count entries by kind, and their bytes; a blob that two entries share counts for both."""
    found: dict[str, dict[str, int]] = {}
    for one in entries:
        row = found.setdefault(one.kind, {"count": 0, "bytes": 0})
        row["count"], row["bytes"] = row["count"] + 1, row["bytes"] + one.size
    return found


def summary(entries: Iterable[Entry]) -> str:
    """Say how much entries are: ``312 packages, 40 answers, 1.2 GB``."""
    entries = tuple(entries)
    words = [many(row["count"], _PLAIN.get(kind, kind)) for kind, row in counts(entries).items()]
    return ", ".join([*words, show_size(sum({one.sha256: one.size for one in entries}.values()))])


def is_inside(path: str) -> bool:
    """Say whether a relative path stays below where it begins."""
    return bool(path) and not any(part in ("", ".", "..") for part in path.split("/"))


def may_carry(name: str) -> bool:
    """Say whether a file of a catalog may be called so in a bundle."""
    entry = Entry("catalog", name, "", 0)
    return bool(re.fullmatch(_NAMES["catalog"], name)) and is_inside(name) and not _is_gits(entry)


def _is_gits(entry: Entry) -> bool:
    return entry.kind == "catalog" and any(one.lower().startswith(_GIT) for one in entry.name.split("/"))


def _read(found: dict[str, Any]) -> Bundle:
    entries = tuple(_entry(one) for one in found["entries"])
    if len({one.identity for one in entries}) != len(entries):
        raise ValueError("it names the same entry twice")
    _check_paths(entries)
    sizes: dict[str, int] = {}
    for one in entries:
        if sizes.setdefault(one.sha256, one.size) != one.size:
            raise ValueError(f"{one.name} has two sizes")
    there = {(one.name, one.sha256) for one in entries if one.kind == "package"}
    choices = {_matched(_KEY, key): _package(one, there) for key, one in found["choices"].items()}
    lists = {_matched(_LIST, key): tuple(_package(one, there) for one in rows) for key, rows in found["lists"].items()}
    bases = {_matched(_KEY, key): _matched(re.compile(_SHA256), one) for key, one in found["bases"].items()}
    layers = {one.name for one in entries if one.kind in ("layer", "image")}
    images = tuple(_image(one, layers) for one in found["images"])
    words = {name: _text(found[name]) for name in ("by", "solvent", "machine", "realm", "catalog", "content")}
    releases = tuple(_text(one) for one in found["releases"])
    made = _instant(found["made"])
    return Bundle(
        made=made,
        releases=releases,
        entries=entries,
        choices=choices,
        lists=lists,
        bases=bases,
        images=images,
        programs=tuple(_text(one) for one in found["programs"]),
        **words,
    )


def _entry(found: dict[str, Any]) -> Entry:
    entry = Entry(found["kind"], _text(found["name"]), found["sha256"], found["size"])
    if entry.kind not in get_args(Kind):
        raise ValueError(f"it has an entry of an unknown kind, {entry.kind!r}")
    if not re.fullmatch(_NAMES[entry.kind], entry.name) or not is_inside(entry.name) or _is_gits(entry):
        raise ValueError(f"it has an entry that may not be called so: {entry.name!r}")
    if not re.fullmatch(_SHA256, entry.sha256) or type(entry.size) is not int or entry.size < 0:
        raise ValueError(f"its entry {entry.name} has no checksum or size")
    own = entry.name.rpartition(":")[2]
    if entry.kind in ("artifact", "image", "layer") and own != entry.sha256:
        raise ValueError(f"its entry {entry.name} has another checksum than its name")
    return entry


def _image(found: dict[str, Any], there: set[str]) -> Carried:
    layers = tuple(_text(one) for one in found["layers"])
    for digest in (found["digest"], *layers):
        if digest not in there:
            raise ValueError(f"it lacks {digest} of {found['name']}")
    if found["role"] not in ("base", "build"):
        raise ValueError(f"it has an image that is a {found['role']!r}")
    texts = {key: _text(found[key]) for key in ("name", "version", "key")}
    made = dict(found["made"])
    if found["role"] == "build":
        _check_made(made)
    return Carried(found["role"], found["digest"], layers=layers, made=made, **texts)


def _check_made(made: dict[str, Any]) -> None:
    """Hold what is said of a build against what a database takes."""
    _matched(re.compile(_SHA256), _text(made["spec_hash"]))
    _instant(made["created"])
    for name, value in (*made["inputs"], *made["layers"]):
        _text(name)
        _text(value)
    if type(made["size"]) is not int or made["size"] < 0:
        raise ValueError("it has a build of no size")


def _check_paths(entries: Iterable[Entry]) -> None:
    """Hold names against what a disk takes: no part too long, and nothing that is a file and a folder."""
    names: dict[str, set[str]] = {}
    for one in entries:
        if one.kind in ("npm", "catalog"):
            names.setdefault(one.kind, set()).add(one.name)
        if any(len(part.encode()) > _LONGEST for part in one.name.split("/")):
            raise ValueError(f"it has an entry with too long a name: {one.name[:80]!r}")
    for every in names.values():
        for name in every:
            parts = name.split("/")
            if any("/".join(parts[:count]) in every for count in range(1, len(parts))):
                raise ValueError(f"it has {name!r} in a file")


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text[:80]!r} has no zone")
    return found


def _package(found: list[str], there: set[tuple[str, str]]) -> tuple[str, str]:
    name, sha256 = found
    if (name, sha256) not in there:
        raise ValueError(f"it lacks {name}")
    return name, sha256


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no digest")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str) or not (value.isprintable() or value == ""):
        raise ValueError(f"{str(value)[:80]!r} is no text")
    return value


def _not_a_bundle(where: str, why: str) -> Failed:
    return Failed(f"{where} is no bundle that can be loaded", why=why, hint="nothing of it was loaded", where=where)
