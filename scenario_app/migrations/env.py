"""Alembic's entry: the connection is handed in by `scenario_app.migrations.migrate`."""

from alembic import context

from scenario_app.kernel.database import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
