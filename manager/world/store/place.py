"""Where a SQLite database lies: its folder and its file, made with narrow modes."""

from __future__ import annotations

import os
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
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            found = os.fstat(descriptor)
            if found.st_uid == os.getuid() and found.st_mode & 0o777 != file_mode:
                os.fchmod(descriptor, file_mode)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreachable(
            f"the state database {shown} cannot be opened",
            why=f"{error.strerror}: {error.filename or file}",
            hint="see to the folder's permissions, or name another database in SOLVENT_DATABASE_URL",
        ) from None
