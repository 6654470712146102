"""Who holds a locked SQLite file: the kernel's list of locks names the process."""

from __future__ import annotations

import os
from pathlib import Path

# proc(5): "1: POSIX  ADVISORY  WRITE 17 fd:00:396 120 120" is number, kind, mode, access, process, place and range.
_LOCKS = Path("/proc/locks")


def holder(file: Path) -> str:
    """Name the other process that writes to a SQLite file: ``process 17 (sqlite3)``; "" where nobody can tell.

    In WAL mode the lock is on the file ``-shm`` beside it.
    """
    inodes = set()
    for name in (file.name, f"{file.name}-shm", f"{file.name}-wal"):
        try:
            inodes.add(str(file.with_name(name).stat().st_ino))
        except OSError:
            continue
    try:
        lines = [line.split() for line in _LOCKS.read_text(encoding="ascii").splitlines()]
    except OSError:
        return ""
    for words in lines:
        # A process that waits for a lock has an arrow behind the number.
        if len(words) != 8 or words[3] != "WRITE" or words[5].rpartition(":")[2] not in inodes:
            continue
        if int(words[4]) > 0 and int(words[4]) != os.getpid():
            return f"process {words[4]} ({_program(words[4])})"
    return ""


def _program(process: str) -> str:
    """Give a program's name, never its words: those may hold a secret."""
    try:
        return Path("/proc", process, "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "ended meanwhile"
