"""The state database: the only importer of SQLAlchemy.

SQLite in WAL mode as a rule, any database that SQLAlchemy speaks to by a URL. :mod:`session` connects and
translates errors, :mod:`schema` brings the schema to head, :mod:`records` is the Store port.
"""

from __future__ import annotations

from manager.world.store.records import Database, open_store

__all__ = ["Database", "open_store"]
