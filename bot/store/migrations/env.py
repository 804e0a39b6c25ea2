"""How Alembic runs our migrations: on the connection that `store/schema` hands over, in its transaction."""

from alembic import context
from sqlalchemy import text

from bot.store.schema import metadata

connection = context.config.attributes["connection"]
connection.execute(text("SET LOCAL lock_timeout = '4s'"))
connection.execute(text("SET LOCAL statement_timeout = '5s'"))
connection.execute(text("SELECT pg_advisory_xact_lock(7400)"))  # two that migrate at once take turns
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
