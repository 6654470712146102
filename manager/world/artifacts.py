"""Vendors' files: fetched once, held against their hash, and kept by it."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from manager.core.amounts import show_size
from manager.core.reach import AS_IT_IS
from manager.errors import Failed, ManagerError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager.core.reach import Reach
    from manager.core.systems import Artifact

_BLOCK = 1024 * 1024
# A line of progress for each so many bytes.
_STRIDE = 50 * _BLOCK
_OK = 200


def is_here(artifact: Artifact, cache: Path) -> bool:
    """Say whether a file can be had without asking anybody: it lies in its place, or in ``cache``, unread."""
    return Path(artifact.origin).is_file() or (cache / artifact.sha256).is_file()


def obtained(artifact: Artifact, cache: Path, say: Callable[[str], None], reach: Reach = AS_IT_IS) -> Path:
    """Give an artifact's file below ``cache``, where it lies by its hash; whatever is there has that hash.

    Raises Failed for a file that is not there or is another one, Unreachable for an address that does not answer.
    """
    kept = cache / artifact.sha256
    if kept.is_file() and _digest(kept) == artifact.sha256:
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".unfinished-") as folder:
        copy = Path(folder, "file")
        with copy.open("wb") as out:
            found = _fetched(artifact, out, say, reach) if artifact.is_remote else _copied(artifact, out)
        if found != artifact.sha256:
            raise Failed(
                f"the artifact {artifact.name} is not the file that the catalog names",
                why=f"{_shown(artifact)} has the SHA-256 {found}, not {artifact.sha256}",
                hint="get the right file; change sha256 only when you know why the vendor's file is another one",
            )
        copy.replace(kept)
    return kept


def _copied(artifact: Artifact, out: IO[bytes]) -> str:
    path = Path(artifact.origin)
    hint = f"put it there; the catalog names the file with the SHA-256 {artifact.sha256}"
    if not path.is_file():
        raise Failed(f"the artifact {artifact.name} is missing: there is no file {path}", hint=hint)
    try:
        with path.open("rb") as content:
            return _written(iter(lambda: content.read(_BLOCK), b""), out)
    except OSError as error:
        why = error.strerror or ""
        raise Failed(f"the artifact {artifact.name} cannot be read from {path}", why=why, hint=hint) from error


def _fetched(artifact: Artifact, out: IO[bytes], say: Callable[[str], None], reach: Reach) -> str:
    from manager.web_client import NotAnswered, answer

    say(f"fetching {artifact.name} from {_shown(artifact)}")
    try:
        with answer(artifact.origin, reach) as found:
            if found.status_code != _OK:
                raise _refused(artifact, found.status_code)
            return _written(_told(found.iter_raw(), artifact, say), out)
    except NotAnswered as error:
        hint = "see  mirror.proxy  and  mirror.ca_bundle  in  solvent config show"
        raise Unreachable(f"{_shown(artifact)} does not answer", why=error.words, hint=hint) from None


def _refused(artifact: Artifact, status: int) -> ManagerError:
    message = f"the artifact {artifact.name} cannot be had: {_shown(artifact)} answers {status}"
    hint = "fetch it by hand and name it as  file  in the catalog"
    return Unreachable(message, hint=hint) if status >= 500 or status == 407 else Failed(message, hint=hint)


def _told(pieces: Iterable[bytes], artifact: Artifact, say: Callable[[str], None]) -> Iterable[bytes]:
    taken = 0
    for piece in pieces:
        if (taken + len(piece)) // _STRIDE > taken // _STRIDE:
            say(f"{artifact.name}: {show_size(taken + len(piece))}")
        taken += len(piece)
        yield piece


def _written(pieces: Iterable[bytes], out: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        out.write(piece)
    return digest.hexdigest()


def _shown(artifact: Artifact) -> str:
    """Give an origin for messages: an address without its query, which may be a ticket."""
    if not artifact.is_remote:
        return artifact.origin
    parts = urlsplit(artifact.origin)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
