"""The state database: the only importer of SQLAlchemy.

SQLite in WAL mode as a rule, any database that SQLAlchemy speaks to by a URL. :mod:`records` is the Store port and
:mod:`tables` its SQL; :mod:`session` carries that out, on a SQLite file by :mod:`lite` and otherwise by :mod:`server`;
:mod:`schema` brings the schema to head.
"""

from __future__ import annotations

from manager.world.store.records import Database, open_store

__all__ = ["Database", "open_store"]
