"""A minute for oneself: desks are told, nobody else is, and afterwards nothing of it is left."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from live import messages
from live.closing import close_event, erase_secrets
from live.rules import NotAllowed
from live.talk.models import FloorText
from live.talk.queries import desk_talk, waiting_in
from live.talk.rules import MOST_MINUTES
from scenario_app.kernel.database import Base
from tests.live.test_stop import cue, say, stop
from tests.makers import SUPPORTER, Floor, make_floor, make_town

PLACE = "PLANTED-PLACE behind the pillar"


@pytest.fixture
def floor(database, config, clock) -> Floor:
    """A play that runs; in another room somebody needs a minute too."""
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    need(noise, noise.sit(None)[0])
    floor = make_floor(town, now=clock())
    floor.start()
    return floor


def need(floor: Floor, seat, key: str = "minute-0001", where: str | None = None):
    return say(floor, seat, messages.NeedMinute(key=key, where=where))


def minutes(floor: Floor):
    with floor.town.database.reading() as session:
        return desk_talk(session, floor.section_id).minutes


def rows(floor: Floor) -> dict[str, list]:
    """Return every row of every table, but the number that tells desks to look again."""
    with floor.town.database.reading() as session:
        found = {
            name: [dict(row._mapping) for row in session.execute(table.select())]
            for name, table in Base.metadata.tables.items()
        }
    for section in found["section"]:
        section.pop("talk_seq")
    return found


def test_desks_are_told_once_and_the_phone_learns_who_comes(floor):
    [seat] = floor.sit("carer")

    first = need(floor, seat, where=f"  {PLACE} ")
    again = need(floor, seat, where=PLACE)

    assert set(first) == {"supporter", "where", "told"}
    assert first == again
    [call] = minutes(floor)
    assert call.where == PLACE
    with floor.town.database.reading() as session:
        assert waiting_in(session, floor.section_id).minutes == 1


def test_no_table_but_its_own_knows_of_it_and_then_none(floor):
    [seat] = floor.sit("carer")
    before, cue_before = rows(floor), cue(floor)
    need(floor, seat, where=PLACE)
    during = rows(floor)

    assert {name for name in before if before[name] != during[name]} == {"minute_call"}
    assert set(during["minute_call"][-1]) == {"id", "section_id", "key", "where_from", "called_at"}
    floor.act(messages.AnswerMinute, minute_id=minutes(floor)[0].id)

    assert rows(floor) == before
    assert cue(floor) == cue_before


def test_somebody_with_them_is_no_step_of_the_play_and_cannot_be_too_late(floor):
    [seat] = floor.sit(None)
    need(floor, seat)
    [call] = minutes(floor)
    seq = floor.section.cue_seq
    floor.act(messages.SetHeads, heads=3)

    floor.act(messages.AnswerMinute, expects=seq, minute_id=call.id)
    floor.act(messages.AnswerMinute, expects=seq, minute_id=call.id)

    assert minutes(floor) == []
    assert floor.section.cue_seq == seq + 1


def test_a_desk_answers_nobody_of_another_room(floor, database):
    with database.reading() as session:
        theirs = session.execute(text("SELECT id FROM minute_call")).scalar_one()

    floor.act(messages.AnswerMinute, minute_id=theirs)

    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM minute_call")).scalar_one() == 1


def test_who_asked_can_say_that_it_is_over(floor):
    red, green = floor.sit(None, None)
    need(floor, red, "minute-0001")
    need(floor, green, "minute-0002")

    say(floor, red, messages.MinuteOver(key="minute-0001"))

    assert len(minutes(floor)) == 1


def test_a_desk_that_is_full_of_cards_still_shows_everybody_who_is_there_for_them(floor):
    seat, somebody_else = floor.sit(None, None)
    told = [need(floor, seat, f"minute-{number:04}") for number in range(MOST_MINUTES)]

    one_more = need(floor, somebody_else, "minute-9999")

    assert one_more == {**told[0], "told": False}
    assert one_more["supporter"] == SUPPORTER
    assert len(minutes(floor)) == MOST_MINUTES


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_not_one_byte_of_it_stays_in_the_files(floor, database):
    [seat] = floor.sit(None)
    need(floor, seat, where=PLACE)
    files = [path for path in _files(database) if PLACE.encode() in path.read_bytes()]
    assert files != []

    floor.act(messages.AnswerMinute, minute_id=minutes(floor)[0].id)
    database.forget_deleted()

    assert [path for path in _files(database) if PLACE.encode() in path.read_bytes()] == []


def _files(database):
    return list(Path(database.url.database).parent.iterdir())


def test_closing_the_event_erases_who_still_waits(floor, database, clock):
    [seat] = floor.sit(None)
    need(floor, seat)
    floor.act(messages.EndPerformance)

    with database.transaction() as session:
        close_event(
            session,
            event_slug="an-evening",
            account_id=floor.town.account("fay").id,
            now=clock(),
        )

    assert minutes(floor) == []
    with database.reading() as session:  # the other room goes on
        assert session.execute(text("SELECT count(*) FROM minute_call")).scalar_one() == 1


def test_a_closed_event_takes_no_asking(floor, database, clock):
    [seat] = floor.sit(None)
    floor.act(messages.EndPerformance)
    with database.transaction() as session:
        close_event(session, event_slug="an-evening", account_id=floor.town.account("fay").id, now=clock())

    with pytest.raises(NotAllowed):
        need(floor, seat)


# --- when the retention is over -------------------------------------------------------------------------


def test_after_retention_no_hand_hangs_on_a_seat_and_no_unapproved_word_is_left(floor, database, clock):
    [seat] = floor.sit("carer")
    stop(floor, seat)
    need(floor, seat)
    with database.transaction() as session:
        for state in ("waiting", "approved", "declined"):
            session.add(
                FloorText(
                    section_id=floor.section_id,
                    seat_id=seat.id,
                    key=f"words-{state}",
                    kind="proposal",
                    text=f"WORDS {state}",
                    state=state,
                    said_at=clock(),
                )
            )

    with database.transaction() as session:
        erased = erase_secrets(session, retention=timedelta(hours=24), now=clock() + timedelta(days=3))

    assert erased == 2
    found = rows(floor)
    assert [(row["key"], row["seat_id"], row["role"]) for row in found["stop"]] == [(None, None, "carer")]
    assert {row["state"]: (row["key"], row["text"]) for row in found["floor_text"]} == {
        "waiting": (None, None),
        "approved": (None, "WORDS approved"),
        "declined": (None, None),
    }
    assert {row["seat_id"] for row in found["floor_text"]} == {None}, "words say who somebody is"
    assert found["minute_call"] == found["undoable"] == found["cast_key"] == []
    assert {row["secret_hash"] for row in found["seat"]} == {None}


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("minute_call", {"id", "section_id", "key", "where_from", "called_at"}),
        ("verdict", {"intervention_id", "seat_id", "verdict"}),
        # Both hang on a seat until the retention is over.
        (
            "stop",
            {
                *("id", "performance_id", "attempt", "scene", "line", "seat_id", "key", "role", "state"),
                "raised_at",
            },
        ),
    ],
)
def test_what_the_room_says_holds_no_name_address_or_device(table, columns):
    assert set(Base.metadata.tables[table].columns.keys()) == columns
