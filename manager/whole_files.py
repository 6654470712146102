"""Files that appear as a whole or not at all, and folders in which one process at a time writes."""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE = 0o600


def beside(path: Path) -> Path:
    """Name what is to be renamed to ``path`` once it is whole; nothing else has that name."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def write(path: Path, text: str, *, mode: int | None = None, replace: bool = True) -> None:
    """Replace a file by ``text`` (UTF-8); a reader sees the old text or the new one, and so does one after a crash.

    Without a mode a file keeps the one it has, and a new one gets the usual one. Raises OSError, FileExistsError
    where a file is there and is not to be replaced.
    """
    if mode is None and path.exists():
        mode = path.stat().st_mode & 0o777
    fresh = beside(path)
    first = 0o666 if mode is None else PRIVATE
    try:
        handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, first)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            if mode is not None:
                # Whatever the umask says.
                os.fchmod(file.fileno(), mode)
        if replace:
            fresh.rename(path)
        else:
            # Fails when the name is taken: of two at once, one wins.
            path.hardlink_to(fresh)
    finally:
        fresh.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only this person may read; a folder that is not there is made so too. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(path, text, mode=PRIVATE)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process after the other write in a folder; the lock is on the folder itself and leaves nothing behind.

    It ends with its process, however that ends.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
