"""What a database says, as Unreachable with the next command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.errors import Unreachable, UsageError
from manager.world.store.holder import holder

if TYPE_CHECKING:
    from pathlib import Path


def malformed() -> UsageError:
    """Give the error for a URL that names no database."""
    return UsageError(
        "the URL of the state database is malformed",
        why="it looks like  sqlite:////var/lib/solvent/state.db  or  postgresql+psycopg://user@host/name",
        hint="solvent config show",
    )


def unusable(shown: str, error: BaseException, file: Path | None) -> Unreachable:
    """Give the error for what a driver raised; ``file`` is the SQLite file, ``shown`` the URL without its password."""
    # Not SQLAlchemy's own text: that repeats statements and their values.
    why = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    hint = "see to the database, or name another one in SOLVENT_DATABASE_URL"
    if file is not None and "is full" in why:
        hint = f"make room on its disk:  df -h {file.parent}"
    elif file is not None and "disk I/O" in why:
        hint = (
            f"see whether its disk is full or failing (df -h {file.parent}, dmesg), and whether its files are all there"
        )
    elif "locked" in why:
        who = (file and holder(file)) or "another process"
        hint = f"{who} holds it; try again when that has ended"
    elif "malformed" in why or "not a database" in why:
        hint = (
            "nothing was changed; end every solvent, look at it once more, and only then put a backup in its place, or "
            "move it away with its -wal and -shm"
        )
    return Unreachable(f"the state database {shown} cannot be used", why=why, hint=hint)


def unreadable(what: str, error: Exception) -> Unreachable:
    """Give the error for a row whose text is not what was written there; ``what`` are the words for it."""
    return Unreachable(
        f"{what} cannot be read",
        why=f"{type(error).__name__}: {error}",
        hint="nothing was changed; put a backup of the state database in its place:  solvent doctor",
    )
