"""Where a SQLite database lies: its folder and its file, made with narrow modes.

A database that is there is never opened here. Closing any descriptor of a file takes away all locks that this process
has on it (fcntl(2)), those of its other connections too; another process would then take itself for the last one and
remove the log that they write to (https://www.sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from manager.errors import Unreachable

if TYPE_CHECKING:
    from pathlib import Path


def narrow(file: Path, *, shared: bool, shown: str) -> None:
    """Make the file's folder and the file itself with narrow modes; SQLite's -wal and -shm get the file's."""
    folder_mode, file_mode = (0o2770, 0o660) if shared else (0o700, 0o600)
    try:
        if not file.parent.exists():
            file.parent.parent.mkdir(parents=True, exist_ok=True)
            try:
                file.parent.mkdir(mode=0o700)
                file.parent.chmod(folder_mode)
            except FileExistsError:
                pass  # another process was faster
        if not file.exists():
            _make(file)
        found = file.stat()
        if found.st_uid == os.getuid() and found.st_mode & 0o777 != file_mode:
            file.chmod(file_mode)
        if not os.access(file, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
    except OSError as error:
        raise Unreachable(
            f"the state database {shown} cannot be opened",
            why=f"{error.strerror}: {error.filename or file}",
            hint="see to the folder's permissions, or name another database in SOLVENT_DATABASE_URL",
        ) from None


def _make(file: Path) -> None:
    """Make an empty file, which is whole and closed before anybody can open it by its name."""
    new = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        os.link(new, file)
    except FileExistsError:
        pass  # another process or thread was faster
    except OSError:
        # A file system without links; two first starts within one process are then at their own risk.
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    finally:
        new.unlink()
