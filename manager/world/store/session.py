"""One database behind a URL: statements as portable SQL text, carried out by whichever way is the lightest.

Names stand in double quotes and values as ``:name``, which SQLite and SQLAlchemy's ``text()`` both take.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from manager.world.store.errors import malformed
from manager.world.store.lite import Lite
from manager.world.store.place import narrow

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from manager.world.store.server import Server

T = TypeVar("T")
# As in SQLAlchemy's URLs; options behind a question mark have no meaning here.
_FILE = re.compile(r"sqlite(?:\+pysqlite)?:///([^?]+)")


class Statements(Protocol):
    """What a change may do inside its transaction."""

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Read what stands there now."""

    def run(self, sql: str, **values: Any) -> int:
        """Change something; give how many rows."""


class Session:
    """A database that is connected to when it is first used.

    ``file`` is the path of a SQLite database or None, ``shown`` the URL without its password, ``patience`` how many
    seconds to wait for other processes. Every method raises Unreachable when the database does not answer.
    """

    def __init__(self, url: str, *, shared: bool, patience: float) -> None:
        found = _FILE.fullmatch(url)
        self.file = Path(found[1]) if found else None
        self.shared = shared
        self.patience = patience
        self._way: Lite | Server
        if self.file is not None:
            self.shown = url
            narrow(self.file, shared=shared, shown=url)
            self._way = Lite(self.file, url, patience)
        elif url.startswith("sqlite"):
            raise malformed()
        else:
            from manager.world.store.server import Server

            self._way = Server(url)
            self.shown = self._way.shown

    def tables(self) -> set[str]:
        """Name the tables that there are."""
        return self._way.tables()

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Read: one statement, one snapshot."""
        return self._way.rows(sql, **values)

    def write(self, change: Callable[[Statements], T]) -> T:
        """Run a change in one transaction and commit it; it may run more than once."""
        return self._way.write(change)

    def writable(self) -> None:
        """Wait until a write could begin; Unreachable, with who holds the database, when that takes too long."""
        self._way.writable()

    def migrate(self, change: Callable[[sa.Connection], None], *, fresh: bool) -> None:
        """Change the schema in one transaction, through SQLAlchemy; a ``fresh`` SQLite file gets WAL mode first."""
        self._way.migrate(change, fresh=fresh)

    def close(self) -> None:
        """Close every connection."""
        self._way.close()
