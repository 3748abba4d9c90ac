"""Stop!: a hand from any phone, kept in a fair order that is said; asked in, let go, taken back; and none is lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from live import messages
from live.cues import cue_of
from live.hearing import hear
from live.rules import KeyReused, NotAllowed
from live.talk.queries import desk_talk, talk_of_seat, waiting_in
from live.talk.rules import MOST_HANDS, Hand, fair_order
from live.voting import SeatHolder
from scenario_app.kernel import audit
from tests.makers import Floor, make_floor, make_town


@pytest.fixture
def floor(database, config, clock) -> Floor:
    """The first scene is played again with Stop!; beside it another room where hands are up and heard."""
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    for seat in noise.sit("carer", "police"):
        stop(noise, seat)
    noise.act(messages.PickStop, stop_id=waiting(noise)[0])
    floor = make_floor(town, now=clock())
    floor.start()
    floor.act(messages.ReplayFrom, scene="landing", stops=True)
    return floor


def say(floor: Floor, seat, message):
    with floor.town.database.transaction() as session:
        holder = SeatHolder(seat.id, seat.section_id, seat.code, seat.role)
        return hear(session, seat=holder, message=message, now=floor.now)


def stop(floor: Floor, seat, line: int | None = 1, *, key: str = "", scene: str = "landing"):
    key = key or f"stop-{seat.id}-{scene}-{line}"
    return say(floor, seat, messages.RaiseStop(scene=scene, line=line, key=key))


def waiting(floor: Floor) -> list[int]:
    with floor.town.database.reading() as session:
        return list(waiting_in(session, floor.section_id).stops)


def cue(floor: Floor):
    with floor.town.database.reading() as session:
        return cue_of(session, floor.section_id)


def talk(floor: Floor, seat):
    with floor.town.database.reading() as session:
        return talk_of_seat(session, seat_id=seat.id, section_id=floor.section_id)


def states(floor: Floor, seat) -> list[str]:
    return [each.state for each in talk(floor, seat).stops]


# --- raising --------------------------------------------------------------------------------------------


def test_a_hand_goes_up_at_a_line_and_the_phone_is_told_its_place(floor):
    red, green = floor.sit("carer", "police")

    first = stop(floor, red)
    second = stop(floor, green, None)

    assert (first["place"], second["place"]) == (1, 2)
    assert waiting(floor) == [first["stop"], second["stop"]]
    [mine] = talk(floor, red).stops
    assert (mine.scene, mine.line, mine.text) == ("landing", 1, "Two doors.")
    assert talk(floor, green).stops[0].text == ""


def test_the_same_tap_twice_and_the_same_line_twice_are_one_hand(floor):
    [red] = floor.sit("carer")

    first = stop(floor, red, key="tap-00000001")

    assert stop(floor, red, key="tap-00000001") == first
    assert stop(floor, red, key="tap-00000002") == first
    assert waiting(floor) == [first["stop"]]
    with pytest.raises(KeyReused):
        stop(floor, red, None, key="tap-00000001")


def test_one_phone_has_five_hands_at_most(floor):
    [red] = floor.sit(None)
    for line in (None, 1, 2):
        stop(floor, red, line)
    floor.open_round()
    floor.vote(a=5)
    floor.act(messages.TakeBranch, round_id=floor.round_id)
    stop(floor, red, 1, scene="hall")
    stop(floor, red, None, scene="hall")

    assert len(waiting(floor)) == MOST_HANDS
    floor.act(messages.GoOn)
    with pytest.raises(NotAllowed):
        stop(floor, red, 1, scene="garden")


@pytest.mark.parametrize(("scene", "line"), [("landing", 99), ("hall", 1), ("no-such-scene", None)])
def test_a_hand_is_refused_at_a_line_or_scene_that_was_not_played(floor, scene, line):
    [red] = floor.sit(None)

    with pytest.raises(NotAllowed):
        stop(floor, red, line, scene=scene)

    assert waiting(floor) == []


def test_hands_go_up_while_it_plays_and_while_a_result_is_talked_about_and_never_during_a_vote(floor):
    red, green, blue = floor.sit(None, None, None)
    round_id = floor.open_round()
    with pytest.raises(NotAllowed):
        stop(floor, red)
    floor.act(messages.CloseRound, round_id=round_id)
    stop(floor, red)
    floor.act(messages.Reveal, round_id=round_id)
    stop(floor, green)
    floor.act(messages.EndPerformance)

    with pytest.raises(NotAllowed):
        stop(floor, blue)
    assert waiting(floor) == []  # a play that is over keeps nobody waiting
    assert states(floor, red) == []
    floor.act(messages.ReplayFrom, scene="landing", stops=True)
    assert len(waiting(floor)) == 2


def test_a_hand_before_anything_has_begun_is_refused(database, config, clock):
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.act(messages.SetDoor, open=True)
    [red] = floor.sit(None)

    with pytest.raises(NotAllowed):
        stop(floor, red)


def test_somebody_without_a_phone_is_pinned_by_the_desk(floor):
    floor.act(messages.RaiseStopForSomebody, line=2, role="police")

    with floor.town.database.reading() as session:
        [hand] = desk_talk(session, floor.section_id).waiting
    assert (hand.line, hand.role, hand.who) == (2, "police", "Ann")


# --- asked in, let go, taken back -----------------------------------------------------------------------


def test_who_is_asked_in_is_shown_by_line_and_by_nothing_else(floor):
    [red] = floor.sit("carer")
    raised = stop(floor, red, 2)

    floor.act(messages.PickStop, stop_id=raised["stop"])

    assert cue(floor).stop.text == "Hello?"
    assert "carer" not in repr(cue(floor).stop)
    assert waiting(floor) == []
    assert states(floor, red) == ["in"]


def test_one_person_is_in_at_a_time_and_who_was_in_stays_to_be_written_down(floor):
    red, green = floor.sit("carer", "police")
    first, second = stop(floor, red), stop(floor, green)

    floor.act(messages.PickStop, stop_id=first["stop"])
    floor.act(messages.PickStop, stop_id=second["stop"])

    assert cue(floor).stop.id == second["stop"]
    with floor.town.database.reading() as session:
        desk = desk_talk(session, floor.section_id)
    assert desk.asked_in.id == second["stop"]
    assert [each.id for each in desk.unwritten] == [first["stop"]]
    with pytest.raises(NotAllowed):
        floor.act(messages.PickStop, stop_id=first["stop"])


def test_a_hand_that_is_let_go_is_told_so_and_can_go_up_again(floor):
    [red] = floor.sit(None)
    raised = stop(floor, red)

    floor.act(messages.PassStop, stop_id=raised["stop"])

    assert waiting(floor) == []
    assert states(floor, red) == ["passed"]
    again = stop(floor, red, key="another-tap")
    assert again["stop"] != raised["stop"]


def test_a_hand_is_taken_back_by_its_own_phone_and_no_other(floor):
    red, green = floor.sit(None, None)
    raised = stop(floor, red)
    take_back = messages.TakeBackStop(stop_id=raised["stop"], key="down-0001")

    with pytest.raises(NotAllowed):
        say(floor, green, take_back)
    assert waiting(floor) == [raised["stop"]]
    say(floor, red, take_back)
    say(floor, red, take_back)

    assert waiting(floor) == []
    assert states(floor, red) == []


def test_a_desk_cannot_pick_a_hand_of_another_room(floor, clock):
    noise = make_floor(floor.town, now=clock(), slug="a-third-evening")
    noise.start()
    [stranger] = noise.sit(None)
    theirs = stop(noise, stranger)

    for action in (messages.PickStop, messages.PassStop):
        with pytest.raises(NotAllowed):
            floor.act(action, stop_id=theirs["stop"])

    assert waiting(noise) == [theirs["stop"]]


def test_asking_in_stands_in_the_audit_chain_without_role_or_seat(floor):
    [red] = floor.sit("carer")
    raised = stop(floor, red)
    floor.act(messages.PickStop, stop_id=raised["stop"])

    with floor.town.database.reading() as session:
        found = session.scalars(
            select(audit.AuditEntry).where(audit.AuditEntry.chain == f"event:{floor.section.event_slug}")
        ).all()
    assert ("stop_picked", {"stop": raised["stop"]}) in [(row.action, row.details) for row in found]


# --- the order ------------------------------------------------------------------------------------------


def test_the_order_is_kept_within_a_section_whatever_another_room_has_heard(floor):
    seats = floor.sit("carer", "carer", "police", None)
    carer, second_carer, police, nobody = [stop(floor, seat)["stop"] for seat in seats]
    again = stop(floor, seats[0], 2)["stop"]

    # "carer" and "police" have been heard in the other room, not here
    assert waiting(floor) == [carer, police, nobody, second_carer, again]

    floor.act(messages.PickStop, stop_id=carer)
    assert waiting(floor) == [police, nobody, second_carer, again]


hands = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 5)), st.sampled_from([None, "carer", "police", "neighbour"])
    ),
    max_size=20,
).map(lambda found: [Hand(number, person, role) for number, (person, role) in enumerate(found, start=1)])


@given(
    hands, st.dictionaries(st.integers(1, 5), st.integers(0, 3)), st.sets(st.sampled_from([None, "carer"]))
)
def test_nobody_is_lost_and_no_second_hand_comes_before_a_first_one(waiting_hands, been_in, heard):
    order = fair_order(waiting_hands, been_in=been_in, heard=heard)

    assert sorted(order) == [hand.id for hand in waiting_hands]
    assert order == fair_order(reversed(waiting_hands), been_in=been_in, heard=heard)
    turns = dict(been_in)
    turn_of = {}
    for hand in waiting_hands:
        turn_of[hand.id] = 0 if hand.person is None else turns.get(hand.person, 0)
        turns[hand.person] = turn_of[hand.id] + 1
    assert [turn_of[each] for each in order] == sorted(turn_of.values())
    role_of = {hand.id: hand.role for hand in waiting_hands}
    known = set(heard)
    for place, hand in enumerate(order):
        others = [each for each in order[place:] if turn_of[each] == turn_of[hand]]
        new = [each for each in others if role_of[each] not in known]
        assert hand == min(new or others)
        known.add(role_of[hand])


@given(
    hands, st.dictionaries(st.integers(1, 5), st.integers(0, 3)), st.sets(st.sampled_from([None, "carer"]))
)
def test_the_order_that_was_said_is_the_order_in_which_they_are_asked_in(waiting_hands, been_in, heard):
    said = fair_order(waiting_hands, been_in=been_in, heard=heard)
    left, had, known, asked = list(waiting_hands), dict(been_in), set(heard), []

    while left:
        first = next(hand for hand in left if hand.id == fair_order(left, been_in=had, heard=known)[0])
        asked.append(first.id)
        left.remove(first)
        known.add(first.role)
        if first.person is not None:
            had[first.person] = had.get(first.person, 0) + 1

    assert asked == said


# --- many at once ---------------------------------------------------------------------------------------


def test_twenty_phones_with_two_tabs_each_raise_twenty_hands(floor):
    seats = floor.sit(*["carer", "police", None, "neighbour"] * 5)

    with ThreadPoolExecutor(8) as pool:
        tabs = [(seat, tab) for seat in seats for tab in ("left", "right")]
        answers = list(pool.map(lambda it: stop(floor, it[0], key=f"{it[1]}-{it[0].id:08}"), tabs))

    assert len({answer["stop"] for answer in answers}) == 20
    assert sorted(waiting(floor)) == sorted({answer["stop"] for answer in answers})
