"""Carries files from one tar stream into another: other folders and owners, and nothing that is no file of a person."""

from __future__ import annotations

import io
import posixpath
import tarfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from manager.chunks import Chunks
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1024 * 1024
# How many places that were left are named.
_NAMED = 20
END = bytes(2 * tarfile.BLOCKSIZE)


@dataclass(slots=True)
class Cargo:
    """What was carried so far: files, bytes, whose they were, and what was left."""

    files: int = 0
    size: int = 0
    owners: set[int] = field(default_factory=set)
    left: list[str] = field(default_factory=list)


def carried(chunks: Iterator[bytes], folder: str, uid: int, cargo: Cargo) -> Iterator[bytes]:
    """Give the members of a stream, without its end, as members below ``folder`` that belong to ``uid``.

    The stream's outermost folder is taken off. Whoever gets the files may read and write them; no file keeps a right
    to run as somebody else, and devices and pipes are left. Raises Failed for a stream that breaks off.
    """
    for above in _above(folder):
        yield _header(_folder(above), uid)
    try:
        with tarfile.open(fileobj=_reader(chunks), mode="r|", bufsize=_BLOCK) as archive:
            for member in archive:
                yield from _member(archive, member, folder, uid, cargo)
    except (tarfile.TarError, EOFError) as error:
        raise Failed("the files could not be read to their end", why=str(error)) from error


def empty(chunks: Iterator[bytes]) -> bool:
    """Say whether a stream of a folder holds nothing but that folder; the rest of the stream is not read."""
    try:
        with tarfile.open(fileobj=_reader(chunks), mode="r|", bufsize=_BLOCK) as archive:
            # A volume that is a file system of its own may have this one.
            return all(not _inside(one.name) or _inside(one.name) == "lost+found" for one in archive)
    except (tarfile.TarError, EOFError) as error:
        raise Failed("the workspace could not be looked at", why=str(error)) from error


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: str, uid: int, cargo: Cargo) -> Iterator[bytes]:
    name = posixpath.normpath(posixpath.join(folder, _inside(member.name)))
    if name == "." or name.startswith("../"):
        return
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        if len(cargo.left) < _NAMED:
            cargo.left.append(f"{name} is no file")
        return
    cargo.owners.add(member.uid)
    made = tarfile.TarInfo(name)
    made.type, made.mtime, made.linkname = member.type, member.mtime, member.linkname
    made.mode = (member.mode & 0o777) | (0o700 if member.isdir() else 0o600)
    if member.islnk():
        made.linkname = posixpath.normpath(posixpath.join(folder, _inside(member.linkname)))
    if member.isreg():
        made.type, made.size = tarfile.REGTYPE, member.size
        cargo.files += 1
        cargo.size += member.size
    yield _header(made, uid)
    content = archive.extractfile(member) if member.isreg() else None
    while content is not None and (block := content.read(_BLOCK)):
        yield block
    yield bytes(-made.size % tarfile.BLOCKSIZE)


def _inside(name: str) -> str:
    """Take the outermost folder off a name."""
    return posixpath.normpath(name).partition("/")[2]


def _above(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _folder(name: str) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.mode = tarfile.DIRTYPE, 0o755
    return made


def _header(member: tarfile.TarInfo, uid: int) -> bytes:
    member.uid = member.gid = uid
    return member.tobuf(tarfile.PAX_FORMAT)


def _reader(chunks: Iterator[bytes]) -> IO[bytes]:
    return io.BufferedReader(Chunks(chunks), _BLOCK)
