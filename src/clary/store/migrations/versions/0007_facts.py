"""Find resources by what their documents say and by their tags, however many there are."""

import sqlalchemy as sa
from alembic import op

from clary.store import facts

revision = "0007"
down_revision = "0006"

_ON_SQLITE = """
CREATE VIRTUAL TABLE resource_fact USING fts5(facts, content='', tokenize='ascii', detail=none, columnsize=0)
--
INSERT INTO resource_fact(resource_fact, rank) VALUES ('automerge', 8)
"""
"""A merge for every eight Creates, not four: they write a fifth less."""


def upgrade() -> None:
    """Apply the revision; it reads every document."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "resource_fact",
            sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("facts", sa.ARRAY(sa.String()), nullable=False),
            sa.PrimaryKeyConstraint("seq"),
        )
        op.create_index("resource_fact_facts", "resource_fact", ["facts"], postgresql_using="gin")
        op.alter_column("tag", "value", type_=sa.String(256, collation="C"))
    else:
        for statement in _ON_SQLITE.split("--"):
            op.execute(statement)
    facts.build(op.get_bind())
    op.create_index("tag_value", "tag", ["key", "value", "arn"])
