"""What owners were told of releases that end: notices, their way to each sink, and what runs inside environments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables; ``content`` is the rest of a notice as JSON, ``delivered`` is null until it got there."""
    op.create_table(
        "notices",
        sa.Column("id", sa.String(40), primary_key=True),
        # In the order of writing, which a clock that went back does not change.
        sa.Column("number", sa.Integer, nullable=False, unique=True),
        sa.Column("release", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("milestone", sa.Integer, nullable=False),
        sa.Column("revision", sa.String(100), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index("notices_by_owner", "notices", ["owner", "number"])
    op.create_table(
        "deliveries",
        sa.Column("notice", sa.String(40), sa.ForeignKey("notices.id"), primary_key=True),
        sa.Column("sink", sa.String(100), primary_key=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("delivered", sa.String(40)),
    )
    # What stands in the memory of a running environment, by the digest of its files.
    op.create_table(
        "messages",
        sa.Column("engine", sa.String(100), primary_key=True),
        sa.Column("container", sa.String(200), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
    )
