"""Alembic's entry: runs the migrations on the connection that `upgrade` handed over."""

from alembic import context

from template_service.records.migrations.upgrade import CONNECTION
from template_service.records.tables import metadata

context.configure(
    connection=context.config.attributes[CONNECTION],
    target_metadata=metadata,
    # SQLite runs schema changes inside a transaction, once the driver does not end it early.
    transactional_ddl=True,
    transaction_per_migration=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
