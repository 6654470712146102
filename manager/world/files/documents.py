"""The catalog's files as they lie on disk: read once, digested, parsed as TOML.

A file that cannot be read or parsed becomes a problem with its line, and the others are read all the same.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from manager.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Kind = Literal["solvent", "upstream", "family", "connector"]
# A place inside a document: keys and indexes, from the outside in.
Keys = tuple[str | int, ...]

# What lies in a family's folder and does not shape its images; locks are inputs of their own.
_BESIDE = ("family.toml", "locks", "tests", "__pycache__")
_AT = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed TOML file; ``file`` is relative to the catalog's root, ``data`` is what tomllib gives."""

    kind: Kind
    file: str
    text: bytes
    data: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Folder:
    """All that was read of a catalog.

    ``digests`` are the SHA-256 digests of every file read, by its path relative to the root; ``locks`` are
    the texts of lock files; ``problems`` are about files that could not be read or parsed.
    """

    root: Path
    documents: tuple[Document, ...]
    digests: dict[str, str] = field(hash=False)
    locks: dict[str, bytes] = field(hash=False)
    problems: tuple[Problem, ...]

    def of(self, kind: Kind) -> tuple[Document, ...]:
        """Give the documents of one kind, by path."""
        return tuple(one for one in self.documents if one.kind == kind)

    @property
    def content(self) -> str:
        """Digest everything that was read, names included."""
        lines = (f"{digest}  {name}\n" for name, digest in sorted(self.digests.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def read(root: Path) -> Folder:
    """Read every file of the catalog below ``root``."""
    documents: list[Document] = []
    digests: dict[str, str] = {}
    locks: dict[str, bytes] = {}
    problems: list[Problem] = []
    for kind, path in _files(root):
        file = path.relative_to(root).as_posix()
        try:
            text = path.read_bytes()
        except OSError as error:
            problems.append(Problem(file, 0, "", f"cannot be read: {error.strerror}"))
            continue
        digests[file] = hashlib.sha256(text).hexdigest()
        if kind == "lock":
            locks[file] = text
        elif kind != "part":
            parsed = _parse(file, text)
            if isinstance(parsed, Problem):
                problems.append(parsed)
            else:
                documents.append(Document(kind, file, text, parsed))
    return Folder(root, tuple(documents), digests, locks, tuple(problems))


def _files(root: Path) -> Iterator[tuple[Kind | Literal["lock", "part"], Path]]:
    yield "solvent", root / "solvent.toml"
    if (root / "images" / "upstream.toml").is_file():
        yield "upstream", root / "images" / "upstream.toml"
    for path in sorted(root.glob("images/*/family.toml")):
        yield "family", path
        for lock in sorted(path.parent.glob("locks/*/*.lock")):
            yield "lock", lock
        for part in sorted(path.parent.rglob("*")):
            inside = part.relative_to(path.parent).parts
            hidden = any(name.startswith(".") or name == "__pycache__" for name in inside)
            if not hidden and inside[0] not in _BESIDE and part.suffix != ".md" and part.is_file():
                yield "part", part
    for path in sorted(root.glob("connectors/*/connector.toml")):
        yield "connector", path


def _parse(file: str, text: bytes) -> dict[str, Any] | Problem:
    if text.startswith(b"\xef\xbb\xbf"):
        return Problem(file, 1, "", "begins with a byte order mark", "save it as UTF-8 without one")
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        column = error.start - text.rfind(b"\n", 0, error.start)
        why = f"not UTF-8: byte 0x{text[error.start]:02x} at column {column}"
        return Problem(file, line, "", why, "save the file as UTF-8")
    try:
        return tomllib.loads(decoded)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        message = _AT.sub("", str(error))
        line = int(at["line"]) if at and at["line"] else decoded.rstrip().count("\n") + 1
        where = f" at column {at['column']}" if at and at["line"] else " at the end of the file"
        return Problem(file, line, "", f"not TOML: {message[:1].lower()}{message[1:]}{where}")
    except RecursionError:
        return Problem(file, 0, "", "not TOML: nested too deeply")
