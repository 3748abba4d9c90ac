"""An event that was held before the tables changed is there afterwards, vote by vote."""

import pytest
from sqlalchemy import text

from scenario_app.kernel.database import Database
from scenario_app.migrations import migrate

BEFORE_THE_FLOOR = "0008"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_votes_survive_the_tables_being_written_anew(tmp_path, database_url):
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    migrate(database, BEFORE_THE_FLOOR)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        for row in (
            "INSERT INTO event (id, slug, title, place, pathway_id, decision_statement, starts_at, created_at)"
            " VALUES (7, 'e', 'E', 'P', 1, 'S', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
            "INSERT INTO section (id, event_id, position, title, starts_at, ends_at, door_code, door_open,"
            " screen_key, size_cap, cue_seq, screen_shows) VALUES (5, 7, 1, 'S', '2026-01-01 00:00:00',"
            " '2026-01-01 01:00:00', 'KTM4RW', 1, 'k', 10, 9, 'result')",
            "INSERT INTO performance (id, section_id, position, version_id, tie_rule, state, attempt)"
            " VALUES (3, 5, 1, 1, 'first_listed', 'ended', 1)",
            "INSERT INTO round (id, performance_id, decision, number, kind, practice, channel, tie_rule,"
            " responses, opened_at) VALUES (4, 3, 'd1', 1, 'choose_one', 0, 'room', 'first_listed', '[\"a\"]',"
            " '2026-01-01 00:00:00')",
            "INSERT INTO seat (id, section_id, role) VALUES (9, 5, 'carer')",
            "INSERT INTO ballot (round_id, seat_id, response, rev) VALUES (4, 9, 'a', 2)",
        ):
            connection.execute(text(row))
        connection.commit()
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")

    migrate(database)

    with database.reading() as session:
        ballots = session.execute(
            text(
                "SELECT ballot.response, ballot.rev, seat.role, seat.channel, round.about,"
                " section.door_code, event.slug"
                " FROM ballot JOIN seat ON seat.id = ballot.seat_id JOIN round ON round.id = ballot.round_id"
                " JOIN performance ON performance.id = round.performance_id"
                " JOIN section ON section.id = performance.section_id JOIN event ON event.id = section.event_id"
            )
        ).all()
    assert [tuple(row) for row in ballots] == [("a", 2, "carer", "room", "decision", "KTM4RW", "e")]
    with database.transaction() as session:
        session.execute(text("DELETE FROM ballot"))
        session.execute(text("DELETE FROM seat"))
        session.execute(text("INSERT INTO seat (section_id, channel) VALUES (5, 'room')"))
        assert session.execute(text("SELECT max(id) FROM seat")).scalar_one() == 10, "no number twice"
    database.close()
