"""Every kind of vote by plain forms, on a phone and at a desk: nothing here needs a script."""

import re

import pytest

from live import messages
from live.choices import Choice
from live.cues import cue_of
from live.queries import ballots_of
from live.rules import digest_of
from live.talk.said import waiting_words
from tests.application import client_of, make_app
from tests.makers import make_floor, make_town

# Pages do not know which database they stand on.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def floor(database, config, clock):
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.start()
    return floor


@pytest.fixture
def app(floor, config, clock):
    return make_app(config, floor.town.database, clock)


@pytest.fixture
def phone(app, floor):
    (seat,) = floor.sit("carer")
    client = client_of(app)
    client.set_cookie(f"seat-{floor.section.code}", seat.secret)
    client.seat = seat
    return client


@pytest.fixture
def desk(app, floor):
    return client_of(app, floor.town.account("fay"))


def cue(floor):
    with floor.town.database.reading() as session:
        return cue_of(session, floor.section_id)


def page_of(phone, floor):
    answer = phone.get(f"/at/{floor.section.code}")
    assert answer.status_code == 200, answer.text
    return answer.text


def send(phone, floor, **fields):
    return phone.post(
        f"/at/{floor.section.code}",
        data={"round": floor.round_id, "key": "tap-00001", "rev": 1, **fields},
        follow_redirects=True,
    )


def press(desk, floor, action, **fields):
    return desk.post(
        f"/desk/sections/{floor.section.code}/{action}",
        data={"expects": floor.section.cue_seq, **fields},
        follow_redirects=True,
    )


def ballot(phone, floor):
    with floor.town.database.reading() as session:
        return ballots_of(session, phone.seat.id).get(floor.round_id)


@pytest.mark.parametrize(
    ("kind", "sent", "kept", "told"),
    [
        ("approve", {"responses": ["a", "c"]}, {"responses": ["a", "c"]}, "The left one; Neither"),
        ("approve", {}, {"responses": []}, "None of them"),
        ("rank", {"rank-c": "1", "rank-a": "2", "rank-b": ""}, {"ranking": ["c", "a"]}, "1. Neither"),
        ("choose_one", {"response": "b"}, {"response": "b"}, "The right one"),
    ],
)
def test_a_phone_answers_each_kind_and_is_told_what_is_counted(phone, floor, kind, sent, kept, told):
    floor.open_round(kind=kind)

    answer = send(phone, floor, kind=kind, **sent)

    assert ballot(phone, floor) == {**kept, "rev": 1}
    assert "Your vote is counted" in answer.text
    assert told in answer.text


def test_a_phone_answers_on_a_scale_and_sees_the_middle(phone, floor):
    floor.open_round(about="scale")
    send(phone, floor, kind="scale", scale="4")
    for seat in floor.sit(*["police"] * 5):
        floor.cast(seat, Choice.scale(4).kept)
    floor.vote()

    shown = page_of(phone, floor)

    assert ballot(phone, floor) == {"scale": 4, "rev": 1}
    assert "In the middle: Quite" in shown


def test_two_responses_in_one_place_are_told_of_and_not_counted(phone, floor):
    floor.open_round(kind="rank")

    answer = send(phone, floor, kind="rank", **{"rank-a": "1", "rank-b": "1"})

    assert ballot(phone, floor) is None
    assert "give each place to one response only" in answer.text


def test_an_order_that_says_nothing_is_not_sent(phone, floor):
    floor.open_round(kind="rank")

    send(phone, floor, kind="rank", **{"rank-a": "", "rank-b": ""})

    assert ballot(phone, floor) is None


def test_what_was_chosen_stands_in_the_form_again_when_it_is_changed(phone, floor):
    floor.open_round(kind="approve")
    send(phone, floor, kind="approve", responses=["b"])

    changing = phone.get(f"/at/{floor.section.code}?change=1").text

    assert re.search(r'type="checkbox" name="responses" value="b" checked', changing)
    assert not re.search(r'type="checkbox" name="responses" value="a" checked', changing)


def test_a_desk_asks_in_every_way_and_goes_back_to_the_play(desk, floor):
    for fields in (
        {"kind": "approve"},
        {"kind": "rank"},
        {"practice": "true"},
        {"about": "believable"},
        {"about": "scale", "question": "How safe would you feel at home?"},
    ):
        asked = press(desk, floor, "open_round", **fields)
        closed = press(desk, floor, "close_round", round=floor.round_id)
        shown = press(desk, floor, "reveal", round=floor.round_id)

        assert [asked.status_code, closed.status_code, shown.status_code] == [200, 200, 200]
        assert cue(floor).performance.state == "revealed"

    press(desk, floor, "leave_question")
    assert cue(floor).performance.state == "revealed", "back at the order that was shown before"
    assert cue(floor).round.kind == "rank"


def test_a_desk_types_in_hands_and_paper_and_everybody_sees_them_apart(desk, phone, floor):
    floor.open_round()
    press(
        desk,
        floor,
        "enter_hand_count",
        round=floor.round_id,
        means="hands",
        **{"votes-a": "1", "votes-b": "6"},
    )
    press(
        desk,
        floor,
        "enter_hand_count",
        round=floor.round_id,
        means="paper",
        **{"votes-c": "5", "votes-a": ""},
    )
    press(desk, floor, "close_round", round=floor.round_id)

    shown = press(desk, floor, "reveal", round=floor.round_id)
    told = page_of(phone, floor)

    assert cue(floor).result.winner == "b"
    for page in (shown.text, told):
        cells = re.sub(r"\s+", " ", page)
        assert re.search(r"The right one</bdi></th><td>6</td><td>0</td>", cells)
        assert re.search(r"Neither</bdi></th><td>0</td><td>5</td>", cells)


def test_a_reason_and_a_suggestion_go_by_form_from_phone_to_desk_to_room(desk, phone, floor):
    code = floor.section.code
    first = floor.open_round()
    send(phone, floor, kind="choose_one", response="a")
    for seat in floor.sit(*[None] * 5):
        floor.cast(seat, "a")
    phone.post(f"/at/{code}/reason", data={"round": first, "text": "It is <near>", "key": "tap-reason-1"})
    phone.post(f"/at/{code}/suggestion", data={"decision": "d1", "text": "Knock", "key": "tap-suggest-1"})
    with floor.town.database.reading() as session:
        waiting = waiting_words(session, floor.section_id)
    seen_at_desk = desk.get(f"/desk/sections/{code}").text
    for said in waiting:
        press(desk, floor, "decide_text", text_id=said.id, digest=digest_of(said.text), verdict="approve")
    press(desk, floor, "close_round", round=first)
    press(desk, floor, "reveal", round=first)
    shown = page_of(phone, floor)
    suggestion = waiting[1].id
    press(desk, floor, "add_floor_response", text_id=suggestion, decision="d1", label="Knock at both")
    press(desk, floor, "open_round")
    offered = page_of(phone, floor)

    assert "It is &lt;near&gt;" in seen_at_desk
    assert "It is &lt;near&gt;" in shown
    assert "Why people chose as they did" in shown
    assert "Knock at both" in offered
    assert "From the room: Carers, family, friends" in offered


def test_what_is_made_up_is_noted_and_led_on_by_form(desk, phone, floor):
    floor.act(messages.AddFloorResponse, label="Knock at both")
    floor.open_round()
    floor.vote(f1=6)

    made_up = press(desk, floor, "take_branch", round=floor.round_id)
    watched = page_of(phone, floor)
    noted = press(desk, floor, "note_improvised", text="Both doors opened.")
    press(desk, floor, "go_on", to="garden")

    assert "Made up on the spot" in made_up.text
    assert "Knock at both" in watched
    assert noted.status_code == 200
    assert cue(floor).scene.key == "garden"
