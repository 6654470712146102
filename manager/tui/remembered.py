"""What the lists said when they were last read: shown, as old, until they have been read again.

A file of this person's cache for each list. It is no truth: whoever takes it away loses a second of the next start.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from manager.tui.messages import Listed, Recalled
from manager.tui.rows import Row
from manager.whole_files import write_private

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from manager.app.manager import Manager
    from manager.tui.kinds import Kind

# Another shape of what is kept is another number. Of many rows those at the top are enough to begin with.
_SHAPE, _MOST = 1, 500


def recalled(manager: Manager, kinds: Iterable[Kind]) -> Recalled:
    """Give the rows that are remembered of lists: none of another day, nor where the rows say what the columns are."""
    if manager.looking:
        return Recalled(())
    folder = _folder(manager)
    return Recalled(tuple(filter(None, (_read(folder, kind) for kind in kinds if not kind.shape))))


def listed(manager: Manager, kind: Kind) -> Listed:
    """Read a list, and remember it."""
    began = time.monotonic()
    rows, now = kind.rows(manager), datetime.now(UTC)
    if not manager.looking and not kind.shape:
        told = [(row.key, row.name, row.cells, row.mood, row.moods, row.needy) for row in rows[:_MOST]]
        # A cache that cannot be written is none.
        with suppress(OSError):
            write_private(_folder(manager) / f"{kind.id}.json", json.dumps({"at": now.timestamp(), "rows": told}))
    return Listed(kind.id, rows, now, time.monotonic() - began, getattr(rows, "notes", ()))


def _folder(manager: Manager) -> Path:
    """Give the folder of one world: person, realm, engine, database and catalog."""
    one = manager.settings
    world = (_SHAPE, one.owner, one.realm, one.engine_url, one.database_url, manager.place)
    return one.cache_dir / "lists" / hashlib.sha256("\n".join(map(str, world)).encode()).hexdigest()[:16]


def _read(folder: Path, kind: Kind) -> Listed | None:
    """Read what is remembered of a list; what cannot be read is forgotten."""
    try:
        told = json.loads((folder / f"{kind.id}.json").read_bytes())
        rows = [
            Row(key, name, tuple(cells), mood, tuple((at, how) for at, how in moods), needy)
            for key, name, cells, mood, moods, needy in told["rows"]
        ]
        at = datetime.fromtimestamp(told["at"], UTC)
    except (OSError, OverflowError, ValueError, KeyError, TypeError):
        return None
    texts = all(isinstance(cell, str) for row in rows for cell in (row.key, row.name, row.mood, *row.cells))
    # Under the wrong heads they would say what is not so.
    fitting = texts and all(len(row.cells) == len(kind.columns) for row in rows)
    return Listed(kind.id, rows, at) if fitting else None
