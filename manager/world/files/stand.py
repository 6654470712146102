"""Whether a catalog's files are those that were read: by their names, times and sizes, without opening one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Git's own folder changes with every look at it.
_ASIDE = (".git", "__pycache__")


def standing(root: Path, besides: Iterable[Path]) -> frozenset[tuple[str, int, int]]:
    """Give every file below ``root`` with the time of its last change and its size, and those of ``besides``.

    A file that is written again with the same bytes is another one; one of the same size that is written within the
    clock of the file system's times is not. Raises OSError for a root that cannot be read.
    """
    os.scandir(root).close()
    found = set(_below(str(root)))
    for path in besides:
        try:
            state = path.stat()
        except OSError:
            continue
        found.add((str(path), state.st_mtime_ns, state.st_size))
    return frozenset(found)


def _below(place: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(place))
    except OSError:
        return
    for entry in entries:
        if entry.name in _ASIDE:
            continue
        try:
            if entry.is_dir():
                yield from _below(entry.path)
                continue
            state = entry.stat()
        except OSError:
            continue
        yield entry.path, state.st_mtime_ns, state.st_size
