"""Edits the catalog's file of shared connections: comments stay, and of two who edit at once one is told."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import tempfile
import tomllib
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.errors import CatalogError, Failed, Refused, UsageError
from manager.world.files import documents, extending
from manager.world.files.documents import SHARED, Document
from manager.world.files.loading import problems_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tomlkit import TOMLDocument

    from manager.core.sharing import SharedConnection

_TOP = """\
# Connections that this catalog gives to everybody. No secret stands here: each person brings what `needs` names.

"""
_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)


def share(root: Path, content: str, shared: SharedConnection) -> None:
    """Append a shared connection to a catalog's file, which is made with the first one.

    ``content`` is the digest of the catalog that was read. Raises Refused when it has another one by now or cannot
    be written, CatalogError when what would be written is wrong; nothing is changed then.
    """

    def append(document: TOMLDocument) -> None:
        import tomlkit

        table = tomlkit.table()
        for key in ("name", "connector", "description", "owner", "source", "network"):
            if value := getattr(shared, key):
                table[key] = value
        table["needs"] = list(shared.needs)
        if shared.parameters:
            given = tomlkit.inline_table()
            given.update(dict(shared.parameters))
            table["parameters"] = given
        tables = document.setdefault("connection", tomlkit.aot())
        if tables:
            tables[-1].add(tomlkit.nl())
        tables.append(table)

    _edit(root, content, append)


def unshare(root: Path, content: str, name: str) -> None:
    """Take a shared connection out of a catalog's file; raises as :func:`share`, UsageError for an unknown one."""

    def drop(document: TOMLDocument) -> None:
        tables: Any = document.get("connection", [])
        at = next((index for index, table in enumerate(tables) if table.get("name") == name), None)
        if at is None:
            raise UsageError(f"the catalog shares no connection {name!r}")
        del tables[at]

    _edit(root, content, drop)


def _edit(root: Path, content: str, change: Callable[[TOMLDocument], None]) -> None:
    import tomlkit

    file = root / SHARED
    try:
        with _alone(file.parent):
            folder = extending.with_shipped(documents.read(root))
            if folder.content != content:
                raise Refused(
                    "the catalog has changed since it was read",
                    why="somebody else is editing it",
                    hint="nothing was written; run the command again",
                    where=str(root),
                )
            text = file.read_text(encoding="utf-8") if file.is_file() else _TOP
            document = tomlkit.parse(text)
            change(document)
            fresh = tomlkit.dumps(document)
            problems = problems_of(_with(folder, fresh))
            if problems:
                raise CatalogError("this connection cannot be shared; nothing was written", problems)
            _write(file, fresh)
    except OSError as error:
        kind = Refused if error.errno in _READ_ONLY else Failed
        raise kind(f"{file} cannot be written", why=error.strerror or "", where=str(file)) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one edit after the other; a lock on the folder itself leaves nothing behind in the catalog."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _with(folder: documents.Folder, text: str) -> documents.Folder:
    """Give what would be read of the catalog if the file said ``text``."""
    raw = text.encode()
    others = tuple(one for one in folder.documents if one.file != SHARED)
    return replace(
        folder,
        documents=(*others, Document("connections", SHARED, raw, tomllib.loads(text))),
        digests=folder.digests | {SHARED: hashlib.sha256(raw).hexdigest()},
    )


def _write(file: Path, text: str) -> None:
    """Replace the file as a whole; a team reads it, so it keeps its mode, and a new one gets the usual one."""
    real = file.resolve()
    umask = os.umask(0)
    os.umask(umask)
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o666 & ~umask
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(mode)
        Path(name).replace(real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
