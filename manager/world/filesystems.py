"""Reads what is installed out of tar streams: exported containers, saved images, single paths.

Nothing is unpacked: each file that says something is read where it passes by. Whoever made the files is not trusted.
"""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
from typing import IO, TYPE_CHECKING

from manager.chunks import Chunks
from manager.core import traces
from manager.core.scans import Layer, Scan, Unread, stacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BLOCK = 1024 * 1024
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_ZSTD = b"\x28\xb5\x2f\xfd"
_LONGEST_MANIFEST = 16 * 1024**2
# Where conda keeps what it may install: those packages are not installed.
_CACHE = "/pkgs/"


def tree(chunks: Iterator[bytes], drivers: Mapping[str, str], top: str = "/") -> Scan:
    """Read a file system, or the part of one that lies in the folder ``top``."""
    return _layer(_stream(chunks), drivers, top).scan


def image(chunks: Iterator[bytes], drivers: Mapping[str, str]) -> Scan:
    """Read an image as engines save it (``docker save``): its layers lie in it in any order."""
    layers: dict[str, Layer] = {}
    same: dict[str, str] = {}
    order: list[str] = []
    try:
        with tarfile.open(fileobj=_stream(chunks), mode="r|", bufsize=_BLOCK) as archive:
            for member in archive:
                name = posixpath.normpath(member.name)
                if member.issym():
                    same[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
                file = archive.extractfile(member) if member.isreg() else None
                if file is None:
                    continue
                if name == "manifest.json":
                    order = _order(file)
                elif name.endswith("/layer.tar") or name.startswith("blobs/"):
                    layers[name] = _blob(file, drivers)
    except (tarfile.TarError, EOFError, OSError) as error:
        return Scan(unread=(Unread("/", f"the saved image cannot be read: {error}"),))
    if not order:
        return Scan(unread=(Unread("/", "the saved image names no layers"),))
    absent = Layer(Scan(unread=(Unread("/", "a layer is missing in the saved image"),)))
    return stacked(layers.get(name) or layers.get(same.get(name, ""), absent) for name in order)


def _blob(file: IO[bytes], drivers: Mapping[str, str]) -> Layer:
    """Read a layer; a blob that is none, such as a configuration, says nothing."""
    begins = file.peek(4)[:4] if isinstance(file, io.BufferedReader) else b""
    if begins == _ZSTD:
        return Layer(Scan(unread=(Unread("/", "a layer is compressed with zstd"),)))
    return Layer(Scan()) if begins[:1] in (b"{", b"[") else _layer(file, drivers, "/")


def _order(file: IO[bytes]) -> list[str]:
    try:
        (found,) = json.loads(file.read(_LONGEST_MANIFEST))
        return [posixpath.normpath(str(name)) for name in found["Layers"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _layer(file: IO[bytes], drivers: Mapping[str, str], top: str) -> Layer:
    seen: list[traces.Trace] = []
    unread: list[Unread] = []
    gone: list[str] = []
    emptied: list[str] = []
    said: dict[str, tuple[traces.Trace, ...]] = {}
    try:
        with tarfile.open(fileobj=file, mode="r|*", bufsize=_BLOCK) as archive:
            for member in archive:
                path = posixpath.normpath(posixpath.join("/", top, member.name))
                folder, name = posixpath.split(path)
                if name == _OPAQUE:
                    emptied.append(folder)
                elif name.startswith(_WHITEOUT):
                    gone.append(posixpath.join(folder, name.removeprefix(_WHITEOUT)))
                elif not member.isdir():
                    try:
                        found = _said(archive, member, path, drivers, said)
                    except ValueError as error:
                        unread.append(Unread(path, str(error)))
                        found = ()
                    # Whatever lay below it at this path is covered.
                    gone.append(path)
                    if _CACHE not in path:
                        seen += found
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        unread.append(Unread(top, f"not all of it could be read: {error}"))
    return Layer(Scan(tuple(seen), tuple(unread)), tuple(gone), tuple(emptied))


def _said(
    archive: tarfile.TarFile,
    member: tarfile.TarInfo,
    path: str,
    drivers: Mapping[str, str],
    said: dict[str, tuple[traces.Trace, ...]],
) -> tuple[traces.Trace, ...]:
    """Give what one file says; raises ValueError where it cannot be read."""
    limit, head = traces.limit(path, drivers)
    if not limit:
        return ()
    if member.islnk():
        # A second name of a file that came before.
        target = posixpath.normpath("/" + member.linkname)
        return tuple(traces.Trace(one.kind, one.name, one.version, path, one.connector) for one in said.get(target, ()))
    if not member.isreg():
        return ()
    if member.size > limit and not head:
        raise ValueError(f"it has {member.size} bytes, and no more than {limit} are read of such a file")
    file = archive.extractfile(member)
    said[path] = traces.read(path, file.read(limit), drivers) if file else ()
    return said[path]


def _stream(chunks: Iterator[bytes]) -> IO[bytes]:
    return io.BufferedReader(Chunks(chunks), _BLOCK)
