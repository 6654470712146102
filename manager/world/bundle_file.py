"""A bundle as a file: a tar archive of its list, the list's signature, and one blob for each content.

    bundle.json          what is in it, and for what
    bundle.json.sig      who says so; the list has the SHA-256 of every blob, so this covers all of it
    blobs/sha256/<hex>   in the order of their names, each once

Owners, times and modes are fixed, so the same contents are the same file.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from manager import whole_files
from manager.errors import Failed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

LIST, SIGNATURE = "bundle.json", "bundle.json.sig"
_BLOBS = "blobs/sha256/"
_BLOCK = 1024 * 1024
# A list of the largest catalog takes a few megabytes.
_LONGEST_LIST = 64 * _BLOCK
# What is said at least so often while files go by.
_STRIDE = 100 * _BLOCK


def write(
    place: Path, listed: str, signature: str, blobs: Mapping[str, Path | bytes], say: Callable[[str], None]
) -> None:
    """Write a bundle; it appears whole, in place of what was there.

    ``blobs`` are the contents by SHA-256 (hex). Raises Failed for a file that has another hash by now.
    """
    fresh = whole_files.beside(place)
    try:
        with fresh.open("xb") as out, tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            _add(archive, LIST, listed.encode())
            if signature:
                _add(archive, SIGNATURE, signature.encode())
            done = said = 0
            say(f"writing {len(blobs)} files to {place.name}")
            for digest in sorted(blobs):
                done += _add(archive, _BLOBS + digest, blobs[digest], digest)
                if done - said >= _STRIDE:
                    said = done
                    say(f"writing {place.name}: {done // _BLOCK} MB")
            archive.close()
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(place)
    except OSError as error:
        raise Failed(f"{place} cannot be written", why=error.strerror or str(error), where=str(place)) from None
    finally:
        fresh.unlink(missing_ok=True)


class BundleFile:
    """A bundle that is there to be read; nothing of it is trusted before :meth:`verify`."""

    def __init__(self, place: Path, archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> None:
        self.place = place
        self._archive = archive
        self._members = members

    @property
    def listed(self) -> bytes:
        """The list, as it was signed."""
        return self._short(LIST)

    @property
    def signature(self) -> bytes:
        """The signature of the list; empty where nobody signed."""
        return self._short(SIGNATURE) if SIGNATURE in self._members else b""

    def verify(self, blobs: Mapping[str, int]) -> Iterator[str]:
        """Hold every blob against its size and SHA-256, and the archive against the list: a line now and then.

        Raises Failed for a blob that is missing, cut or changed, and for one that the list does not name.
        """
        there = {name.removeprefix(_BLOBS) for name in self._members if name.startswith(_BLOBS)}
        for digest in sorted(blobs.keys() - there):
            raise self._wrong(digest, "it is missing")
        for digest in sorted(there - blobs.keys()):
            raise self._wrong(digest, "the list does not name it")
        done = said = 0
        yield f"checking {len(blobs)} files of {self.place.name}"
        for digest, size in sorted(blobs.items()):
            if self._members[_BLOBS + digest].size != size:
                raise self._wrong(digest, f"it has another size than the list says, {size}")
            found = hashlib.sha256()
            for piece in self.content(digest):
                found.update(piece)
                done += len(piece)
                if done - said >= _STRIDE:
                    said = done
                    yield f"checking {self.place.name}: {done // _BLOCK} MB"
            if found.hexdigest() != digest:
                raise self._wrong(digest, "its SHA-256 is another one: it was changed")

    def content(self, digest: str) -> Iterator[bytes]:
        """Give a blob in pieces; raises Failed where it is cut."""
        member = self._members[_BLOBS + digest]
        left = member.size
        try:
            file = self._archive.extractfile(member)
            while file is not None and left and (piece := file.read(_BLOCK)):
                left -= len(piece)
                yield piece
        except (tarfile.TarError, OSError) as error:
            raise self._wrong(digest, str(error)) from None
        if left:
            raise self._wrong(digest, "it is cut")

    def copy(self, digest: str, target: Path) -> None:
        """Write a blob to a new file, and hold it against its SHA-256 once more: the bundle may be another one now."""
        found = hashlib.sha256()
        with target.open("xb") as out:
            for piece in self.content(digest):
                found.update(piece)
                out.write(piece)
        if found.hexdigest() != digest:
            raise self._wrong(digest, "it was changed while the bundle was loaded")

    def whole(self, digest: str) -> bytes:
        """Give a small blob at once, held against its SHA-256."""
        content = b"".join(self.content(digest))
        if hashlib.sha256(content).hexdigest() != digest:
            raise self._wrong(digest, "it was changed while the bundle was loaded")
        return content

    def _short(self, name: str) -> bytes:
        member = self._members[name]
        if member.size > _LONGEST_LIST:
            raise _no_bundle(self.place, f"{name} is larger than any list is")
        try:
            file = self._archive.extractfile(member)
            return file.read() if file else b""
        except (tarfile.TarError, OSError) as error:
            raise _no_bundle(self.place, f"{name}: {error}") from None

    def _wrong(self, digest: str, why: str) -> Failed:
        return Failed(
            f"{self.place.name} is not what its list says",
            why=f"{_BLOBS}{digest}: {why}",
            hint="copy it again from where it was made, or make it again; nothing of it was loaded",
            where=str(self.place),
        )


@contextmanager
def opened(place: Path) -> Iterator[BundleFile]:
    """Open a bundle: its table is read, none of its contents.

    Raises UsageError where there is no such file, Failed for what is no bundle: no list, an entry that is no plain
    file, one called otherwise than a bundle's entries are, or twice the same.
    """
    try:
        with place.open("rb") as file, _archive(place, file) as archive:
            yield BundleFile(place, archive, _members(place, archive, file))
    except FileNotFoundError:
        raise UsageError(f"there is no file {place}", hint="solvent bundle create FILE makes one") from None
    except (IsADirectoryError, PermissionError) as error:
        raise UsageError(f"{place} cannot be read", why=error.strerror or "") from None


def _archive(place: Path, file: IO[bytes]) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=file, mode="r:")
    except (tarfile.TarError, OSError, ValueError, RecursionError) as error:
        raise _no_bundle(place, str(error)) from None


def _members(place: Path, archive: tarfile.TarFile, file: IO[bytes]) -> dict[str, tarfile.TarInfo]:
    end = os.fstat(file.fileno()).st_size
    found: dict[str, tarfile.TarInfo] = {}
    try:
        for member in archive:
            digest = member.name.removeprefix(_BLOBS)
            blob = digest != member.name and len(digest) == 64 and set(digest) <= set("0123456789abcdef")
            if not member.isreg() or not (blob or member.name in (LIST, SIGNATURE)):
                raise _no_bundle(place, f"it has an entry that no bundle has: {member.name[:200]!r}")
            if member.name in found:
                raise _no_bundle(place, f"it has {member.name} twice")
            if member.offset_data + member.size > end:
                raise _no_bundle(place, f"it ends within {member.name}: it is cut")
            found[member.name] = member
    except (tarfile.TarError, EOFError, ValueError, OSError, RecursionError) as error:
        raise _no_bundle(place, str(error)) from None
    if end % tarfile.RECORDSIZE:
        raise _no_bundle(place, "it is cut: an archive has an end")
    if LIST not in found:
        raise _no_bundle(place, f"it has no {LIST}")
    return found


def _add(archive: tarfile.TarFile, name: str, content: Path | bytes, digest: str = "") -> int:
    """Add a file; raises Failed where it is not the one that the list names."""
    member = tarfile.TarInfo(name)
    member.mode = 0o644
    if isinstance(content, bytes):
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
        return member.size
    with content.open("rb") as file:
        member.size = os.fstat(file.fileno()).st_size
        read = _Digested(file)
        archive.addfile(member, read)
    if read.digest.hexdigest() != digest:
        raise Failed(f"{content.name} was changed while the bundle was written", hint="run the command again")
    return member.size


class _Digested:
    """A file that is digested while somebody else reads it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Give the next piece."""
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def _no_bundle(place: Path, why: str) -> Failed:
    return Failed(f"{place.name} is no whole bundle", why=why, hint="nothing of it was loaded", where=str(place))
