"""Let resources be linked: lineage, and the components of trials."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "edge",
        sa.Column("family", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=512), nullable=False),
        sa.Column("destination", sa.String(length=512), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("at", sa.Float(precision=53), nullable=False),
        sa.Column("doc", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("family", "source", "destination"),
    )
    op.create_index("edge_destination", "edge", ["family", "destination"])
    op.create_index("edge_at", "edge", ["family", "at"])
