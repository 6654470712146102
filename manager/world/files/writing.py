"""Writes one file of a catalog: judged before, as a whole or not at all, and of two who edit at once one is told."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import CatalogError, Failed, Refused
from manager.world.files import documents, extending
from manager.world.files.documents import Document
from manager.world.files.loading import problems_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.world.files.documents import Folder, Kind

_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one file of a catalog, whose path is relative to the root.

    ``change`` makes the new text of the present one, which is None for a file that is not there; ``refusal`` is
    what is said when the new text is wrong.
    """

    kind: Kind
    file: str
    change: Callable[[str | None], str]
    refusal: str


def judged(root: Path, content: str, edit: Edit) -> str:
    """Give the text that would be written.

    ``content`` is the digest of the catalog that was read. Raises Refused when it has another one by now,
    CatalogError when the text is wrong, Failed when a file cannot be read.
    """
    try:
        return _judged(root, content, edit)
    except OSError as error:
        raise _said(error, root / edit.file) from error


def write(root: Path, content: str, edit: Edit) -> str:
    """Write a file and give its text; raises as :func:`judged`, Refused when it cannot be written.

    Nothing is changed then. The folder of a new file may be new as well.
    """
    file = root / edit.file
    try:
        # The nearest folder that is there.
        with _alone(next(folder for folder in file.parents if folder.is_dir())):
            text = _judged(root, content, edit)
            _put(file, text)
    except OSError as error:
        raise _said(error, file) from error
    return text


def _judged(root: Path, content: str, edit: Edit) -> str:
    folder = extending.with_shipped(documents.read(root))
    if folder.content != content:
        raise Refused(
            "the catalog has changed since it was read",
            why="somebody else is editing it",
            hint="nothing was written; run the command again",
            where=str(root),
        )
    file = root / edit.file
    text = edit.change(file.read_text(encoding="utf-8") if file.is_file() else None)
    problems = problems_of(_with(folder, edit, text))
    if problems:
        raise CatalogError(f"{edit.refusal}; nothing was written", problems)
    return text


def _said(error: OSError, file: Path) -> Refused | Failed:
    kind = Refused if error.errno in _READ_ONLY else Failed
    return kind(f"{file} cannot be written", why=error.strerror or "", where=str(file))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one edit after the other; a lock on the folder itself leaves nothing behind in the catalog."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _with(folder: Folder, edit: Edit, text: str) -> Folder:
    """Give what would be read of the catalog if the file said ``text``."""
    raw = text.encode()
    others = tuple(one for one in folder.documents if one.file != edit.file)
    fresh = Document(edit.kind, edit.file, raw, tomllib.loads(text))
    digests = folder.digests | {edit.file: hashlib.sha256(raw).hexdigest()}
    return extending.with_shipped(replace(folder, documents=(*others, fresh), digests=digests))


def _put(file: Path, text: str) -> None:
    """Put a file in its place as a whole; with it its folder, where that is not there."""
    if file.parent.is_dir():
        _replace(file.resolve(), text)
        return
    made = Path(tempfile.mkdtemp(dir=file.parent.parent, prefix=f".{file.parent.name}."))
    try:
        _replace(made / file.name, text)
        # mkdtemp makes it 0700; a team reads a catalog.
        made.chmod(0o777 & ~_umask())
        made.rename(file.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _replace(file: Path, text: str) -> None:
    """Replace a file; a team reads it, so it keeps its mode, and a new one gets the usual one."""
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(mode)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
