"""Storage: the declarative base, UTC moments, and the two kinds of transaction. No Flask here."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import Connection, ExceptionContext, make_url
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from scenario_app.kernel.errors import DomainError, Invalid

log = logging.getLogger(__name__)

BUSY_SECONDS = 5
_LOOKS_A_SECOND = 20


class StorageUnavailable(DomainError):
    """The database cannot take this now (gone, full, locked too long). Nothing was written; try again."""

    code = "storage"
    status = 503


class Unstorable(Invalid):
    """A value that no database can hold: a NUL, half a character, a number beyond all bounds."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, aware in Python on every database.

    SQLite keeps no time zone, so what comes back gets UTC put on it; what goes in must be aware.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the house. Names of constraints are fixed, so that a migration can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}


class Database:
    """One engine and the two ways to use it: `transaction()` to write, `reading()` to read.

    A transaction must be short and must not wait for anything but the database: on SQLite a greenlet that
    yields inside one freezes every other writer.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.on_sqlite else _postgresql_engine(url)
        event.listen(self.engine, "handle_error", _refuse_unstorable)
        self._writing = self.engine.execution_options(immediate=True)
        self._one_writer = Lock()
        self._forgetting: Thread | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open one write transaction; commit at the end of the block, roll back when it raises.

        :raises StorageUnavailable: the database refused or could not be reached; nothing was written
        """
        with (
            self._serialised(),
            _storage_refusals(),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open one consistent view for reading. What is changed in it is thrown away.

        :raises StorageUnavailable: the database could not be reached
        """
        with _storage_refusals(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def thread_transaction(self) -> Iterator[Session]:
        """Like `transaction`, for the ballot box's own thread, where a greenlet lock cannot be taken.

        SQLite's own lock is the guard.
        """
        with _storage_refusals(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def check(self) -> None:
        """Ask the database for a sign of life.

        :raises StorageUnavailable: it gave none
        """
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def forget_deleted(self) -> None:
        """Remove from the database's files what was deleted from its tables.

        SQLite overwrites deleted bytes (`secure_delete`) but keeps older pages in its log until that is folded into
        the file, which waits for whoever reads. One that reads for longer than five seconds (a backup) puts this off:
        it is logged, and tried again until it is done. PostgreSQL keeps old rows until they are vacuumed, and its
        log until that is recycled.

        :raises StorageUnavailable: the database could not be reached; what was deleted stays deleted
        """
        if not self.on_sqlite:
            autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            with _storage_refusals(), autocommit.connect() as connection:
                connection.exec_driver_sql("VACUUM")
        elif not self._fold_log(BUSY_SECONDS) and self._forgetting is None:
            log.warning("somebody reads the database for long: what was deleted is still in its log")
            self._forgetting = Thread(target=self._go_on_forgetting, daemon=True)
            self._forgetting.start()

    def _fold_log(self, seconds: float) -> bool:
        """Fold SQLite's log into its file, and say whether it was done; try for that long."""
        until = time.monotonic() + seconds
        with _storage_refusals(), self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            # SQLite's own way of waiting would hold every greenlet, whoever reads among them.
            driver.execute("PRAGMA busy_timeout=0")
            try:
                while _is_busy(driver):
                    if time.monotonic() > until:
                        return False
                    time.sleep(1 / _LOOKS_A_SECOND)
            finally:
                driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        return True

    def _go_on_forgetting(self) -> None:
        try:
            while not self._fold_log(BUSY_SECONDS):
                time.sleep(BUSY_SECONDS)
            log.info("what was deleted has left the database's log")
        except StorageUnavailable:
            log.warning("what was deleted stays in the database's log until something is deleted again")
        finally:
            self._forgetting = None

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    @contextmanager
    def _serialised(self) -> Iterator[None]:
        if not self.on_sqlite:
            yield
            return
        with self._one_writer:
            yield


@contextmanager
def _storage_refusals() -> Iterator[None]:
    """Turn what a database does when it is gone, full or busy into one refusal.

    A broken constraint or a wrong query is a bug or a rule and goes through unchanged.
    """
    try:
        yield
    except OperationalError as problem:
        raise StorageUnavailable(reason=_reason_of(problem)) from problem
    except DBAPIError as problem:
        if problem.connection_invalidated:
            raise StorageUnavailable(reason=_reason_of(problem)) from problem
        raise


def _is_busy(driver: sqlite3.Connection) -> bool:
    try:
        busy, _pages, _folded = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return True
        raise StorageUnavailable(reason=str(problem)[:200]) from problem
    return bool(busy)


def _refuse_unstorable(context: ExceptionContext) -> None:
    # The drivers' own ways of saying so; PostgreSQL's is a DataError.
    found = context.sqlalchemy_exception or context.original_exception
    if isinstance(found, UnicodeEncodeError | OverflowError | DataError):
        raise Unstorable from found


def _reason_of(problem: DBAPIError) -> str:
    """Return the database's own words, first line only: never the statement, which may hold what people typed."""
    return str(problem.orig).splitlines()[0][:200] if problem.orig and str(problem.orig) else "no answer"


def _sqlite_engine(url: str) -> Engine:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=8,
        max_overflow=16,
        hide_parameters=True,  # what people typed is in no message of the driver
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL lost acknowledged commits in simulated power cuts
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "secure_delete=ON",  # withdrawn words leave the file, not only the page
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgresql_engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=8,
        max_overflow=16,
        connect_args={
            "connect_timeout": BUSY_SECONDS,
            "options": "-c synchronous_commit=on -c statement_timeout=3000"
            " -c idle_in_transaction_session_timeout=10000",
        },
    )
