"""What a tree holds: its files and links, a manifest line for each, and which distributions they belong to."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_COMPILED = re.compile(r"(?P<folder>.*/)?__pycache__/(?P<module>[^/]+?)\.cpython-[^/]*\.pyc")


def manifest(folder: Path, known: Mapping[str, bytes]) -> bytes:
    """Give a NUL-ended line a file or link: kind, mode, SHA-256 of its content (of a link: its target), path.

    Sorted by path. What ``known`` has a line for is not read: it was hashed while it was written.
    """
    found = (known.get(path) or line(folder / path, path) for path in sorted(_paths(folder)))
    return b"".join(one + b"\0" for one in found)


def line(file: Path, path: str) -> bytes:
    """Give one line of a manifest, for a file that is at ``path`` in its tree."""
    mode = file.lstat().st_mode
    if stat.S_ISLNK(mode):
        return written("l", 0o777, os.fsencode(file.readlink()), path)
    if stat.S_ISREG(mode):
        return written("f", stat.S_IMODE(mode), file.read_bytes(), path)
    raise Failed(f"{path} is neither file nor link", hint="a tree holds only files and links")


def written(kind: str, mode: int, content: bytes, path: str) -> bytes:
    """Give one line of a manifest for content that is at hand."""
    return f"{kind} {mode:04o} {hashlib.sha256(content).hexdigest()} ".encode() + os.fsencode(path)


def lines(sealed: bytes) -> dict[str, bytes]:
    """Give the lines of a manifest by path, in its order."""
    return {os.fsdecode(one.split(b" ", 3)[3]): one for one in sealed.split(b"\0") if one}


def mode_of(one: bytes) -> int:
    """Read the mode in a line of a manifest."""
    return int(one.split(b" ", 2)[1], 8)


def rows(info: Path) -> list[tuple[str, str, str]]:
    """Read the RECORD of a distribution: path from where its packages lie, hash, size."""
    with (info / "RECORD").open(newline="", encoding="utf-8") as record:
        return [(row[0], row[1], row[2]) for row in csv.reader(record) if row]


def claims(tree: Path, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give the distributions (normalised names) of each path, by their RECORDs; bytecode goes with its source.

    ``paths`` are those of the tree. What belongs to no distribution (interpreter links, pyvenv.cfg) is left out.
    What several bring, with equal bytes, has them all.
    """
    recorded: dict[str, tuple[str, ...]] = {}
    for info in sorted(tree.glob("lib/python*/site-packages/*.dist-info")):
        name = canonicalize_name(info.name.removesuffix(".dist-info").rpartition("-")[0])
        site = info.parent.relative_to(tree).as_posix()
        for path, _, _ in rows(info):
            place = os.path.normpath(f"{site}/{path}")
            recorded[place] = (*recorded.get(place, ()), name)
    return {path: names for path in paths if (names := recorded.get(path) or recorded.get(_source(path)))}


def _source(path: str) -> str:
    compiled = _COMPILED.fullmatch(path) if path.endswith(".pyc") else None
    return f"{compiled['folder'] or ''}{compiled['module']}.py" if compiled else ""


def set_modes(folder: Path) -> None:
    """Set 0755 on folders and on what its owner may execute, 0644 on the rest; drop empty folders."""
    for root, names, files in os.walk(folder, topdown=False):
        for name in files:
            path = f"{root}/{name}"
            mode = os.lstat(path).st_mode
            wanted = 0o755 if mode & stat.S_IXUSR else 0o644
            if stat.S_ISREG(mode) and stat.S_IMODE(mode) != wanted:
                os.chmod(path, wanted)  # noqa: PTH101 - ten thousand files: a Path each would take as long again
        if not names and not files and Path(root) != folder:
            Path(root).rmdir()
        elif stat.S_IMODE(Path(root).stat().st_mode) != 0o755:
            Path(root).chmod(0o755)


def _paths(folder: Path) -> Iterable[str]:
    start = len(f"{folder}/")
    for root, names, files in os.walk(folder):
        links = [name for name in names if os.path.islink(f"{root}/{name}")]  # noqa: PTH114 - as above
        for name in files + links:
            yield f"{root}/{name}"[start:]
