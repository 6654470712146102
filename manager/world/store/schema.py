"""Bringing the schema to head: one row is compared, and alembic is imported only when it differs."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from manager.world.store.session import Session

# The newest revision in migrations/versions; a test keeps the two together.
HEAD = "0011"
MIGRATIONS = Path(__file__).parent.parent / "migrations"
_TRIES = 20


def prepare(session: Session) -> None:
    """Make or migrate the schema unless it is at head; several processes may do so at once.

    Raises Unreachable for a schema that is newer than this program, and for tables of something else; nothing is
    changed then.
    """
    if _version(session) == HEAD:
        return
    with _alone(session):
        for attempt in range(_TRIES):
            version = _version(session)
            if version == HEAD:
                return
            try:
                session.migrate(partial(_migrate, session, version), fresh=not version)
            except Unreachable:
                # On a database server another machine may be doing the same; the version row tells.
                if session.file is not None or attempt == _TRIES - 1:
                    raise
                time.sleep(0.05 * attempt)


def _version(session: Session) -> str:
    """Read the schema's version; "" for an empty database."""
    names = session.tables()
    if "alembic_version" in names:
        found = session.rows("SELECT version_num FROM alembic_version")
        return str(found[0][0]) if found else ""
    if names:
        raise Unreachable(
            f"{session.shown} is a database of something else",
            why="it has tables, and none of them is Solvent's version; nothing was changed",
            hint="name another database in SOLVENT_DATABASE_URL",
        )
    return ""


def _migrate(session: Session, version: str, connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version and version not in known:
        raise Unreachable(
            f"the state database {session.shown} is newer than this Solvent",
            why=f"its schema has version {version}, this program knows {HEAD}; nothing was changed",
            hint="upgrade Solvent:  pip install --upgrade solvent",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _alone(session: Session) -> Iterator[None]:
    """Hold a lock file beside a SQLite file, so that several first starts make one database."""
    if session.file is None:
        yield
        return
    import fcntl

    path = session.file.with_name(session.file.name + ".lock")
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o660 if session.shared else 0o600)
    except OSError as error:
        raise Unreachable(
            f"the state database {session.shown} cannot be prepared",
            why=f"{error.strerror}: {path}",
            hint=f"see to the folder's permissions, and whether the disk is full:  df -h {path.parent}",
        ) from None
    try:
        end = time.monotonic() + session.patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise Unreachable(
                        f"the state database {session.shown} is being prepared by another process",
                        hint="try again when that has ended",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
