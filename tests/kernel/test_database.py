"""Storage: one writer at a time, moments in UTC, and a refusal with a type for everything a database cannot do."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from scenario_app.accounts.models import Account
from scenario_app.kernel import database as kernel_database
from scenario_app.kernel.database import Database, StorageUnavailable, Unstorable
from scenario_app.migrations import UnknownTables, migrate, pending

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def account(email: str, created_at: datetime = NOON) -> Account:
    return Account(email=email, name="Ada", created_at=created_at, epoch=1, failures=0)


def emails(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(text("SELECT email FROM account ORDER BY email")))


def change_mind(session) -> None:
    session.add(account("lost@x"))
    session.flush()
    raise ZeroDivisionError


def test_what_raises_writes_nothing_and_what_ends_is_written(database):
    with database.transaction() as session:
        session.add(account("kept@x"))
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        change_mind(session)
    with database.reading() as session:
        session.add(account("only-read@x"))
        session.flush()

    assert emails(database) == ["kept@x"]


def test_a_moment_comes_back_in_utc_and_one_without_a_zone_is_not_taken(database):
    east = datetime(2026, 3, 2, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    with database.transaction() as session:
        session.add(account("a@x", east))
    with database.reading() as session:
        [found] = session.query(Account).all()
        assert found.created_at == NOON
        assert found.created_at.tzinfo is UTC

    with pytest.raises(Exception, match="without a time zone"), database.transaction() as session:
        session.add(account("b@x", datetime(2026, 3, 2)))  # noqa: DTZ001 - that is what must be refused


def test_writers_at_the_same_moment_all_get_their_turn(database):
    def add(number: int) -> None:
        with database.thread_transaction() as session:
            session.execute(text("SELECT count(*) FROM account")).all()
            session.add(account(f"{number:02}@x"))

    writers = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(emails(database)) == 12


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_a_transaction_has_the_lock_from_its_beginning_and_readers_do_not_wait(database):
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
        with database.engine.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=1")
            other.rollback()
            with pytest.raises(Exception, match="locked"):
                other.execution_options(immediate=True).exec_driver_sql("SELECT 1")
        assert emails(database) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_syncs_every_commit_and_forgets_what_was_deleted(database):
    with database.engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }

    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_deleted_leaves_the_files_once_whoever_reads_is_done(database, monkeypatch, caplog):
    monkeypatch.setattr(kernel_database, "BUSY_SECONDS", 0.05)
    with database.transaction() as session:
        session.add(account("planted-needle@x"))
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
    with database.reading() as reader:
        assert reader.scalars(text("SELECT email FROM account")).all() == ["planted-needle@x"]
        with database.transaction() as session:
            session.execute(text("DELETE FROM account"))

        database.forget_deleted()  # does not wait for ever, and does not raise

        assert "still in its log" in caplog.text
        assert files_with(database, b"planted-needle")
    going_on = database._forgetting
    if going_on is not None:
        going_on.join(20)

    assert files_with(database, b"planted-needle") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_deleted_leaves_the_files_while_others_write(database):
    with database.transaction() as session:
        session.add(account("planted-needle@x"))
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            with database.transaction() as session:
                session.add(account(f"{number}@x"))

    writer = threading.Thread(target=write)
    writer.start()
    with database.transaction() as session:
        session.execute(text("DELETE FROM account WHERE email LIKE 'planted%'"))
    database.forget_deleted()
    left = files_with(database, b"planted-needle")
    over.set()
    writer.join(20)

    assert left == []


def files_with(database: Database, needle: bytes) -> list[str]:
    """The files of a SQLite database that hold some bytes."""
    file = Path(database.url.database)
    return [each.name for each in file.parent.glob(f"{file.name}*") if needle in each.read_bytes()]


def test_half_a_character_is_refused_as_what_was_sent(database):
    with pytest.raises(Unstorable) as refusal, database.transaction() as session:
        session.add(account("\ud800@x"))

    assert refusal.value.status == 422


def test_a_number_beyond_all_bounds_is_refused_as_what_was_sent(database):
    beyond = account("a@x")
    beyond.epoch = 2**80

    with pytest.raises(Unstorable), database.transaction() as session:
        session.add(beyond)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_nul_is_refused_by_postgresql_as_what_was_sent(database):
    with pytest.raises(Unstorable), database.transaction() as session:
        session.add(account("a\0@x"))


def test_a_broken_constraint_is_not_taken_for_a_storage_that_is_gone(database):
    with database.transaction() as session:
        session.add(account("a@x"))

    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(account("a@x"))


def test_a_database_that_is_not_there_is_a_refusal_with_a_reason(tmp_path):
    gone = Database("postgresql+psycopg://ada:hunter2@127.0.0.1:1/town")

    with pytest.raises(StorageUnavailable) as refusal:
        gone.check()

    assert "refused" in str(refusal.value.details["reason"])
    assert "hunter2" not in str(refusal.value.details)
    gone.close()


def test_migrating_again_changes_nothing_and_a_newer_database_is_left_alone(database):
    migrate(database)
    assert pending(database) == []
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(UnknownTables):
        migrate(database)

    with database.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
