"""Let resources be found by the key of a tag, in the order of their ARNs."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply the revision."""
    op.create_index("tag_key", "tag", ["key", "arn"])
