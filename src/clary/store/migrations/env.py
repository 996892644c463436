"""Tells Alembic what to compare and where to run."""

from alembic import context

from clary.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
