"""What was announced of releases: a row for each revision of a schedule, which is never changed but for its stage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table; ``dates`` and ``upstream`` are JSON, the latter with the decisions that counted as well."""
    op.create_table(
        "announcements",
        sa.Column("release", sa.String(200), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("told", sa.String(10), nullable=False),
        sa.Column("dates", sa.Text, nullable=False),
        sa.Column("upstream", sa.Text, nullable=False),
    )
