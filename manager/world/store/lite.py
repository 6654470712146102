"""SQLite over the standard library: what nearly every command needs, at a tenth of the price of SQLAlchemy's import."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from manager.world.store.errors import unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import sqlalchemy as sa

    from manager.world.store.session import Statements


T = TypeVar("T")


class Lite:
    """One connection to a SQLite file, made at its first use; threads take turns."""

    def __init__(self, file: Path, shown: str, patience: float) -> None:
        self._file = file
        self._shown = shown
        self._patience = patience
        self._turn = threading.RLock()

    def connect(self) -> sqlite3.Connection:
        """Open the file; the driver begins no transaction of its own."""
        connection = sqlite3.connect(self._file, timeout=self._patience, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def tables(self) -> set[str]:
        """Name the tables."""
        return {str(row[0]) for row in self.rows("SELECT name FROM sqlite_master")}

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Read."""
        with self._translated():
            return self._connection.execute(sql, values).fetchall()

    def write(self, change: Callable[[Statements], T]) -> T:
        """Run a change in one transaction that holds the write lock from its beginning, and commit it."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                result = change(_Changing(self._connection))
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk has ended the transaction already.
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            return result

    def writable(self) -> None:
        """Wait until a write could begin."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("ROLLBACK")

    def migrate(self, change: Callable[[sa.Connection], None], *, fresh: bool) -> None:
        """Change the schema through SQLAlchemy, in one transaction; a fresh file gets WAL mode first."""
        from manager.world.store.server import migrate_file

        with self._translated():
            if fresh:
                self._connection.execute("PRAGMA journal_mode = WAL")
            migrate_file(self.connect, change, self._shown, self._file)

    def close(self) -> None:
        """Close the connection, if there is one."""
        with self._turn:
            if "_connection" in self.__dict__:
                self._connection.close()
                del self.__dict__["_connection"]

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        return self.connect()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with self._turn:
            try:
                yield
            except sqlite3.Error as error:
                problem = unusable(self._shown, error, self._file)
            else:
                return
            raise problem


class _Changing:
    """The statements of one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Read what stands there now."""
        return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, **values: Any) -> int:
        """Change something; give how many rows."""
        return self._connection.execute(sql, values).rowcount
