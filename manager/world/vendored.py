"""Repacks vendors' files as archives that are unpacked at /: fixed owners, modes and times, nothing outside of them."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

from manager.core.zips import BROKEN
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager.core.systems import Artifact

# Its name, what it is, and the content of a file.
Member = tuple[str, tarfile.TarInfo, IO[bytes] | None]

_EXECUTABLE = (b"#!", b"\x7fELF")


def repack(artifact: Artifact, file: Path, out: Path) -> None:
    """Write an archive's members below the artifact's target, or the file itself at it, to the tar archive ``out``.

    Everything belongs to root; what somebody may execute is 0755, the rest 0644. Raises Failed for what is no archive
    after all, and for members that lead out of the target, lie behind a link, or are devices.
    """
    target = artifact.target.strip("/")
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as archive:
        packed = _Packed(archive, artifact.name)
        if artifact.kind == "file":
            with file.open("rb") as whole:
                mode = 0o755 if whole.read(4).startswith(_EXECUTABLE) else 0o644
                whole.seek(0)
                packed.file(target, mode, file.stat().st_size, whole)
            return
        packed.folder(target)
        try:
            for name, member, content in _members(file):
                packed.member(target, name, member, content)
        except (*BROKEN, tarfile.TarError) as error:
            why = str(error)
            raise Failed(f"the artifact {artifact.name} cannot be unpacked", why=why, hint="is it complete?") from error


def _members(file: Path) -> Iterator[Member]:
    """Give an archive's members in its order, those of a zip archive in tar's words."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for one in archive.infolist():
                yield from _from_zip(archive, one)
        return
    with tarfile.open(file) as archive:
        for member in archive:
            yield member.name, member, archive.extractfile(member) if member.isreg() else None


def _from_zip(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> Iterator[Member]:
    mode = one.external_attr >> 16
    member = tarfile.TarInfo(one.filename)
    member.mode, member.size = mode & 0o777, one.file_size
    if one.is_dir():
        member.type = tarfile.DIRTYPE
        yield one.filename, member, None
    elif stat.S_ISLNK(mode):
        member.type, member.linkname = tarfile.SYMTYPE, archive.read(one).decode()
        yield one.filename, member, None
    else:
        with archive.open(one) as content:
            yield one.filename, member, content


class _Packed:
    """The archive under way: which folders and links it holds already."""

    def __init__(self, archive: tarfile.TarFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._folders: set[str] = set()
        self._links: set[str] = set()

    def member(self, target: str, name: str, member: tarfile.TarInfo, content: IO[bytes] | None) -> None:
        path = self._inside(target, name)
        if member.isdir():
            self.folder(path)
        elif content is not None:
            self.file(path, 0o755 if member.mode & 0o111 else 0o644, member.size, content)
        elif member.issym() or member.islnk():
            # A hard link names another member, a symbolic one whatever it likes: nothing is packed behind it.
            link = member.linkname
            if member.islnk():
                # A second name of a symbolic link would be one that we do not know.
                link = self._inside(target, link)
                self._behind_no_link(link)
            self._parents(path)
            info = _info(path, 0o777 if member.issym() else 0o644, member.type)
            info.linkname = link
            self._archive.addfile(info)
            if member.issym():
                self._links.add(path)
        else:
            raise self._refused(name, "is neither file, folder nor link")

    def file(self, path: str, mode: int, size: int, content: IO[bytes]) -> None:
        self._parents(path)
        info = _info(path, mode, tarfile.REGTYPE)
        info.size = size
        self._archive.addfile(info, content)

    def folder(self, path: str) -> None:
        self._parents(path)
        if path and path not in self._folders:
            self._folders.add(path)
            self._archive.addfile(_info(path, 0o755, tarfile.DIRTYPE))

    def _behind_no_link(self, path: str) -> None:
        if path in self._links:
            raise self._refused(path, "is a link already")
        if any(str(parent) in self._links for parent in PurePosixPath(path).parents):
            raise self._refused(path, "lies behind a link")

    def _parents(self, path: str) -> None:
        self._behind_no_link(path)
        for parent in reversed(PurePosixPath(path).parents):
            if str(parent) != "." and str(parent) not in self._folders:
                self._folders.add(str(parent))
                self._archive.addfile(_info(str(parent), 0o755, tarfile.DIRTYPE))

    def _inside(self, target: str, name: str) -> str:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise self._refused(name, "leads out of it")
        return str(PurePosixPath(target, path)) if target else str(path)

    def _refused(self, member: str, why: str) -> Failed:
        return Failed(f"the artifact {self._name} cannot be unpacked", why=f"its member {member} {why}")


def _info(path: str, mode: int, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.mode, info.type = mode, kind
    return info
