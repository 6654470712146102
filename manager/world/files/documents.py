"""The catalog's files as they lie on disk: read once, digested, parsed as TOML.

A file that cannot be read or parsed becomes a problem with its line, and the others are read all the same.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from manager.core.adoption import ADOPTED
from manager.core.lines import LARGEST, unfit
from manager.core.overrides import DRIVERS, FOLDER
from manager.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Kind = Literal[
    "solvent", "upstream", "sets", "family", "connector", "suite", "connections", "override", "decision", "adopted"
]
# A place inside a document: keys and indexes, from the outside in.
Keys = tuple[str | int, ...]

# The connections that a catalog gives to everybody.
SHARED = "connectors/connections.toml"
# What lies in a family's folder and does not shape its images; locks are inputs of their own.
_BESIDE = ("family.toml", "locks", "tests", "__pycache__")
# Files of every family: those of its own stand for these.
COMMON = "images/common"
# Their folder becomes a layer as it is, so everything in it shapes the images.
_LAYER = "files"
# No key of a catalog lies deeper than six; what is far deeper breaks everything that walks through it.
_DEEPEST = 40
_LARGEST_LOCK = 64 * LARGEST
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
    the texts of lock files, ``facts`` those of what is known of them; ``problems`` are about files that could not be
    read or parsed. ``shipped`` is the shipped catalog where a family extends one of it.
    """

    root: Path
    documents: tuple[Document, ...]
    digests: dict[str, str] = field(hash=False)
    locks: dict[str, bytes] = field(hash=False)
    problems: tuple[Problem, ...]
    shipped: Folder | None = field(default=None, repr=False)
    facts: dict[str, bytes] = field(default_factory=dict, hash=False)

    def of(self, kind: Kind) -> tuple[Document, ...]:
        """Give the documents of one kind, by path."""
        return tuple(one for one in self.documents if one.kind == kind)

    @property
    def content(self) -> str:
        """Digest everything that was read, names included; of the shipped catalog its families."""
        lines = [f"{digest}  {name}\n" for name, digest in sorted(self.digests.items())]
        if self.shipped is not None:
            theirs = sorted(self.shipped.digests.items())
            lines += [f"{digest}  shipped:{name}\n" for name, digest in theirs if name.startswith("images/")]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def read(root: Path, shipped: bool = False) -> Folder:
    """Read every file of the catalog below ``root``; links out of it are followed in the shipped one only."""
    documents: list[Document] = []
    digests: dict[str, str] = {}
    walls = "" if shipped else os.path.realpath(root)
    locks: dict[str, bytes] = {}
    facts: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in _no_decisions(root):
        hint = f"decisions are files {path.parent.relative_to(root).as_posix()}/DATE-KIND-SUBJECT.toml"
        problems.append(Problem(_shown(path.relative_to(root).as_posix()), 0, "", "is no decision", hint))
    for kind, path in _files(root):
        file = path.relative_to(root).as_posix()
        if (shown := _shown(file)) != file:
            problems.append(Problem(shown, 0, "", "its name is not UTF-8"))
            continue
        try:
            why = _unreadable(kind, path, walls)
            text = b"" if why else path.read_bytes()
        except OSError as error:
            why = f"cannot be read: {error.strerror}"
        if why:
            problems.append(Problem(file, 0, "", why))
            continue
        digests[file] = hashlib.sha256(text).hexdigest()
        if kind == "lock" or kind == "facts":  # noqa: PLR1714 - a type checker reads it
            (locks if kind == "lock" else facts)[file] = text
            if isinstance(wrong := _decoded(file, text), Problem):
                problems.append(wrong)
        elif kind != "part":
            parsed = _parse(file, text)
            if isinstance(parsed, Problem):
                problems.append(parsed)
            else:
                documents.append(Document(kind, file, text, parsed))
    return Folder(root, tuple(documents), digests, locks, tuple(problems), facts=facts)


def _files(root: Path) -> Iterator[tuple[Kind | Literal["lock", "facts", "part"], Path]]:
    yield "solvent", root / "solvent.toml"
    if (root / "images" / "upstream.toml").is_file():
        yield "upstream", root / "images" / "upstream.toml"
    if (root / "images" / "sets.toml").is_file():
        yield "sets", root / "images" / "sets.toml"
    for path in sorted(root.glob("images/*/family.toml")):
        yield "family", path
        yield from (("lock", lock) for lock in sorted(path.parent.glob("locks/*/*.lock")))
        yield from (("facts", facts) for facts in sorted(path.parent.glob("locks/*/*.facts.json")))
        yield from _shaping(path.parent)
    yield from _shaping(root / COMMON)
    for path in sorted(root.glob(f"{FOLDER}/*.toml")):
        yield "override", path
    if (root / ADOPTED).is_file():
        yield "adopted", root / ADOPTED
    for path in sorted(root.glob(f"{DRIVERS}/*.toml")):
        yield "decision", path
    for path in sorted(root.glob("connectors/*/connector.toml")):
        yield "connector", path
    for path in sorted(root.glob("connectors/*/suite.toml")):
        yield "suite", path
    if (root / SHARED).is_file():
        yield "connections", root / SHARED


def _shown(name: str) -> str:
    """Give a name in characters that can be shown; one that is UTF-8 is the same."""
    return name.encode("utf-8", "backslashreplace").decode()


def _no_decisions(root: Path) -> Iterator[Path]:
    """Give what lies among the decisions and would be overlooked: a slip in a suffix must not undo a decision."""
    for path in sorted([*root.glob(f"{FOLDER}/*"), *root.glob(f"{DRIVERS}/*")]):
        if path.suffix != ".toml" and not path.name.startswith(".") and path.name != "README.md":
            yield path


def _shaping(folder: Path) -> Iterator[tuple[Literal["part"], Path]]:
    for path in sorted(folder.rglob("*")):
        if _shapes(path, folder):
            yield "part", path


def _shapes(path: Path, family: Path) -> bool:
    """Say whether a path below a family's folder shapes its images; a link to a folder is shown to be refused."""
    inside = path.relative_to(family).parts
    if inside[0] in _BESIDE or "__pycache__" in inside or (path.is_dir() and not path.is_symlink()):
        return False
    return inside[0] == _LAYER or not (path.suffix == ".md" or any(name.startswith(".") for name in inside))


def _unreadable(kind: str, path: Path, walls: str) -> str:
    """Say why a file is not read, or nothing; raises OSError.

    A catalog is looked at before it is trusted: nothing that it holds may hang the reader, fill its memory, or
    show it what lies beyond ``walls``, if there are any. (An installer may have made the shipped one of links.)
    """
    real = os.path.realpath(path)
    if walls and os.path.commonpath([real, walls]) != walls:
        return "leads out of the catalog"
    status = os.stat(real)  # noqa: PTH116 - not Path.resolve: that raises RuntimeError for links in a circle
    if not stat.S_ISREG(status.st_mode):
        return "is no file"
    largest = {"part": None, "lock": _LARGEST_LOCK, "facts": _LARGEST_LOCK}.get(kind, LARGEST)
    if largest is not None and status.st_size > largest:
        return f"larger than {largest // 1024} KiB"
    return ""


def _decoded(file: str, text: bytes) -> str | Problem:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        column = error.start - text.rfind(b"\n", 0, error.start)
        why = f"not UTF-8: byte 0x{text[error.start]:02x} at column {column}"
        return Problem(file, line, "", why, "save the file as UTF-8")


def _parse(file: str, text: bytes) -> dict[str, Any] | Problem:
    if text.startswith(b"\xef\xbb\xbf"):
        return Problem(file, 1, "", "begins with a byte order mark", "save it as UTF-8 without one")
    decoded = _decoded(file, text)
    if isinstance(decoded, Problem):
        return decoded
    if why := unfit(decoded):
        return Problem(file, 0, "", f"not TOML: {why}")
    try:
        document = tomllib.loads(decoded)
        return document if _depth(document) <= _DEEPEST else Problem(file, 0, "", "not TOML: nested too deeply")
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        message = _AT.sub("", str(error))
        line = int(at["line"]) if at and at["line"] else decoded.rstrip().count("\n") + 1
        where = f" at column {at['column']}" if at and at["line"] else " at the end of the file"
        return Problem(file, line, "", f"not TOML: {message[:1].lower()}{message[1:]}{where}")
    except RecursionError:
        return Problem(file, 0, "", "not TOML: nested too deeply")


def _depth(value: object) -> int:
    """Count how deep tables and arrays lie in each other, without recursion."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth
