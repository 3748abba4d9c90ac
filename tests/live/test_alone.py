"""The same decisions voted on alone, online, before the play and after it: three counts that are never added up."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from live import messages
from live.ballot_box import write_ballots
from live.closing import close_event
from live.models import Event
from live.queries import ballots_in, seats_in
from live.record import closed_rounds
from live.rules import Cast, NotAMember
from live.undoing import NothingToUndo
from live.voting import NotASeat, holder_of
from tests.application import client_of, make_app
from tests.makers import make_floor, make_town

EVENT = "an-evening"


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def floor(town, clock):
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    noise.open_round()
    noise.vote(c=9)
    floor = make_floor(town, now=clock())
    with town.database.transaction() as session:
        session.execute(update(Event).where(Event.slug == EVENT).values(online=True))
    return floor


@pytest.fixture
def app(floor, clock):
    app = make_app(floor.town.config, floor.town.database, clock)
    yield app
    app.extensions["live"].leave(0)


def address(floor):
    return f"/events/{EVENT}/alone/{floor.section.performances[0].id}"


def path_to_the_decision(floor, client):
    """Walk until the page asks for a vote."""
    path = ""
    while True:
        page = client.get(f"{address(floor)}?path={path}").get_data(as_text=True)
        if 'name="response"' in page:
            return path
        path = f"{path}.-".strip(".")


def vote(floor, client, response, path=None):
    at = path_to_the_decision(floor, client) if path is None else path
    return client.post(address(floor), data={"path": at, "response": response})


def rounds(floor):
    with floor.town.database.reading() as session:
        return {
            (found.decision, found.channel): dict(found.votes)
            for found in closed_rounds(session, floor.section.event_id)
        }


def play_to_the_end(floor, **votes):
    floor.start()
    floor.open_round()
    floor.vote(**votes)
    floor.act(messages.EndPerformance)


def close(floor):
    with floor.town.database.transaction() as session:
        close_event(session, event_slug=EVENT, account_id=floor.town.account("fay").id, now=floor.now)


def test_before_in_the_room_and_after_are_three_counts(floor, app):
    ada, bo, cy = (client_of(app) for _person in range(3))
    assert vote(floor, ada, "a").status_code == 302
    vote(floor, bo, "b")
    floor.act(messages.SetDoor, open=True)
    floor.act(messages.StartPerformance, performance_id=floor.section.performances[0].id)
    floor.open_round()
    floor.vote(b=6)
    floor.act(messages.EndPerformance)
    vote(floor, cy, "c")
    vote(floor, ada, "c")
    close(floor)

    counted = {channel: votes for (decision, channel), votes in rounds(floor).items() if decision == "d1"}

    assert counted == {
        "online_before": {"a": 1, "b": 1, "c": 0},
        "room": {"a": 0, "b": 6, "c": 0},
        "online_after": {"a": 0, "b": 0, "c": 2},
    }


def test_who_votes_alone_takes_no_seat_in_the_room(floor, app):
    vote(floor, client_of(app), "a")
    floor.start()
    floor.sit(None, None)

    with floor.town.database.reading() as session:
        assert seats_in(session, floor.section_id) == 2


def test_a_changed_mind_replaces_the_vote(floor, app):
    ada = client_of(app)
    vote(floor, ada, "a")
    vote(floor, ada, "b")
    floor.start()

    assert rounds(floor)["d1", "online_before"] == {"a": 0, "b": 1, "c": 0}


def test_while_it_is_played_nobody_votes_alone_and_is_told_so(floor, app):
    ada = client_of(app)
    path = path_to_the_decision(floor, ada)
    floor.start()

    answer = vote(floor, ada, "a", path)
    page = ada.get(answer.headers["Location"]).get_data(as_text=True)

    assert "Not counted" in page
    assert rounds(floor) == {}
    assert ada.get(address(floor)).status_code == 302


def test_an_event_that_is_not_online_has_no_such_page(floor, app):
    client = client_of(app)

    assert client.get("/events/another-evening/alone").status_code == 404
    assert client.post(f"/events/another-evening/alone/{floor.section.performances[0].id}").status_code == 404


def test_a_seat_of_one_channel_votes_in_no_other(floor, app):
    ada = client_of(app)
    vote(floor, ada, "a")
    secret = next(cookie.value for cookie in ada._cookies.values() if cookie.key.startswith("alone-"))
    floor.start()
    floor.open_round()
    (seat,) = floor.sit(None)
    with floor.town.database.reading() as session:
        holder = holder_of(session, secret=secret, key=floor.town.config.secret_key)
    room_round = floor.round_id

    cast = Cast(holder.seat_id, holder.section_id, room_round, "a", "key-of-ada-1", 9, holder.channel)
    as_if = Cast(seat.id, seat.section_id, room_round, "a", "key-of-seat-1", 1, "online_before")
    with floor.town.database.transaction() as session:
        outcomes = write_ballots(session, [cast, as_if], key=floor.town.config.secret_key)

    assert [type(outcome) for outcome in outcomes] == [NotAMember, NotAMember]


def test_the_pages_say_where_a_vote_counts_and_need_no_script(floor, app):
    client = client_of(app)

    listed = client.get(f"/events/{EVENT}/alone").get_data(as_text=True)
    first = client.get(address(floor)).get_data(as_text=True)

    assert "online before the play" in listed
    assert "online before the play" in first
    assert "<script" not in first.split("<main")[1].split("</main")[0]


def test_what_is_no_response_of_the_place_is_not_counted(floor, app):
    ada = client_of(app)

    answer = vote(floor, ada, "z")

    assert answer.status_code == 302
    floor.start()
    assert rounds(floor) == {}


def test_whose_seat_it_was_is_forgotten_when_the_event_is_closed(floor, app):
    ada = client_of(app)
    vote(floor, ada, "a")
    secret = next(cookie.value for cookie in ada._cookies.values() if cookie.key.startswith("alone-"))
    close(floor)

    with pytest.raises(NotASeat), floor.town.database.reading() as session:
        holder_of(session, secret=secret, key=floor.town.config.secret_key)


def test_a_seat_that_votes_alone_is_no_seat_in_the_room_whatever_its_cookie_is_called(floor, app):
    ada = client_of(app)
    vote(floor, ada, "a")
    secret = next(cookie.value for cookie in ada._cookies.values() if cookie.key.startswith("alone-"))
    floor.start()
    floor.open_round()
    code = floor.section.code
    ada.set_cookie(f"seat-{code}", secret)

    page = ada.get(f"/at/{code}")
    cast = ada.post(
        f"/at/{code}", data={"round": floor.round_id, "response": "a", "key": "key-of-ada-1", "rev": 1}
    )
    said = ada.post(f"/at/{code}/minute", data={"key": "key-of-ada-2"})
    counted = ada.post(
        f"/api/v1/rounds/{floor.round_id}/ballots",
        json={"response": "a", "key": "key-of-ada-3", "rev": 1},
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert page.status_code == 302
    assert [answer.status_code for answer in (cast, said, counted)] == [403, 403, 403]
    with floor.town.database.reading() as session:
        assert ballots_in(session, floor.round_id) == 0


def test_beginning_a_play_that_was_voted_on_alone_cannot_be_taken_back(floor, app):
    vote(floor, client_of(app), "a")
    floor.act(messages.SetDoor, open=True)
    floor.act(messages.StartPerformance, performance_id=floor.section.performances[0].id)
    floor.now -= timedelta(minutes=1)

    with pytest.raises(NothingToUndo):
        floor.act(messages.Undo)

    assert rounds(floor)["d1", "online_before"] == {"a": 1, "b": 0, "c": 0}


def test_after_a_replay_what_is_voted_alone_is_another_round(floor, app):
    play_to_the_end(floor, b=6)
    vote(floor, client_of(app), "a")
    floor.act(messages.ReplayFrom, scene=floor.section.current.scene)
    floor.act(messages.EndPerformance)
    vote(floor, client_of(app), "c")
    close(floor)

    with floor.town.database.reading() as session:
        found = [
            (it.number, dict(it.votes))
            for it in closed_rounds(session, floor.section.event_id)
            if it.channel == "online_after"
        ]
    assert found == [(1, {"a": 1, "b": 0, "c": 0}), (2, {"a": 0, "b": 0, "c": 1})]
