"""Reading and writing transactions on a database URL, with its errors as Unreachable."""

from __future__ import annotations

import gc
import os
import re
import sqlite3
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from manager.errors import Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    import sqlalchemy as sa

T = TypeVar("T")
_TRIES = 20
# Drivers take a password in the query as well.
_SECRET = re.compile(r"(?i)\b([\w-]*(?:passw|pwd|token|secret)[\w-]*)=[^&]*")


class Session:
    """A database that is connected to when it is first used.

    ``sa`` is the SQLAlchemy module, ``file`` the path of a SQLite database or None, ``shown`` the URL without
    its password, ``patience`` how many seconds to wait for other processes.
    """

    def __init__(self, url: str, *, shared: bool, patience: float) -> None:
        self.sa = _sqlalchemy()
        parsed = self._parse(url)
        self.shown = _SECRET.sub(r"\1=***", parsed.render_as_string(hide_password=True))
        self.file = Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
        self.shared = shared
        self.patience = patience
        if self.file is not None:
            _narrow(self.file, shared=shared, shown=self.shown)
        with self._translated():
            self._engine = self._create(parsed)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection to read from, in one snapshot."""
        with self._translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def switching(self) -> Iterator[Any]:
        """Give the driver's own connection, outside any transaction."""
        with self._translated(), self._engine.connect() as connection:
            yield connection.connection.driver_connection

    def write(self, change: Callable[[sa.Connection], T]) -> T:
        """Run a change in one transaction that holds the write lock from its beginning, and commit it.

        Where a transaction takes no such lock (not SQLite), two may collide on a key: the loser runs again, and
        sees what the winner wrote.
        """
        for attempt in range(_TRIES):
            try:
                with self._translated(), self._engine.connect() as plain:
                    connection = plain.execution_options(solvent_begin="BEGIN IMMEDIATE")
                    with connection.begin():
                        return change(connection)
            except self.sa.exc.IntegrityError:
                time.sleep(0.01 * attempt)
        raise Unreachable(f"others write to {self.shown} without a pause", hint="try again")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what the database says into Unreachable; an IntegrityError is for :meth:`write`."""
        try:
            yield
        except self.sa.exc.IntegrityError:
            raise
        # The driver itself says it where it is asked without SQLAlchemy, see :meth:`switching`.
        except (self.sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            # Not the error's own text: that repeats statements and their values.
            why = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            message, hint = f"the state database {self.shown} cannot be used", _hint(why, self.file)
        except ModuleNotFoundError as error:
            message = f"the state database {self.shown} needs a driver that is not installed"
            why, hint = str(error), f"install it beside Solvent:  pip install {error.name}"
        else:
            return
        raise Unreachable(message, why=why, hint=hint)

    def _parse(self, url: str) -> sa.URL:
        parsed: sa.URL | None = None
        with suppress(self.sa.exc.ArgumentError, ValueError):
            parsed = self.sa.make_url(url)
        if parsed is None or (parsed.get_backend_name() == "sqlite" and not parsed.database):
            raise UsageError(
                "the URL of the state database is malformed",
                why="it looks like  sqlite:////var/lib/solvent/state.db  or  postgresql+psycopg://user@host/name",
                hint="solvent config show",
            )
        return parsed

    def _create(self, parsed: sa.URL) -> sa.Engine:
        if self.file is None:
            server: sa.Engine = self.sa.create_engine(parsed, pool_pre_ping=True)
            return server
        engine: sa.Engine = self.sa.create_engine(parsed, connect_args={"timeout": self.patience})

        # SQLAlchemy's documented way with SQLite: the driver begins nothing, we do, so that a writer takes
        # the lock before it reads.
        def connected(connection: Any, _: object) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA foreign_keys = ON")

        def begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql(connection.get_execution_options().get("solvent_begin", "BEGIN"))

        self.sa.event.listen(engine, "connect", connected)
        self.sa.event.listen(engine, "begin", begin)
        return engine


def _hint(why: str, file: Path | None) -> str:
    if file is not None and ("disk I/O" in why or "is full" in why):
        return f"see whether the disk is full:  df -h {file.parent}"
    if "locked" in why:
        return "another process holds it; try again when that has ended"
    if "malformed" in why or "not a database" in why:
        return "nothing was changed; move the file away, or put a backup in its place"
    return "see to the database, or name another one in SOLVENT_DATABASE_URL"


def _sqlalchemy() -> ModuleType:
    """Import SQLAlchemy; the collector pauses, which saves a tenth of the import's time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        import sqlalchemy
    finally:
        if collecting:
            gc.enable()
    return sqlalchemy


def _narrow(file: Path, *, shared: bool, shown: str) -> None:
    """Make the file's folder and the file itself with narrow modes; SQLite's -wal and -shm get the file's."""
    folder_mode, file_mode = (0o2770, 0o660) if shared else (0o700, 0o600)
    try:
        if not file.parent.exists():
            file.parent.parent.mkdir(parents=True, exist_ok=True)
            try:
                file.parent.mkdir(mode=0o700)
                file.parent.chmod(folder_mode)
            except FileExistsError:
                pass  # another process was faster
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            found = os.fstat(descriptor)
            if found.st_uid == os.getuid() and found.st_mode & 0o777 != file_mode:
                os.fchmod(descriptor, file_mode)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreachable(
            f"the state database {shown} cannot be opened",
            why=f"{error.strerror}: {error.filename or file}",
            hint="see to the folder's permissions, or name another database in SOLVENT_DATABASE_URL",
        ) from None
