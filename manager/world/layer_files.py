"""Layers as archives: read out of what an engine saves, and compared file by file where they should be the same."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from manager.chunks import Chunks
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_BLOCK = 1024 * 1024
_KINDS = {tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "hard link"}


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    mode: str
    owner: str
    time: int
    link: str
    size: int
    content: str


def taken(saved: Iterator[bytes], folder: Path, wanted: Collection[str] = ()) -> frozenset[str]:
    """Read what ``docker save`` gives; give the digest (``sha256:...``) of every file in it, layers among them.

    Those in ``wanted`` are written to ``folder`` as ``<hex>.tar``. Raises Failed for what is no such archive, as when
    it breaks off because bytes of a layer are not what they were.
    """
    found: set[str] = set()
    try:
        stream = io.BufferedReader(Chunks(saved), _BLOCK)
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_BLOCK) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is not None:
                    found.add(_digested(content, folder, wanted))
    except (tarfile.TarError, OSError) as error:
        raise Failed("the engine does not give the layers of the image", why=str(error)) from None
    return frozenset(found)


def differences(before: Path, after: Path) -> Iterator[str]:
    """Name the files, by path, in which two layers (tar archives) differ, and how.

    Their archives may differ although no file does, by the order in which they lie.
    """
    then, now = _entries(before), _entries(after)
    for path in sorted(then.keys() | now.keys()):
        one, other = then.get(path), now.get(path)
        if one is None or other is None:
            yield f"{path} is only in the {'build' if other is None else 'rebuild'}"
        elif one != other:
            yield f"{path} differs: {_how(one, other)}"


def _entries(layer: Path) -> dict[str, _Entry]:
    found = {}
    with tarfile.open(layer) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            found[member.name.removeprefix("./").strip("/") or "/"] = _Entry(
                _KINDS.get(member.type, "file"),
                stat.filemode(member.mode)[1:],
                f"{member.uid}:{member.gid}",
                int(member.mtime),
                member.linkname,
                member.size,
                # A BufferedReader, whatever typeshed says.
                hashlib.file_digest(content, "sha256").hexdigest() if content else "",  # type: ignore[arg-type]
            )
    return found


def _how(one: _Entry, other: _Entry) -> str:
    said = []
    for name in ("kind", "mode", "owner", "time", "link", "size"):
        then, now = getattr(one, name), getattr(other, name)
        if then != now:
            said.append(f"{name} {then} and {now}")
    if one.content != other.content:
        said.append("content")
    return ", ".join(said)


def _digested(content: IO[bytes], folder: Path, wanted: Collection[str]) -> str:
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder) as kept:
        while block := content.read(_BLOCK):
            digest.update(block)
            if wanted:
                kept.write(block)
        name = f"sha256:{digest.hexdigest()}"
        if name in wanted:
            kept.flush()
            target = folder / f"{digest.hexdigest()}.tar"
            target.unlink(missing_ok=True)
            target.hardlink_to(kept.name)
    return name
