"""What of npm's cache belongs to locks: archives of packages by their hash, and what a registry said of them.

The cache (cacache) is npm's own form: ``content-v2/<algorithm>/<hex>`` are contents, ``index-v5`` has lines
``<sha1 of what follows><tab><JSON>`` in files that are named by the SHA-256 of the key. An entry of the index
keeps headers of the request, a login among them where the registry varies by it: those are left out here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from manager.core.npm import LOCKS, Pinned, pinned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_CACHE = "_cacache"
_ASKED, _TAKEN = "make-fetch-happen:request-cache:", "pacote:tarball:"
# Headers that say what was asked for and what came, and nothing of who asked.
_REQUEST = ("accept", "accept-charset", "accept-encoding", "accept-language", "cache-control")
_RESPONSE = ("cache-control", "content-encoding", "content-type", "date", "etag", "expires", "last-modified", "pragma")
# No lock is larger.
_LONGEST_LOCK = 50 * 1024**2


def files(folder: Path, locks: Iterable[str]) -> tuple[dict[str, Path | bytes], tuple[str, ...]]:
    """Give the files of a cache that belong to locks (their texts), by name, and which archives of the locks lack.

    Lock files inside the packages' archives count as well: npm fills their folders from the same cache.
    """
    wanted = {one for text in locks for one in pinned(text)}
    lacking = tuple(f"{one.name}@{one.version}" for one in sorted(wanted) if not _contents(folder, one.integrity))
    inner = {one for each in wanted for file in _contents(folder, each.integrity) for one in _inside(file)}
    found: dict[str, Path | bytes] = {}
    every = wanted | inner
    for one in every:
        found |= {file.relative_to(folder).as_posix(): file for file in _contents(folder, one.integrity)}
    known = _Known(every)
    for place in sorted((folder / _CACHE / "index-v5").glob("*/*/*")):
        rows = [row for row in _rows(place) if known.has(row)]
        if rows:
            name = place.relative_to(folder).as_posix()
            found[name] = b"".join(_line(_plain(row)) for row in rows)
            for row in rows:
                found |= {file.relative_to(folder).as_posix(): file for file in _contents(folder, row["integrity"])}
    return found, lacking


class _Known:
    """What locks name, by each of the ways that the index does."""

    def __init__(self, packages: Iterable[Pinned]) -> None:
        packages = tuple(packages)
        self._names = {one.name for one in packages}
        self._exact = {f"{one.name}@{one.version}" for one in packages}
        self._archives = {
            f"{one.name}/-/{one.name.rpartition('/')[2]}-{one.version}.tgz" for one in packages if one.version
        }

    def has(self, row: Mapping[str, Any]) -> bool:
        """Say whether an entry is about a package of the locks; one whose address has a login or a token is not."""
        key = row["key"]
        if key.startswith(_TAKEN):
            return key.removeprefix(_TAKEN) in self._exact
        if not key.startswith(_ASKED):
            return False
        try:
            at = urlsplit(key.removeprefix(_ASKED))
        except ValueError:
            return False
        if "@" in at.netloc or at.query:
            return False
        parts = unquote(at.path).strip("/").split("/")
        ends = ["/".join(parts[-count:]) for count in (1, 2, 3, 4)]
        scoped = len(parts) > 1 and parts[-2].startswith("@")
        return ends[1 if scoped else 0] in self._names or any(one in self._archives for one in ends[2:])


def _contents(folder: Path, integrity: str) -> list[Path]:
    """Give the contents that are there of the hashes (SRI) of a package."""
    found = []
    for one in integrity.split():
        algorithm, _, value = one.partition("-")
        try:
            text = base64.b64decode(value.partition("?")[0], validate=True).hex()
        except ValueError:
            continue
        if algorithm in ("sha1", "sha256", "sha384", "sha512") and len(text) > 4:
            place = folder / _CACHE / "content-v2" / algorithm / text[:2] / text[2:4] / text[4:]
            found += [place] if place.is_file() else []
    return found


def _inside(archive: Path) -> Iterator[Pinned]:
    """Give what lock files inside a package's archive pin."""
    try:
        with tarfile.open(archive, "r:gz") as packed:
            for member in packed:
                parts = member.name.split("/")
                mine = parts[-1] in LOCKS and len(parts) > 2 and "node_modules" not in parts
                if mine and member.isreg() and member.size < _LONGEST_LOCK and (file := packed.extractfile(member)):
                    yield from pinned(file.read().decode(errors="replace"))
    except (tarfile.TarError, OSError, EOFError):
        return


def _rows(place: Path) -> Iterator[dict[str, Any]]:
    """Give the entries of an index's file that are whole and have a content."""
    for line in place.read_bytes().splitlines():
        digest, _, text = line.partition(b"\t")
        if hashlib.sha1(text, usedforsecurity=False).hexdigest().encode() != digest:
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict) and isinstance(row.get("key"), str) and isinstance(row.get("integrity"), str):
            yield row


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Give an entry without anything of who asked; ``vary`` names only what is left, or nobody else could use it."""
    found: dict[str, Any] = {key: row[key] for key in ("key", "integrity", "time", "size") if key in row}
    said = row.get("metadata")
    if not isinstance(said, dict):
        return found
    asked, came = _table(said.get("reqHeaders")), _table(said.get("resHeaders"))
    varies = str(came.get("vary", "")).lower().replace(",", " ").split()
    vary = {"vary": ", ".join(named)} if (named := [one for one in varies if one in _REQUEST]) else {}
    metadata: dict[str, Any] = {key: said[key] for key in ("time", "options", "status") if key in said}
    # The key has it without a login.
    metadata["url"] = row["key"].removeprefix(_ASKED)
    metadata["reqHeaders"] = {key: value for key, value in asked.items() if key in _REQUEST}
    metadata["resHeaders"] = {key: value for key, value in came.items() if key in _RESPONSE} | vary
    return found | {"metadata": metadata}


def _table(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _line(row: dict[str, Any]) -> bytes:
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
    return b"\n" + hashlib.sha1(text, usedforsecurity=False).hexdigest().encode() + b"\t" + text
