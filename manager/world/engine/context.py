"""The context of an image build as a tar stream: the same files always give the same bytes."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import Failed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BLOCK = 1024 * 1024
# A line of progress for each so many bytes sent.
_STRIDE = 100 * _BLOCK


def stream(context: dict[str, Path | bytes], say: Callable[[str], None]) -> Iterator[bytes]:
    """Give the tar in pieces of at most 1 MiB, files in order of name, owned by root, from 1970.

    Only whether a file is executable is kept of its mode. Nothing is copied: a file is read while it is sent.
    Raises UsageError for what is not a file, and Failed for one that changes while it is read.
    """
    sent, total = 0, sum(_size(name, content) for name, content in context.items())
    for name in sorted(context):
        for piece in _member(name, context[name]):
            yield piece
            if (sent + len(piece)) // _STRIDE > sent // _STRIDE:
                say(f"sent {(sent + len(piece)) // 1_000_000} of {total // 1_000_000} MB to the engine")
            sent += len(piece)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _member(name: str, content: Path | bytes) -> Iterator[bytes]:
    header = tarfile.TarInfo(name)
    header.size = _size(name, content)
    executable = isinstance(content, Path) and content.stat().st_mode & 0o100
    header.mode = 0o755 if executable else 0o644
    yield header.tobuf(tarfile.PAX_FORMAT)
    left = header.size
    for piece in [content] if isinstance(content, bytes) else _pieces(name, content):
        left -= len(piece)
        yield piece
    if left:
        raise Failed(f"{name} changed while it was sent to the engine", where=str(content)[:200])
    yield bytes(-header.size % tarfile.BLOCKSIZE)


def _pieces(name: str, path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(_BLOCK):
                yield piece
    except OSError as error:
        raise Failed(f"could not read {name}", why=str(error), where=str(path)) from error


def _size(name: str, content: Path | bytes) -> int:
    if isinstance(content, bytes):
        return len(content)
    if not content.is_file():
        raise UsageError(f"{name} in the build's context is no file", where=str(content))
    return content.stat().st_size
