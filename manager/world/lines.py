"""Appends lines to a file that others read while it grows."""

from __future__ import annotations

import os
from pathlib import Path

from manager.errors import Failed


def append(path: str, line: str) -> None:
    """Append one line, whole, and see it to the disk; what a killed writer left half is ended first.

    The file is made where it is missing, readable by its owner alone. Raises Failed.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            broken = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            whole = ("\n" if broken else "").encode() + line.encode() + b"\n"
            # One write: appends of several processes do not mix (POSIX, O_APPEND).
            if os.write(descriptor, whole) != len(whole):
                raise Failed(f"{path} cannot be written whole", why="the disk is full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        hint = f"make its folder:  mkdir -p {Path(path).parent}" if isinstance(error, FileNotFoundError) else ""
        raise Failed(f"{path} cannot be written", why=error.strerror or "", hint=hint) from None
