"""What was found in images and containers that no Solvent made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table; ``subject`` is an image's digest or a container's id, ``found`` JSON."""
    op.create_table(
        "scans",
        sa.Column("subject", sa.String(100), primary_key=True),
        sa.Column("rules", sa.String(20), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("found", sa.Text, nullable=False),
    )
