"""What a bundle is to carry, while it is gathered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from manager.core.bundles import Entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager.core.bundles import Kind


@dataclass(slots=True)
class Cargo:
    """Entries, and where each blob is; ``say`` hears how far it is, ``notes`` are for whoever makes the bundle."""

    say: Callable[[str], None]
    entries: dict[tuple[str, ...], Entry] = field(default_factory=dict)
    blobs: dict[str, Path | bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, kind: Kind, name: str, content: Path | bytes, sha256: str = "") -> Entry:
        """Take something in; a file's hash is read where it is not known."""
        if not sha256:
            sha256 = hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else _digest(content)
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        entry = Entry(kind, name, sha256, size)
        entry = self.entries.setdefault(entry.identity, entry)
        self.blobs.setdefault(entry.sha256, content)
        return entry


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
