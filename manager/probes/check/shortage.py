"""What had run out where something failed: a disk, memory, processes. That says nothing of the driver.

An engine says so by a code or in words, a system call by its number, and the kernel counts how often the limits of the
sandbox were met.
"""

import errno
import os
import signal
from pathlib import Path

DISK, MEMORY, PROCESSES = "a disk is full", "there was no memory left", "no further process was allowed"
# Ends of a process that are of a driver's own fault. Others are somebody's or the memory limit's: where C++ gets no
# memory, SIGABRT is the end.
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
# PostgreSQL's appendix A (class 53); MySQL's and MariaDB's server errors (disk full, table full, out of memory, of
# sort memory, of resources, no thread); Firebird's 335544985 (isc_out_of_temp_space).
_CODES = {
    "53100": DISK, "53200": MEMORY, 1021: DISK, 1114: DISK, 1037: MEMORY, 1038: MEMORY, 1041: MEMORY, 1135: PROCESSES,
    335544985: DISK,
}  # fmt: skip
_NUMBERS = {errno.ENOSPC: DISK, errno.EDQUOT: DISK, errno.ENOMEM: MEMORY}
# SQLite's "Result and Error Codes"; what is above the lowest byte says more of it.
_SQLITE_FULL, _SQLITE_KIND = 13, 0xFF
# Where no code is left of it: strerror(3) of the three, SQLite, MySQL's storage engines, Firebird's sorts, MongoDB,
# Elasticsearch, Redis, DuckDB, and what C++ throws.
_WORDS = {
    "no space left on device": DISK,
    "disk quota exceeded": DISK,
    "database or disk is full": DISK,
    "got error 28 ": DISK,
    "no free space found in temporary directories": DISK,
    "outofdiskspace": DISK,
    "flood-stage watermark": DISK,
    "cannot allocate memory": MEMORY,
    "oom command not allowed": MEMORY,
    "out of memory error": MEMORY,
    "std::bad_alloc": MEMORY,
}
_NO_THREAD = "can't start new thread"
# cgroups(7): the files of the second version, and of the first.
_CGROUP = Path("/sys/fs/cgroup")
_COUNTED = (
    (MEMORY, "oom_kill", ("memory.events", "memory/memory.oom_control")),
    (PROCESSES, "max", ("pids.events", "pids/pids.events")),
)
# Where drivers write, and what is as good as nothing there.
_PLACES, _NOTHING = ("/tmp", "/dev/shm"), 65536


def met():
    """Count how often each limit of the sandbox was met; what nobody counts is left out."""
    found = {}
    for what, word, files in _COUNTED:
        for file in files:
            try:
                fields = _text(f"{_CGROUP}/{file}").split()
                found[what] = int(fields[fields.index(word) + 1])
            except (OSError, ValueError, IndexError):
                continue
            break
    return found


def _text(path):
    """Read a small file, as quickly as each probe has it read twice."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 65536).decode()
    finally:
        os.close(file)


def since(before):
    """Say which limit was met since it was counted (:func:`met`), or nothing."""
    return next((what for what, count in met().items() if count > before.get(what, count)), "")


def said(text):
    """Say what had run out by the words of an error, or nothing."""
    text = text.lower() + " "
    if _NO_THREAD in text and PROCESSES not in met():
        return PROCESSES
    return next((what for words, what in _WORDS.items() if words in text), "")


def of(error):
    """Say what had run out by an error, by what it came from, or by what there is now; or nothing."""
    seen, left = set(), [error]
    while left:
        one = left.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if what := _own(one):
            return what
        group = getattr(one, "exceptions", ())
        left += [one.__cause__, one.__context__, *one.args, *(group if isinstance(group, tuple) else ())]
    return DISK if any(map(_full, _PLACES)) else ""


def _own(error):
    # Faults are raised in the words of ``asking``, which asks here.
    from faults import codes

    if isinstance(error, MemoryError):
        return MEMORY
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return _NUMBERS[error.errno]
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        # Its numbers are others' as well.
        return DISK if code & _SQLITE_KIND == _SQLITE_FULL else said(str(error))
    given = getattr(error, "gds_codes", ())
    found = [*codes(error), *(given if isinstance(given, tuple) else ())]
    return next((_CODES[one] for one in found if one in _CODES), "") or said(str(error))


def _full(place):
    try:
        there = os.statvfs(place)
    except OSError:
        return False
    return there.f_blocks > 0 and there.f_bavail * there.f_frsize < _NOTHING
