"""Order and find a million resources by index, let servers hold them, and sort text alike everywhere."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_OLD_INDEXES = ("resource_arn", "resource_created", "resource_due", "resource_identity")
_COPIED = (
    "id, account, region, kind, scope, name, arn, phase, intent, due_at, version, created_at, modified_at, "
    "doc, private"
)
_ORDERED = {
    "bucket": {"name": 63},
    "metric_point": {"namespace": 255, "dimensions": 2048, "name": 255},
    "tag": {"arn": 2048, "key": 128},
    "upload": {"id": 64},
}
_PIECES_ON_SQLITE = """
CREATE VIRTUAL TABLE resource_name
  USING fts5(name, content='', tokenize='trigram case_sensitive 1', detail=none)
--
INSERT INTO resource_name(rowid, name) SELECT seq, name FROM resource
--
CREATE TRIGGER resource_name_added AFTER INSERT ON resource BEGIN
  INSERT INTO resource_name(rowid, name) VALUES (new.seq, new.name);
END
--
CREATE TRIGGER resource_name_removed AFTER DELETE ON resource BEGIN
  INSERT INTO resource_name(resource_name, rowid, name) VALUES ('delete', old.seq, old.name);
END
"""
_PIECES_ON_POSTGRESQL = """
CREATE FUNCTION clary_pieces(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
  'SELECT array_agg(DISTINCT substr($1, i, 3)) FROM generate_series(1, length($1) - 2) AS i'
--
CREATE INDEX resource_name ON resource USING gin (clary_pieces(name))
"""


def upgrade() -> None:
    """Apply the revision."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    collation = "C" if postgresql else None

    def ordered(length: int) -> sa.String:
        return sa.String(length, collation=collation)

    for index in _OLD_INDEXES:
        op.drop_index(index, "resource")
    op.rename_table("resource", "resource_before")
    op.create_table(
        "resource",
        sa.Column("seq", sa.BigInteger() if postgresql else sa.Integer(), nullable=False),
        sa.Column("id", ordered(24), nullable=False),
        sa.Column("account", ordered(12), nullable=False),
        sa.Column("region", ordered(32), nullable=False),
        sa.Column("kind", ordered(64), nullable=False),
        sa.Column("scope", ordered(256), nullable=False),
        sa.Column("name", ordered(256), nullable=False),
        sa.Column("arn", ordered(2048), nullable=False),
        sa.Column("phase", ordered(64), nullable=False),
        sa.Column("intent", sa.String(length=32), nullable=True),
        sa.Column("server", ordered(24), server_default="", nullable=False),
        sa.Column("due_at", sa.Float(precision=53), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("modified_at", sa.Float(precision=53), nullable=False),
        sa.Column("doc", sa.JSON(), nullable=False),
        sa.Column("private", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.execute(
        f"INSERT INTO resource ({_COPIED}) SELECT {_COPIED} FROM resource_before ORDER BY id"  # noqa: S608
    )
    op.drop_table("resource_before")
    _index()
    if postgresql:
        _widen()
    for statement in (_PIECES_ON_POSTGRESQL if postgresql else _PIECES_ON_SQLITE).split("--"):
        op.execute(statement)


def _index() -> None:
    home = ["account", "region", "kind"]
    some = sa.text("due_at IS NOT NULL")
    op.create_index("resource_id", "resource", ["id"], unique=True)
    op.create_index("resource_identity", "resource", [*home, "scope", "name"], unique=True)
    op.create_index("resource_created", "resource", [*home, "created_at", "id", "name"])
    op.create_index("resource_modified", "resource", [*home, "modified_at", "id"])
    op.create_index("resource_named", "resource", [*home, "name", "id"])
    op.create_index("resource_phase", "resource", [*home, "phase", "created_at", "id"])
    op.create_index("resource_arn", "resource", ["arn"])
    op.create_index(
        "resource_due", "resource", ["server", "due_at"], sqlite_where=some, postgresql_where=some
    )


def _widen() -> None:
    """Sort text by its bytes and count rows in 64 bits, as SQLite does without being told."""
    for table, columns in _ORDERED.items():
        for column, length in columns.items():
            op.alter_column(table, column, type_=sa.String(length, collation="C"))
    for table in ("event", "metric_point"):
        op.alter_column(table, "id", type_=sa.BigInteger())
        op.execute(f"ALTER SEQUENCE {table}_id_seq AS bigint")
