"""Alembic's door: the connection is the one that `registry_schema` holds; there is no other way in."""

from alembic import context

from streams.adapters.registry_schema import declared

context.configure(
    connection=context.config.attributes["connection"], target_metadata=declared(), render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
