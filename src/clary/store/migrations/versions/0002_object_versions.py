"""Let buckets keep the versions of their objects."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply the revision."""
    op.add_column("bucket", sa.Column("versioning", sa.String(length=16), server_default="", nullable=False))
    op.add_column("object", sa.Column("version", sa.String(length=32), server_default="null", nullable=False))
    op.create_table(
        "object_version",
        sa.Column("bucket", sa.String(length=63), nullable=False),
        sa.Column("key", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("blob", sa.String(length=24), nullable=True),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.Float(precision=53), nullable=False),
        sa.Column("retired_at", sa.Float(precision=53), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "key", "rank"),
    )
    op.create_index("object_version_id", "object_version", ["bucket", "key", "version"], unique=True)
