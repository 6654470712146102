"""What was launched, so that an environment whose container is gone can be brought back as it was.

``spec`` is the container's specification as JSON; the other columns are there to search by. ``engine`` is the id of
the engine that ran it, because several machines may share one database; ``wanted`` is what its owner last asked of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "environments",
        sa.Column("engine", sa.String(100), primary_key=True),
        sa.Column("container", sa.String(200), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("release", sa.String(200), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(100), nullable=False),
        sa.Column("workspace", sa.String(100), nullable=False),
        sa.Column("connections", sa.Text, nullable=False),
        sa.Column("networks", sa.Text, nullable=False),
        sa.Column("port", sa.Integer, nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.Column("wanted", sa.String(20), nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
    )
    op.create_index("environments_by_owner", "environments", ["owner"])
