"""Every table, as typed SQLAlchemy models; the only place where columns are named."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

SEQUENCE: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database gives a row: 64 bits wide, which is what INTEGER is to SQLite."""


def ordered(length: int) -> TypeEngine[str]:
    """Return the type of a text that is sorted or compared: by its bytes, whatever the database's locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """The metadata that migrations are compared with."""

    type_annotation_map = {dict[str, Any]: JSON, float: Float(53)}  # noqa: RUF012


class Resource(Base):
    """A noun of an API: its document as the wire has it, and where it stands in its lifecycle.

    ``server`` is the server that holds what runs for it; empty where nothing does. Names are also indexed by
    the three-letter pieces they hold, and documents by what they say (``facts``), in whatever way the
    database has (migrations 0003 and 0007).
    """

    __tablename__ = "resource"

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True)
    id: Mapped[str] = mapped_column(ordered(24))
    account: Mapped[str] = mapped_column(ordered(12))
    region: Mapped[str] = mapped_column(ordered(32))
    kind: Mapped[str] = mapped_column(ordered(64))
    scope: Mapped[str] = mapped_column(ordered(256))
    name: Mapped[str] = mapped_column(ordered(256))
    arn: Mapped[str] = mapped_column(ordered(2048))
    phase: Mapped[str] = mapped_column(ordered(64))
    intent: Mapped[str | None] = mapped_column(String(32))
    server: Mapped[str] = mapped_column(ordered(24), server_default="")
    due_at: Mapped[float | None]
    version: Mapped[int]
    created_at: Mapped[float]
    modified_at: Mapped[float]
    doc: Mapped[dict[str, Any]]
    private: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("resource_id", "id", unique=True),
        Index("resource_identity", "account", "region", "kind", "scope", "name", unique=True),
        Index("resource_created", "account", "region", "kind", "created_at", "id", "name"),
        Index("resource_modified", "account", "region", "kind", "modified_at", "id"),
        Index("resource_named", "account", "region", "kind", "name", "id"),
        Index("resource_phase", "account", "region", "kind", "phase", "created_at", "id"),
        Index("resource_arn", "arn"),
        Index(
            "resource_due",
            "server",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )


class Event(Base):
    """One step of a resource's life; kept when the resource is gone."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    resource: Mapped[str] = mapped_column(String(24), index=True)
    at: Mapped[float]
    phase: Mapped[str] = mapped_column(String(64))
    message: Mapped[str]


class Agreement(Base):
    """What all servers of the database hold to, by name."""

    __tablename__ = "agreement"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str]


class Tag(Base):
    """A tag of the resource with this ARN."""

    __tablename__ = "tag"

    arn: Mapped[str] = mapped_column(ordered(2048), primary_key=True)
    key: Mapped[str] = mapped_column(ordered(128), primary_key=True)
    value: Mapped[str] = mapped_column(ordered(256))

    __table_args__ = (Index("tag_key", "key", "arn"), Index("tag_value", "key", "value", "arn"))


class Edge(Base):
    """A directed link between two ARNs; ``family`` keeps those of different meanings apart."""

    __tablename__ = "edge"

    family: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(512), primary_key=True)
    destination: Mapped[str] = mapped_column(String(512), primary_key=True)
    type: Mapped[str] = mapped_column(String(32))
    at: Mapped[float]
    doc: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("edge_destination", "family", "destination"),
        Index("edge_at", "family", "at"),
    )


class MetricPoint(Base):
    """One observation of a metric; ``dimensions`` is ``name=value`` pairs, sorted, joined by commas."""

    __tablename__ = "metric_point"

    id: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    namespace: Mapped[str] = mapped_column(ordered(255))
    dimensions: Mapped[str] = mapped_column(ordered(2048))
    name: Mapped[str] = mapped_column(ordered(255))
    at: Mapped[float]
    value: Mapped[float]
    step: Mapped[int | None]

    __table_args__ = (Index("metric_point_series", "namespace", "dimensions", "name", "at"),)


class Bucket(Base):
    """An S3 bucket; ``settings`` holds its subresources (policy, CORS …) as they were put.

    ``versioning`` is ``Enabled``, ``Suspended`` or, where it was never asked for, empty.
    """

    __tablename__ = "bucket"

    name: Mapped[str] = mapped_column(ordered(63), primary_key=True)
    account: Mapped[str] = mapped_column(String(12))
    region: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[float]
    settings: Mapped[dict[str, Any]]
    versioning: Mapped[str] = mapped_column(String(16), server_default="")


class Object(Base):
    """What a key names now: where the bytes lie and what a client said of them.

    ``key`` is kept as UTF-8 bytes, so that every database lists keys in S3's own order.
    """

    __tablename__ = "object"

    bucket: Mapped[str] = mapped_column(String(63), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(1024), primary_key=True)
    blob: Mapped[str] = mapped_column(String(24))
    etag: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    modified_at: Mapped[float]
    meta: Mapped[dict[str, Any]]
    version: Mapped[str] = mapped_column(String(32), server_default="null")


class ObjectVersion(Base):
    """What a key named before, or a delete marker, which has no ``blob``.

    ``rank`` falls with every version of a key, so that the newest come first. A key whose newest version is a
    delete marker has no row among the objects.
    """

    __tablename__ = "object_version"

    bucket: Mapped[str] = mapped_column(String(63), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(1024), primary_key=True)
    rank: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(String(32))
    blob: Mapped[str | None] = mapped_column(String(24))
    etag: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    modified_at: Mapped[float]
    retired_at: Mapped[float]
    meta: Mapped[dict[str, Any]]

    __table_args__ = (Index("object_version_id", "bucket", "key", "version", unique=True),)


class Upload(Base):
    """A multipart upload that is neither completed nor aborted."""

    __tablename__ = "upload"

    id: Mapped[str] = mapped_column(ordered(64), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(63), index=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(1024))
    created_at: Mapped[float]
    meta: Mapped[dict[str, Any]]


class Part(Base):
    """One part of a multipart upload."""

    __tablename__ = "part"

    upload: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    blob: Mapped[str] = mapped_column(String(24))
    etag: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    modified_at: Mapped[float]
    meta: Mapped[dict[str, Any]]
