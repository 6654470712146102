"""What was owed: a row for each day and engine, as the last nightly of that day found it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table; ``totals`` is JSON, so that what else may be owed one day needs no other table."""
    op.create_table(
        "debts",
        sa.Column("engine", sa.String(200), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("totals", sa.Text, nullable=False),
    )
