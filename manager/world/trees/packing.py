"""Packs files of a sealed tree as a tar archive that unpacks to a layer: the same files give the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

from manager import whole_files
from manager.errors import Failed
from manager.world.trees.content import mode_of, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Changed when the same files are packed to other bytes than before.
_FORM = b"1"
# Bytes written at a time.
_BLOCK = 1024 * 1024


def archive_key(prefix: str, chosen: Mapping[str, bytes]) -> str:
    """Name an archive by what goes into it (lines of a manifest, by path), without packing it; hex SHA-256."""
    return hashlib.sha256(b"\0".join([_FORM, prefix.encode(), *(chosen[path] for path in sorted(chosen))])).hexdigest()


def pack(tree: Path, prefix: str, chosen: Mapping[str, bytes], out: Path) -> str:
    """Write files of a tree below ``prefix`` as a tar archive; give its SHA-256 (hex).

    ``chosen`` are lines of the tree's manifest by path: each file is held against its line while it is read.
    Sorted, owner 0, time 0, with the folders that the files need. ``out`` appears when it is complete. Raises
    Failed, with the path, for a file that is not what was sealed.
    """
    base = PurePosixPath(prefix.lstrip("/"))
    inside = {(base / path).as_posix(): path for path in chosen}
    folders = {parent.as_posix() for path in inside for parent in PurePosixPath(path).parents} - {"."}
    unfinished = whole_files.beside(out)
    try:
        with unfinished.open("wb") as file:
            hashed = _Hashed(file)
            with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_BLOCK) as archive:
                for name in sorted({*folders, *inside}):
                    if name in inside:
                        _add(archive, name, tree, inside[name], chosen[inside[name]])
                    else:
                        folder = tarfile.TarInfo(name)
                        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                        archive.addfile(folder)
        unfinished.rename(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return hashed.digest()


def _add(archive: tarfile.TarFile, name: str, tree: Path, path: str, sealed: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.mode = mode_of(sealed)
    file = tree / path
    try:
        if file.is_symlink():
            content, kind = os.fsencode(file.readlink()), "l"
            member.type, member.linkname = tarfile.SYMTYPE, os.fsdecode(content)
        else:
            content, kind = file.read_bytes(), "f"
            member.size = len(content)
    except OSError as error:
        raise _changed("missing" if isinstance(error, FileNotFoundError) else "not readable", path) from error
    if written(kind, member.mode, content, path) != sealed:
        raise _changed("changed", path)
    archive.addfile(member, io.BytesIO(content) if kind == "f" else None)


def _changed(how: str, path: str) -> Failed:
    return Failed("a tree was not what was sealed", why=f"{how}: {path}")


class _Hashed(io.RawIOBase):
    """A file that hashes what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._hash.update(data)
        return self._file.write(data)

    def digest(self) -> str:
        return self._hash.hexdigest()
