"""What a catalog says, and the record of what the shipped one said when a catalog of one's own was made against it.

The record, ``upstream.lock``, lies beside ``solvent.toml`` and goes into git with it: a line of JSON for each key.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.core import npm
from manager.core.catalog_changes import Saying, sayings
from manager.core.locks import parse
from manager.errors import CatalogError, Failed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD = "upstream.lock"
# What a catalog consists of beside its solvent.toml.
PARTS = ("images", "connectors", "compose")
_FIRST = "# What the shipped catalog said when this one was made against it; written by: solvent catalog accept\n"
_AGAIN = "write it anew, once you have looked at what changed:  solvent catalog accept"


def said(root: Path) -> tuple[Saying, ...]:
    """Give everything that the catalog below ``root`` says, sorted; raises CatalogError for a file that says nothing.

    Keys of TOML files, pins of locks, and the digest of each file.
    """
    found: list[Saying] = []
    for path in _files(root):
        file = path.relative_to(root).as_posix()
        try:
            with path.open("rb") as content:
                found.append(Saying(file, "", hashlib.file_digest(content, "sha256").hexdigest()))
            if path.suffix == ".toml":
                found += sayings(file, tomllib.loads(path.read_text(encoding="utf-8")))
            elif path.suffix == ".lock":
                found += _pins(file, path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogError(f"{file} cannot be compared", (Problem(file, 0, "", str(error)),)) from error
    return tuple(sorted(found))


def recorded(root: Path) -> tuple[Saying, ...] | None:
    """Give the record below ``root``, or None when there is none; raises CatalogError for one that cannot be read."""
    try:
        text = (root / RECORD).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{RECORD} cannot be read", (Problem(RECORD, 0, "", str(error)),), hint=_AGAIN) from error
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            continue
        one = _read(line)
        if one is None:
            problem = Problem(RECORD, number, "", "is not a file, a key and a value")
            raise CatalogError(f"{RECORD} cannot be read", (problem,), hint=_AGAIN)
        found.append(one)
    return tuple(found)


def record(root: Path, everything: tuple[Saying, ...]) -> Path:
    """Write the record, as a whole or not at all; gives its path. Raises Failed when it cannot be written."""
    lines = (json.dumps([one.file, one.key, one.value], ensure_ascii=False) for one in everything)
    target = root / RECORD
    try:
        with tempfile.TemporaryDirectory(dir=root, prefix=".upstream-") as folder:
            fresh = Path(folder, RECORD)
            fresh.write_text(_FIRST + "\n".join(lines) + "\n", encoding="utf-8")
            fresh.replace(target)
    except OSError as error:
        raise Failed(f"cannot write {target}", why=error.strerror or "") from error
    return target


def _read(line: str) -> Saying | None:
    try:
        found: Any = json.loads(line)
    except ValueError:
        return None
    right = isinstance(found, list) and len(found) == 3 and all(isinstance(one, str) for one in found)
    return Saying(*found) if right else None


def _files(root: Path) -> Iterator[Path]:
    yield root / "solvent.toml"
    for part in PARTS:
        for folder, folders, names in os.walk(root / part):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            yield from (
                path for name in sorted(names) if (path := Path(folder, name)).is_file() and path.suffix != ".pyc"
            )


def _pins(file: str, text: str) -> Iterator[Saying]:
    versions: dict[str, list[str]] = {}
    for pin in npm.parse(text, file) if file.endswith("/npm.lock") else parse(text, file):
        versions.setdefault(pin.name, []).append(pin.version)
    for name, pinned in versions.items():
        yield Saying(file, name, json.dumps("|".join(dict.fromkeys(pinned))))
