"""What somebody might try at a phone or at a desk, through the pages that everybody has, and does not get."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from evidence.gathering import gather
from evidence.service import draft_pack
from live import messages
from live.closing import close_event
from live.cues import cue_of
from live.hearing import hear
from live.models import Event, Round, Seat
from live.preparing.appointing import appoint_facilitator
from live.queries import event_by_slug, hands_of
from live.record import closed_rounds
from live.rules import NotAllowed, Right, digest_of
from live.talk.models import FloorText
from live.undoing import NothingToUndo
from live.voting import SeatHolder
from scenario_app.accounts.queries import account_by_email
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import add_account
from tests.application import client_of, make_app
from tests.makers import SHORT_SCRIPT, make_floor, make_town

EVENT = "an-evening"
SECOND_SCRIPT = SHORT_SCRIPT.replace("title: Two doors", "title: Three doors")


@pytest.fixture
def floor(database, config, clock):
    """A play that has begun, and another evening beside it with a vote of its own."""
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    noise.open_round()
    noise.cast(noise.sit("police")[0], "b")
    return make_floor(town, now=clock())


@pytest.fixture
def app(floor, clock):
    app = make_app(floor.town.config, floor.town.database, clock)
    yield app
    app.extensions["live"].leave(0)


@pytest.fixture
def moment(monkeypatch):
    """No time goes by for what may be spent, however slow the machine is."""
    monkeypatch.setattr("scenario_app.kernel.budget.time", SimpleNamespace(monotonic=lambda: 1.0))


def phone(app, floor, role=""):
    found = client_of(app)
    assert found.post(f"/join/{floor.section.code}", data={"role": role}).status_code == 302
    return found


def vote(client, floor, response, round_id=None):
    fields = {"round": round_id or floor.round_id, "response": response, "rev": 1, "key": "a-key-of-mine"}
    assert client.post(f"/at/{floor.section.code}", data=fields).status_code in (200, 302)


def say(client, floor, what, **fields):
    return client.post(f"/at/{floor.section.code}/{what}", data=fields).status_code


def helper(app, floor, *rights):
    """A facilitator of this event with some of the rights."""
    name = "-".join(rights)
    with floor.town.database.transaction() as session:
        account = add_account(
            session,
            email=f"{name}@eastmere.example",
            name=name,
            duties=[Duty.FACILITATOR],
            now=floor.now,
        )
        fay = floor.town.account("fay").id
        appoint_facilitator(
            session,
            event_slug=EVENT,
            account_id=account.id,
            rights=rights,
            appointed_by=fay,
            now=floor.now,
        )
        return client_of(app, account_by_email(session, f"{name}@eastmere.example"))


def press(desk, floor, action, **fields):
    data = {"expects": floor.section.cue_seq, **fields}
    return desk.post(f"/desk/sections/{floor.section.code}/{action}", data=data).status_code


def result(floor):
    with floor.town.database.reading() as session:
        return cue_of(session, floor.section_id).result


def rounds(floor):
    with floor.town.database.reading() as session:
        return closed_rounds(session, floor.section.event_id)


def alone(app, floor, response, place=0):
    at = f"/events/{EVENT}/alone/{floor.section.performances[place].id}"
    return client_of(app).post(at, data={"path": "", "response": response})


@pytest.fixture
def online(floor):
    with floor.town.database.transaction() as session:
        session.execute(update(Event).where(Event.slug == EVENT).values(online=True))


# --- at the desk ----------------------------------------------------------------------------------------


def test_who_may_not_moderate_puts_no_declined_words_back_before_the_hall(floor, app, clock):
    floor.start()
    round_id = floor.open_round()
    phones = [phone(app, floor) for _ in range(6)]
    for each in phones:
        vote(each, floor, "a")
    say(phones[0], floor, "reason", round=round_id, text="Jane of 5 High Street", key="a-reason-1")
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.Reveal, round_id=round_id)
    with floor.town.database.reading() as session:
        words = session.scalars(select(FloorText).where(FloorText.section_id == floor.section_id)).one()
    moderator, runner = helper(app, floor, Right.MODERATE), helper(app, floor, Right.RUN)
    clock.moment = floor.now
    for verdict in ("approve", "decline"):
        fields = {"text_id": words.id, "digest": digest_of(words.text), "verdict": verdict}
        assert press(moderator, floor, "decide_text", **fields) == 302
    assert result(floor).reasons == []

    assert "Take back" not in runner.get(f"/desk/sections/{floor.section.code}").text
    assert press(runner, floor, "undo") == 403

    assert result(floor).reasons == []
    assert press(client_of(app, floor.town.account("fay")), floor, "undo") == 302
    assert len(result(floor).reasons) == 1


def test_who_may_not_count_takes_no_count_back(floor, app, clock):
    floor.start()
    round_id = floor.open_round()
    clock.moment = floor.now
    runner, counter = helper(app, floor, Right.RUN), helper(app, floor, Right.COUNT)
    assert press(counter, floor, "enter_hand_count", round=round_id, **{"votes-b": 5}) == 302

    assert press(runner, floor, "undo") == 403

    with floor.town.database.reading() as session:
        assert hands_of(session, round_id)["hands"]["b"] == 5


def test_hands_are_counted_only_while_the_room_looks_at_the_vote(floor):
    floor.start()
    round_id = floor.open_round()
    for seat in floor.sit(*[None] * 6):
        floor.cast(seat, "a")
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.TakeBranch, round_id=round_id)

    with pytest.raises(NotAllowed):
        floor.act(messages.EnterHandCount, round_id=round_id, votes={"b": 50}, means="hands")

    (told,) = rounds(floor)
    assert (told.winner, told.taken, told.overruled) == ("a", "a", False)


def test_a_desk_reads_no_role_beside_a_reason_and_only_moderators_read_what_waits(floor, app):
    floor.start()
    round_id = floor.open_round()
    phones = [phone(app, floor) for _ in range(6)] + [phone(app, floor, "police")]
    for number, each in enumerate(phones):
        vote(each, floor, "ab"[number % 2])
    say(phones[-1], floor, "reason", round=round_id, text="PLANTED-REASON", key="a-reason-1")
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.Reveal, round_id=round_id)
    at = f"/desk/sections/{floor.section.code}"

    page = helper(app, floor, Right.MODERATE).get(at).text
    panel = page[page.index("texts-h") : page.index("PLANTED-REASON")]

    assert "why, of" in panel
    assert "Police" not in panel
    assert "PLANTED-REASON" not in helper(app, floor, Right.COUNT).get(at).text


def test_what_the_room_has_judged_keeps_the_words_that_it_judged(floor):
    floor.start()
    floor.act(messages.ReplayFrom, scene="landing", stops=True)
    floor.act(messages.RecordIntervention, part="Ann", tried="asks for help")
    floor.act(messages.OpenWeighing, intervention_id=1)

    with pytest.raises(NotAllowed):
        floor.act(messages.RecordIntervention, intervention_id=1, tried="waves a wand")
    (seat,) = floor.sit(None)
    floor.now -= timedelta(minutes=1)  # within the minute in which it could be taken back
    said = messages.WeighIntervention(intervention_id=1, verdict="here", key="a-tap-00")
    with floor.town.database.transaction() as session:
        holder = SeatHolder(seat.id, seat.section_id, seat.code, seat.role)
        hear(session, seat=holder, message=said, now=floor.now)
    with pytest.raises(NothingToUndo):
        floor.act(messages.Undo)


def test_a_proposal_whose_vote_was_left_without_a_result_can_be_amended(floor):
    floor.start()
    floor.act(messages.MakeProposal, wording="A quiet room")
    floor.act(messages.OpenRound, about="proposal", proposal_id=1, passing_rule="majority")
    with pytest.raises(Exception, match="proposal_settled"):
        floor.act(messages.AmendProposal, proposal_id=1, wording="A warm room")
    floor.act(messages.CloseRound, round_id=floor.round_id)
    with pytest.raises(Exception, match="proposal_settled"):
        floor.act(messages.AmendProposal, proposal_id=1, wording="A warm room")
    floor.act(messages.LeaveQuestion)

    floor.act(messages.AmendProposal, proposal_id=1, wording="A warm room")


# --- at a phone -----------------------------------------------------------------------------------------


def test_a_role_is_what_it_was_once_the_event_is_closed(floor, app):
    floor.start()
    round_id = floor.open_round()
    phones = [phone(app, floor, role) for role in ["carer"] * 16 + ["police"] * 16]
    for number, each in enumerate(phones):
        vote(each, floor, "ab"[number % 2])
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.TakeBranch, round_id=round_id)
    floor.act(messages.EndPerformance)
    with floor.town.database.transaction() as session:
        close_event(session, event_slug=EVENT, account_id=floor.town.account("fay").id, now=floor.now)

    def by_role():
        with floor.town.database.reading() as session:
            told = gather(session, event_by_slug(session, EVENT), threshold=8)
            return [each.by_role.rows() for each in told.rounds]

    before = by_role()
    for each in phones[:10:2]:
        assert each.post(f"/join/{floor.section.code}", data={"role": "police"}).status_code == 302

    assert by_role() == before
    assert before[0], "a breakdown that is empty would pass"


def test_a_phone_cannot_change_its_role_without_end(floor, app, moment):
    floor.start()
    mine = phone(app, floor, "carer")

    said = [mine.post(f"/join/{floor.section.code}", data={"role": "police"}).status_code for _ in range(12)]

    assert said == [302] * 10 + [429] * 2


def test_a_number_that_is_none_is_no_error_of_ours(floor, app):
    floor.start()
    round_id = floor.open_round()
    mine = phone(app, floor)
    vote(mine, floor, "a", round_id)
    digits = "9" * 5000

    said = {
        "reason": say(mine, floor, "reason", round=digits, text="x"),
        "words": say(mine, floor, "words", proposal=digits, kind="amendment", text="x"),
        "leaving": say(mine, floor, "leaving", words="a\0b"),
        "heard": say(mine, floor, "leaving", heard=digits),
    }

    assert {name: status for name, status in said.items() if status >= 500} == {}


def test_other_words_under_a_key_that_was_used_are_given_back(floor, app):
    floor.start()
    round_id = floor.open_round()
    mine = phone(app, floor)
    vote(mine, floor, "a")
    say(mine, floor, "reason", round=round_id, text="The first", key="the-same-key")
    again = say(mine, floor, "reason", round=round_id, text="The first", key="the-same-key")
    mine.get(f"/at/{floor.section.code}")

    say(mine, floor, "suggestion", decision="d1", text="Knock at both", key="the-same-key")

    page = mine.get(f"/at/{floor.section.code}").text
    assert again == 302
    assert "could not be taken" in page
    assert "Knock at both" in page
    with floor.town.database.reading() as session:
        kept = session.scalars(select(FloorText.text).where(FloorText.section_id == floor.section_id)).all()
    assert kept == ["The first"]


def test_words_reach_the_hall_without_signs_that_turn_or_bury_them(floor, app):
    floor.start()
    round_id = floor.open_round()
    mine = phone(app, floor)
    vote(mine, floor, "a")

    say(
        mine,
        floor,
        "reason",
        round=round_id,
        text="\u202e\u2066Ya\u0308\x07 \x1b[31me" + "\u0301" * 200,
        key="a-reason-1",
    )

    with floor.town.database.reading() as session:
        kept = session.scalars(select(FloorText.text).where(FloorText.section_id == floor.section_id)).one()
    assert kept == "Y\u00e4 [31m\u00e9\u0301\u0301\u0301"


# --- alone, online --------------------------------------------------------------------------------------


def test_what_was_voted_alone_is_in_no_pack_while_the_room_votes(floor, app, online):
    for _ in range(6):
        assert alone(app, floor, "b").status_code == 302

    def told():
        with floor.town.database.reading() as session:
            tables = draft_pack(session, event_slug=EVENT, threshold=8).tables
        return {row["channel"] for row in tables["results"]}

    floor.start()
    round_id = floor.open_round()
    for seat in floor.sit(*[None] * 6):
        floor.cast(seat, "a")
    before = told()
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.Reveal, round_id=round_id)

    assert before == set()
    assert told() == {"room", "online_before"}


def test_nobody_fills_a_play_with_votes_cast_alone(floor, app, online, monkeypatch):
    monkeypatch.setattr("live.alone.MOST_ALONE", 3)
    answers = [alone(app, floor, "b") for _ in range(5)]
    for _ in range(60):
        alone(app, floor, "a")
    floor.start()
    door = client_of(app).post(f"/join/{floor.section.code}", data={"role": ""})

    assert {answer.status_code for answer in answers} == {302}
    with floor.town.database.reading() as session:
        seats = session.scalars(select(Seat.channel).where(Seat.section_id == floor.section_id)).all()
    assert seats.count("online_before") == 3
    assert door.status_code == 302  # the door has a budget of its own


def test_of_votes_alone_on_one_play_twenty_are_counted_in_one_moment(floor, app, online, moment):
    for _ in range(25):
        alone(app, floor, "a")

    with floor.town.database.reading() as session:
        seats = session.scalars(select(Seat.id).where(Seat.section_id == floor.section_id)).all()
    assert len(seats) == 20


def test_who_voted_alone_on_another_play_is_no_voter_of_this_one(database, config, clock):
    town = make_town(database, config, now=clock(), texts=(SHORT_SCRIPT, SECOND_SCRIPT))
    floor = make_floor(town, now=clock())
    with database.transaction() as session:
        session.execute(update(Event).values(online=True))
    app = make_app(config, database, clock)
    both = client_of(app)
    for performance in floor.section.performances:
        at = f"/events/{EVENT}/alone/{performance.id}"
        assert both.post(at, data={"path": "", "response": "a"}).status_code == 302
    floor.start()
    app.extensions["live"].leave(0)

    assert [(each.ballots, each.seats) for each in rounds(floor)] == [(1, 1)]


# --- small numbers --------------------------------------------------------------------------------------


def test_what_was_shown_by_role_holds_also_after_a_round_of_which_nothing_was_shown(floor):
    floor.start()
    groups = {role: floor.sit(*[role] * people) for role, people in _PEOPLE.items()}

    def hold(votes):
        round_id = floor.open_round()
        for role, said in votes.items():
            for seat, response in zip(groups[role], said, strict=False):
                floor.cast(seat, response, round_id=round_id)
        floor.act(messages.CloseRound, round_id=round_id)
        floor.act(messages.Reveal, round_id=round_id)
        with floor.town.database.reading() as session:
            return {row["group"] for row in session.get_one(Round, round_id).by_role_shown or []}

    large = {"carer": "a" * 10 + "b" * 10, "neighbour": "a" * 10 + "b" * 10}
    first = hold({**large, "police": "aaaa", "commissioner": "aaaabbbb"})
    nothing = hold({"carer": "aaa"})
    last = hold({**large, "police": "aaaaabbbbb", "commissioner": "aaaaabbbbb"})

    assert first
    assert nothing == set()
    assert last <= first


_PEOPLE = {"carer": 20, "neighbour": 20, "police": 10, "commissioner": 10}
