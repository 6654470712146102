"""Writes one file of a catalog: judged before, as a whole or not at all, and of two who edit at once one is told."""

from __future__ import annotations

import errno
import hashlib
import shutil
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager import whole_files
from manager.errors import CatalogError, Failed, Refused
from manager.world.files import documents, extending
from manager.world.files.documents import Document
from manager.world.files.loading import problems_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
        # What was read is compared as a whole, so one writes at a time in the whole of it.
        with whole_files.alone(root):
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
    if not file.resolve().is_relative_to(root.resolve()):
        raise Refused(f"{edit.file} leads out of the catalog", hint="nothing was written", where=str(file))
    text = edit.change(file.read_text(encoding="utf-8") if file.is_file() else None)
    problems = problems_of(_with(folder, edit, text))
    if problems:
        raise CatalogError(f"{edit.refusal}; nothing was written", problems)
    return text


def _said(error: OSError, file: Path) -> Refused | Failed:
    kind = Refused if error.errno in _READ_ONLY else Failed
    return kind(f"{file} cannot be written", why=error.strerror or "", where=str(file))


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
        whole_files.write(file.resolve(), text)
        return
    # Not where families are looked for: what a kill leaves behind is no family.
    made = whole_files.beside(file.parent.parent)
    made.mkdir()
    try:
        whole_files.write(made / file.name, text)
        made.rename(file.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)
