"""Bring a database to the newest form of the tables. Every table is made here, from the first on."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from scenario_app.kernel.database import Database
from scenario_app.kernel.errors import DomainError

HERE = Path(__file__).parent
# Any fixed number: two processes that start at once must not both migrate.
_LOCK = 7340611


class UnknownTables(DomainError):
    """The tables are those of a newer version of this application, or of another program. Nothing was changed."""

    code = "unknown_tables"


def migrate(database: Database, revision: str = "head") -> None:
    """Run what is missing, in one transaction where the database can; safe from several processes at once.

    :raises UnknownTables: the database is further than this version knows
    """
    with database.engine.connect() as connection:
        if database.on_sqlite:
            # A table that is written anew is dropped for a moment; its rows are still pointed at meanwhile.
            # Said to the driver itself: inside a transaction, which SQLAlchemy would begin, SQLite ignores it.
            _driver_of(connection).execute("PRAGMA foreign_keys = OFF")
        else:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
        settings = _settings()
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, revision)
        except CommandError as problem:
            raise UnknownTables from problem
        finally:
            if database.on_sqlite:
                _driver_of(connection).execute("PRAGMA foreign_keys = ON")
            else:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
                connection.execute(text("RESET statement_timeout"))
                connection.commit()


def _driver_of(connection: Connection) -> Any:
    return connection.connection.driver_connection


def pending(database: Database) -> list[str]:
    """Return the revisions that this database still lacks, newest first."""
    scripts = ScriptDirectory.from_config(_settings())
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return [step.revision for step in scripts.iterate_revisions(scripts.get_current_head(), current)]


def _settings() -> AlembicConfig:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings
