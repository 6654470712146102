"""Migrations of the state database; alembic loads them by path, and only when the schema is not at head."""
