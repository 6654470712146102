"""What is remembered of workspaces: how large they were when they were measured, and when they were last used.

``origin`` is the git repository that one was cloned from, "" for none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table of usages; ``made`` tells a volume from a later one of the same name."""
    op.create_table(
        "usages",
        sa.Column("volume", sa.String(200), primary_key=True),
        sa.Column("made", sa.String(40), nullable=False),
        sa.Column("size", sa.BigInteger),
        sa.Column("measured", sa.String(40)),
        sa.Column("used", sa.String(40)),
        sa.Column("origin", sa.Text, nullable=False),
    )
