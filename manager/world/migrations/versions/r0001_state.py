"""The first schema: builds, channels, evidence, history.

Instants are ISO 8601 text in UTC with microseconds, which sorts by time on every database; ``inputs`` and
``layers`` are JSON lists of pairs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the four tables."""
    op.create_table(
        "builds",
        sa.Column("release", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(100), primary_key=True),
        # Null while a build has no bytes: a failed one.
        sa.Column("digest", sa.String(100), unique=True),
        sa.Column("spec_hash", sa.String(100), nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("layers", sa.Text, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "channels",
        sa.Column("release", sa.String(200), primary_key=True),
        sa.Column("channel", sa.String(50), primary_key=True),
        sa.Column("digest", sa.String(100), sa.ForeignKey("builds.digest"), nullable=False),
    )
    op.create_table(
        "evidence",
        sa.Column("digest", sa.String(100), sa.ForeignKey("builds.digest"), primary_key=True),
        sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("probe", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_table(
        "history",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("history_by_target", "history", ["target", "number"])
