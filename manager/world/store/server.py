"""Every other database, through SQLAlchemy; and the connection that migrations run on, of SQLite as well."""

from __future__ import annotations

import gc
import re
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from manager.errors import Unreachable
from manager.world.store.errors import malformed, unusable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    import sqlalchemy as sa

    from manager.world.store.session import Statements

T = TypeVar("T")
_TRIES = 20
# Drivers take a password in the query as well.
_SECRET = re.compile(r"(?i)\b([\w-]*(?:passw|pwd|token|secret)[\w-]*)=[^&]*")


class Server:
    """A database behind a URL. ``shown`` is the URL without its password."""

    def __init__(self, url: str) -> None:
        self._sa = _sqlalchemy()
        parsed: sa.URL | None = None
        with suppress(self._sa.exc.ArgumentError, ValueError):
            parsed = self._sa.make_url(url)
        if parsed is None:
            raise malformed()
        self.shown = _SECRET.sub(r"\1=***", parsed.render_as_string(hide_password=True))
        with self._translated():
            self._engine: sa.Engine = self._sa.create_engine(parsed, pool_pre_ping=True)

    def tables(self) -> set[str]:
        """Name the tables."""
        with self._translated(), self._engine.connect() as connection:
            return set(self._sa.inspect(connection).get_table_names())

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Read."""
        with self._translated(), self._engine.connect() as connection:
            return _Changing(connection).rows(sql, **values)

    def write(self, change: Callable[[Statements], T]) -> T:
        """Run a change in one transaction, and commit it.

        Such a transaction takes no lock from its beginning, so two may collide on a key: the loser runs again, and
        sees what the winner wrote.
        """
        return self._changed(lambda connection: change(_Changing(connection)))

    def migrate(self, change: Callable[[sa.Connection], None], *, fresh: bool) -> None:  # noqa: ARG002 - SQLite's
        """Change the schema in one transaction."""
        self._changed(change)

    def _changed(self, change: Callable[[sa.Connection], T]) -> T:
        for attempt in range(_TRIES):
            try:
                with self._translated(), self._engine.begin() as connection:
                    return change(connection)
            except self._sa.exc.IntegrityError:
                time.sleep(0.01 * attempt)
        raise Unreachable(f"others write to {self.shown} without a pause", hint="try again")

    def writable(self) -> None:
        """Do nothing: who reads can write, and rows are locked one by one."""

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what the database says into Unreachable; an IntegrityError is for :meth:`_changed`."""
        try:
            yield
        except self._sa.exc.IntegrityError:
            raise
        except self._sa.exc.SQLAlchemyError as error:
            problem = unusable(self.shown, error, None)
        except ModuleNotFoundError as error:
            problem = Unreachable(
                f"the state database {self.shown} needs a driver that is not installed",
                why=str(error),
                hint=f"install it beside Solvent:  pip install {error.name}",
            )
        else:
            return
        raise problem


class _Changing:
    """The statements of one transaction, with names quoted as this database wants them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Read what stands there now."""
        return [tuple(row) for row in self._connection.execute(self._text(sql), values)]

    def run(self, sql: str, **values: Any) -> int:
        """Change something; give how many rows."""
        return self._connection.execute(self._text(sql), values).rowcount

    def _text(self, sql: str) -> sa.TextClause:
        quote = self._connection.dialect.identifier_preparer.quote
        return _sqlalchemy().text(re.sub(r'"(\w+)"', lambda name: quote(name[1]), sql))  # type: ignore[no-any-return]


def migrate_file(
    connect: Callable[[], sqlite3.Connection], change: Callable[[sa.Connection], None], shown: str, file: Path
) -> None:
    """Change a SQLite file's schema in a transaction that has the write lock from its beginning."""
    sa = _sqlalchemy()
    engine = sa.create_engine("sqlite+pysqlite://", creator=connect, poolclass=sa.NullPool)
    # SQLAlchemy's documented way with SQLite: the driver begins nothing, we do.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            change(connection)
    except sa.exc.SQLAlchemyError as error:
        problem = unusable(shown, error, file)
    else:
        return
    raise problem


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
