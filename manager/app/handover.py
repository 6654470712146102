"""What an environment's entry point reads from its standard input: a tar of its token and its connections.

It is unpacked into a tmpfs that only the user can read, again at each start, and stands nowhere else.
"""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.delivery import File


def archive(token: str, files: Iterable[File], uid: int) -> bytes:
    """Give the tar: ``token`` (without a newline, Jupyter takes the file as it is) and the connections' files.

    Paths are relative to ``/run/solvent``; files are 0600 and folders 0700, owned by ``uid``.
    """
    return _tar([("token", token.encode()), *((file.path, file.content) for file in files)], uid)


def packed(files: Iterable[File]) -> bytes:
    """Give the tar of connections' files alone, for an environment that runs; its user unpacks it as its own."""
    return _tar([(file.path, file.content) for file in files], 0)


def _tar(contents: list[tuple[str, bytes]], uid: int) -> bytes:
    buffer = io.BytesIO()
    seen: set[str] = set()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in contents:
            parts = path.split("/")[:-1]
            for depth in range(1, len(parts) + 1):
                parent = "/".join(parts[:depth])
                if parent not in seen:
                    seen.add(parent)
                    tar.addfile(_entry(parent, uid, 0o700, tarfile.DIRTYPE))
            entry = _entry(path, uid, 0o600, tarfile.REGTYPE)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _entry(path: str, uid: int, mode: int, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.uid = entry.gid = uid
    entry.mode = mode
    entry.type = kind
    return entry
