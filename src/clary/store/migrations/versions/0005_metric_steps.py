"""Let a point of a metric say at which step of a training run it was taken."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply the revision."""
    op.add_column("metric_point", sa.Column("step", sa.Integer(), nullable=True))
