"""Advisories on disk: read from a file, a folder or a zip archive, and kept as one file of this realm's state."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

from manager import whole_files
from manager.core import advisories
from manager.core.zips import BROKEN
from manager.errors import Failed, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from manager.core.advisories import Advisory

# All advisories of an ecosystem take less; an archive that unpacks to more is none.
_MOST = 1024**3
# What is unpacked piece by piece; of the others a few bytes become gigabytes before anything is cut.
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HINT = "advisories are JSON in the format of OSV (https://ossf.github.io/osv-schema/)"


def read(place: Path) -> tuple[tuple[Advisory, ...], tuple[str, ...]]:
    """Read advisories of a file, a folder or an archive, with a sentence about each document that is none.

    Raises UsageError where there is nothing to read, or where nothing that was read is an advisory.
    """
    return _read(str(place), _documents(place))


def read_answer(address: str, content: bytes) -> tuple[Advisory, ...]:
    """Read advisories that an address answers: an archive, or one document. Raises UsageError as :func:`read`."""
    if zipfile.is_zipfile(BytesIO(content)):
        return _read(address, _archived(BytesIO(content)))[0]
    return _read(address, iter(((address, content),)))[0]


def _read(place: str, inside: Iterator[tuple[str, bytes]]) -> tuple[tuple[Advisory, ...], tuple[str, ...]]:
    found: list[Advisory] = []
    wrong: list[str] = []
    documents = 0
    try:
        for name, content in inside:
            documents += 1
            try:
                found += advisories.read(json.loads(content))
            except (ValueError, RecursionError) as error:
                wrong.append(f"{name} is left out: {str(error)[:120]}")
    except BROKEN as error:
        why = getattr(error, "strerror", "") or str(error)
        raise UsageError(f"{place} cannot be read", why=why, hint=_HINT, where=place) from None
    if documents == len(wrong):
        raise UsageError(f"{place} has no advisory", why="; ".join(wrong[:3]), hint=_HINT, where=place)
    return tuple(found), tuple(wrong)


def kept(file: Path) -> tuple[Advisory, ...]:
    """Give what was kept; nothing where nothing was. Raises Failed for a file that is damaged."""
    try:
        return advisories.read(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError) as error:
        hint = "remove it, and read them again:  solvent refresh --advisories FILE"
        raise Failed(
            "the advisories that were kept cannot be read", why=str(error)[:120], hint=hint, where=str(file)
        ) from None


def keep(file: Path, found: Iterable[Advisory]) -> None:
    """Keep advisories in place of those that were kept; raises Failed."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write(file, json.dumps([one.to_json() for one in found], ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise Failed(f"{file} cannot be written", why=error.strerror or "", where=str(file)) from None


def _documents(place: Path) -> Iterator[tuple[str, bytes]]:
    if place.is_dir():
        for path in sorted(place.rglob("*.json")):
            yield path.relative_to(place).as_posix(), path.read_bytes()
    elif zipfile.is_zipfile(place):
        yield from _archived(place)
    else:
        yield place.name, place.read_bytes()


def _archived(place: Path | BytesIO) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(place) as archive:
        inside = [one for one in archive.infolist() if one.filename.endswith(".json")]
        if sum(one.file_size for one in inside) > _MOST:
            raise zipfile.BadZipFile(f"it unpacks to more than {_MOST // 1024**2} MiB")
        if odd := next((one.filename for one in inside if one.compress_type not in _BOUNDED), ""):
            raise zipfile.BadZipFile(f"{odd} is neither stored nor deflated")
        for one in inside:
            with archive.open(one) as member:
                # With a length no more is unpacked than it says that it has; without one, all that it has.
                yield one.filename, member.read(one.file_size)
