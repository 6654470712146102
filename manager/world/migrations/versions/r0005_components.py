"""What is inside builds, as it was read from them, and the release notes that were written for each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables; ``position`` keeps the order in which a build's components were given."""
    op.create_table(
        "components",
        sa.Column("digest", sa.String(100), sa.ForeignKey("builds.digest"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ecosystem", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
    )
    op.create_index("components_by_name", "components", ["name"])
    op.create_table(
        "notes",
        sa.Column("digest", sa.String(100), sa.ForeignKey("builds.digest"), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
