"""What environments were before each of their upgrades, as a stack that ``env upgrade --back`` goes down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table; ``spec`` is what the container was made from, as JSON."""
    op.create_table(
        "snapshots",
        sa.Column("engine", sa.String(200), primary_key=True),
        sa.Column("container", sa.String(200), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("release", sa.String(200), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(100), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
    )
