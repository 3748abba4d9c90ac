"""The chain of records: a row that was changed, removed or slipped in afterwards is found."""

import threading

import pytest
from sqlalchemy import text

from scenario_app.kernel import audit

ROWS = 6


@pytest.fixture
def chain(database, clock):
    """Six rows of one chain between those of another."""
    for number in range(ROWS):
        with database.transaction() as session:
            for name in ("event:noise", "event:spring"):
                audit.record(
                    session,
                    chain=name,
                    action="round_closed",
                    subject=f"round:{number}",
                    account_id=1,
                    now=clock(),
                    details={"ballots": number, "é": "ü"},
                )
        clock.go_on(seconds=1)
    return "event:spring"


def broken(database, chain: str) -> int | None:
    with database.reading() as session:
        return audit.first_broken_row(session, chain)


def tamper(database, statement: str) -> None:
    with database.transaction() as session:
        session.execute(text(statement))


def test_a_chain_that_nobody_touched_is_whole(database, chain):
    assert broken(database, chain) is None
    with database.reading() as session:
        assert audit.head_of(session, chain).rows == audit.rows_of(session, chain) == ROWS
        assert audit.head_of(session, "event:none") == audit.ChainHead("event:none", 0, audit.START)


@pytest.mark.parametrize(
    "change",
    [
        "action = 'round_opened'",
        "subject = 'round:77'",
        "account_id = 2",
        "account_id = NULL",
        "details = '{\"ballots\": 9}'",
        "at = '2026-03-02 10:00:09.000000'",
        "hash = substr(hash, 1, 63) || 'x'",
    ],
)
def test_a_row_that_was_changed_is_found(database, chain, change):
    tamper(database, f"UPDATE audit_entry SET {change} WHERE chain = '{chain}' AND position = 3")

    assert broken(database, chain) == 3
    assert broken(database, "event:noise") is None


def test_a_row_that_was_removed_is_found(database, chain):
    tamper(database, f"DELETE FROM audit_entry WHERE chain = '{chain}' AND position = 4")

    assert broken(database, chain) == 4


def test_a_row_that_was_slipped_in_is_found(database, chain):
    tamper(
        database,
        "INSERT INTO audit_entry (chain, position, at, account_id, action, subject, details, hash)"
        f" SELECT chain, 7, at, account_id, 'round_opened', subject, details, hash FROM audit_entry"
        f" WHERE chain = '{chain}' AND position = 6",
    )

    assert broken(database, chain) == 7


def test_rows_that_changed_places_are_found(database, chain):
    for start, end in ((2, 99), (5, 2), (99, 5)):
        tamper(
            database,
            f"UPDATE audit_entry SET position = {end} WHERE chain = '{chain}' AND position = {start}",
        )

    assert broken(database, chain) == 2


def test_rows_written_at_once_stay_one_chain(database, clock):
    def write(number: int) -> None:
        with database.transaction() as session:
            audit.record(session, chain="site", action="a", subject=str(number), account_id=None, now=clock())

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    with database.reading() as session:
        assert audit.rows_of(session, "site") == 8
    assert broken(database, "site") is None
