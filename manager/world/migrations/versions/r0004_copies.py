"""Where builds were pushed: the reference, and the digest of the manifest that the registry knows a build by there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table; ``base`` is the key of the base that a build stands on."""
    op.create_table(
        "copies",
        sa.Column("reference", sa.String(400), primary_key=True),
        sa.Column("digest", sa.String(100), sa.ForeignKey("builds.digest"), nullable=False),
        sa.Column("manifest", sa.String(100), nullable=False),
        sa.Column("base", sa.String(100), nullable=False),
    )
