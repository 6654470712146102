"""Checks: runs, their cells with what each probe answered, and the text of the sets that they were asked of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0010"
down_revision = "0009"
# A kernel lock has more than the 64 KiB that MySQL's TEXT ends at.
_LONG = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    """Create the tables; ``guilt`` and ``measures`` are JSON, ``place`` digests what stays from set to set."""
    op.create_table(
        "check_runs",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("started", sa.String(40), nullable=False, index=True),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("ended", sa.String(40)),
    )
    op.create_table(
        "check_cells",
        sa.Column("run", sa.String(100), sa.ForeignKey("check_runs.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(64), nullable=False, index=True),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("release", sa.String(200), nullable=False),
        sa.Column("connector", sa.String(100), nullable=False),
        sa.Column("driver", sa.String(200), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("source_kind", sa.String(20), nullable=False),
        sa.Column("set_hash", sa.String(100), nullable=False),
        sa.Column("tree", sa.String(100), nullable=False),
        sa.Column("image", sa.String(100), nullable=False),
        sa.Column("source_digest", sa.String(100), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("guilt", sa.Text),
    )
    op.create_index("check_cells_by_place", "check_cells", ["place", "at"])
    op.create_table(
        "check_answers",
        sa.Column("run", sa.String(100), primary_key=True),
        sa.Column("cell", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("probe", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("flaky", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("measures", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run", "cell"], ["check_cells.run", "check_cells.position"]),
    )
    op.create_table(
        "check_sets",
        sa.Column("release", sa.String(200), primary_key=True),
        sa.Column("set_hash", sa.String(100), primary_key=True),
        sa.Column("text", _LONG, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_index("check_sets_by_hash", "check_sets", ["set_hash"])
