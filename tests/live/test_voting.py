"""Being counted: one ballot per seat and round, the newest change of mind wins, the same tap counts once."""

import threading

import pytest
from sqlalchemy import text

from live import messages
from live.ballot_box import Counted, write_ballots
from live.closing import erase_secrets
from live.queries import votes_in
from live.rules import (
    Cast,
    DoorClosed,
    KeyReused,
    NoSuchDoor,
    NotAMember,
    RoundClosed,
    SectionFull,
    Superseded,
    UnknownResponse,
    UnknownRole,
    UnknownRound,
)
from live.voting import NotASeat, holder_of, take_seat
from tests.makers import Floor, make_floor, make_town


@pytest.fixture
def floor(database, config, clock) -> Floor:
    """A section with an open round, and ballots of another event beside it."""
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    for seat in noise.sit("carer", None, "police"):
        noise.cast(seat, "c")
    floor = make_floor(town, now=clock())
    floor.start()
    floor.open_round()
    return floor


def tally(floor: Floor) -> dict[str, int]:
    with floor.town.database.reading() as session:
        return votes_in(session, floor.round_id, ["a", "b", "c"])


def test_a_recast_ballot_replaces_the_first(floor):
    [red] = floor.sit("carer")

    floor.cast(red, "a")
    floor.cast(red, "b", rev=2)

    assert tally(floor) == {"a": 0, "b": 1, "c": 0}


def test_the_same_tap_counts_once_and_gets_the_same_answer(floor):
    [red] = floor.sit(None)

    first = floor.cast(red, "a", key="the-same-tap")
    again = floor.cast(red, "a", key="the-same-tap")

    assert first == again
    assert isinstance(first, Counted)
    assert tally(floor) == {"a": 1, "b": 0, "c": 0}


def test_an_old_tap_that_arrives_after_a_changed_mind_gets_its_answer_and_changes_nothing(floor):
    [red] = floor.sit(None)
    first = floor.cast(red, "a", key="first-tap")
    floor.cast(red, "b", rev=2, key="second-tap")

    late = floor.cast(red, "a", key="first-tap")

    assert late == first
    assert tally(floor) == {"a": 0, "b": 1, "c": 0}


def test_a_key_used_for_something_else_is_refused(floor):
    [red] = floor.sit(None)
    floor.cast(red, "a", key="one-key-only")

    outcome = floor.cast(red, "b", rev=2, key="one-key-only")

    assert isinstance(outcome, KeyReused)
    assert tally(floor) == {"a": 1, "b": 0, "c": 0}


@pytest.mark.parametrize("rev", [1, 2])
def test_an_older_or_equal_change_of_mind_never_wins(floor, rev):
    [red] = floor.sit(None)
    floor.cast(red, "a", rev=2)

    outcome = floor.cast(red, "b", rev=rev, key="another-tab")

    assert isinstance(outcome, Superseded)
    assert tally(floor) == {"a": 1, "b": 0, "c": 0}


def test_a_ballot_after_closing_is_told_so_and_an_acknowledged_one_still_gets_its_answer(floor):
    red, blue = floor.sit(None, None)
    counted = floor.cast(red, "a", key="before-close")
    round_id = floor.round_id
    floor.act(messages.CloseRound, round_id=round_id)

    assert isinstance(floor.cast(blue, "b", round_id=round_id), RoundClosed)
    assert floor.cast(red, "a", round_id=round_id, key="before-close") == counted
    assert tally(floor) == {"a": 1, "b": 0, "c": 0}


def test_a_seat_of_another_section_cannot_vote_here(floor):
    other = make_floor(floor.town, now=floor.now, slug="next-door")
    other.act(messages.SetDoor, open=True)
    [stranger] = other.sit(None)

    assert isinstance(floor.cast(stranger, "a"), NotAMember)
    assert tally(floor) == {"a": 0, "b": 0, "c": 0}


def test_what_the_round_does_not_offer_is_refused(floor):
    [red] = floor.sit(None)

    assert isinstance(floor.cast(red, "z"), UnknownResponse)
    assert isinstance(floor.cast(red, "a", round_id=999_999), UnknownRound)


def test_one_bad_ballot_in_a_group_costs_its_neighbours_nothing(floor):
    red, blue, green = floor.sit(None, None, None)
    ballots = [
        Cast(red.id, red.section_id, floor.round_id, "a", "tap-red-1", 1),
        Cast(blue.id, blue.section_id, floor.round_id, "not-there", "tap-blue-1", 1),
        Cast(green.id, green.section_id, floor.round_id, "b", "tap-green-1", 1),
        Cast(red.id, red.section_id, floor.round_id, "c", "tap-red-2", 2),
    ]

    with floor.town.database.transaction() as session:
        outcomes = write_ballots(session, ballots, key=floor.town.config.secret_key)

    assert [type(outcome) for outcome in outcomes] == [Counted, UnknownResponse, Counted, Counted]
    assert tally(floor) == {"a": 0, "b": 1, "c": 1}


def test_two_hundred_first_votes_of_one_seat_at_once_are_one_ballot(floor):
    [red] = floor.sit(None)
    gate, outcomes = threading.Barrier(8), []

    def tab(number: int) -> None:
        gate.wait()
        for tap in range(25):
            outcomes.append(floor.cast(red, "abc"[tap % 3], key=f"tab-{number}-tap-{tap}"))

    threads = [threading.Thread(target=tab, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counted = [outcome for outcome in outcomes if isinstance(outcome, Counted)]
    assert len(outcomes) == 200
    assert len(counted) == 1
    assert sum(tally(floor).values()) == 1


def test_closing_while_ballots_pour_in_counts_every_acknowledged_one_and_no_later_one(floor):
    seats = floor.sit(*[None] * 60)
    round_id = floor.round_id
    gate, outcomes = threading.Barrier(4), []

    def pour(mine) -> None:
        gate.wait()
        for seat in mine:
            outcomes.append(floor.cast(seat, "b", round_id=round_id))

    threads = [threading.Thread(target=pour, args=(seats[start::3],)) for start in range(3)]
    for thread in threads:
        thread.start()
    gate.wait()
    floor.act(messages.CloseRound, round_id=round_id)
    for thread in threads:
        thread.join()

    acknowledged = sum(isinstance(outcome, Counted) for outcome in outcomes)
    refused = sum(isinstance(outcome, RoundClosed) for outcome in outcomes)
    assert acknowledged + refused == 60
    assert tally(floor)["b"] == acknowledged


def test_a_door_lets_people_in_only_while_it_is_open(floor):
    floor.act(messages.SetDoor, open=False)
    with pytest.raises(DoorClosed):
        floor.sit(None)

    with floor.town.database.transaction() as session, pytest.raises(NoSuchDoor):
        take_seat(session, code="ZZZZZZ", role=None, key="k", now=floor.now)


def test_a_role_is_one_of_ours_or_nothing(floor):
    with pytest.raises(UnknownRole):
        floor.sit("chief constable")
    assert [seat.role for seat in floor.sit(None, "", "carer")] == [None, None, "carer"]


def test_a_full_section_says_so(floor):
    with floor.town.database.transaction() as session:
        session.execute(text("UPDATE section SET size_cap = 2 WHERE id = :id"), {"id": floor.section_id})
    floor.sit(None, None)

    with pytest.raises(SectionFull):
        floor.sit(None)


def test_after_retention_nobody_can_be_tied_to_a_seat_and_the_count_stays(floor, database, config, clock):
    [red] = floor.sit("carer")
    floor.cast(red, "a")
    from datetime import timedelta

    with database.transaction() as session:
        assert erase_secrets(session, retention=timedelta(hours=24), now=clock()) == 0
        assert holder_of(session, secret=red.secret, key=config.secret_key).seat_id == red.id

    with database.transaction() as session:
        assert erase_secrets(session, retention=timedelta(hours=24), now=clock() + timedelta(days=3)) == 2
    with database.reading() as session:
        with pytest.raises(NotASeat):
            holder_of(session, secret=red.secret, key=config.secret_key)
        assert session.execute(text("SELECT count(*) FROM cast_key")).scalar() == 0
    assert tally(floor)["a"] == 1


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        # The channel says no more of a person than the rounds it may vote in: in the room, or alone online.
        ("seat", {"id", "section_id", "secret_hash", "role", "channel"}),
        ("ballot", {"round_id", "seat_id", "response", "rev"}),
        ("cast_key", {"seat_id", "key", "content_hash"}),
        ("verdict", {"intervention_id", "seat_id", "verdict"}),
        ("ticket", {"id", "section_id", "secret_hash", "used"}),
        ("join_minute", {"section_id", "minute", "joins"}),
        ("minute_call", {"id", "section_id", "key", "where_from", "called_at"}),
        ("feedback", {"id", "section_id", "heard", "safe", "words"}),
    ],
)
def test_the_anonymous_tables_have_exactly_these_columns(database, table, columns):
    from sqlalchemy import inspect

    assert {column["name"] for column in inspect(database.engine).get_columns(table)} == columns
