"""After the play: proposals answered and amended in the open, promises that somebody can be held to, leaving well."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from live import messages
from live.assembly.committing import leave_well
from live.assembly.models import Commitment
from live.assembly.proposing import MOST_OFFERED
from live.assembly.queries import commitments_of, feedback_of, offered_in, proposals_of
from live.assembly.rules import ProposalSettled, UnknownProposal
from live.cues import cue_of
from live.hearing import hear
from live.rules import NotAllowed, digest_of
from live.voting import SeatHolder
from scenario_app.kernel.errors import Invalid
from tests.makers import make_floor, make_town


@pytest.fixture
def floor(database, config, clock):
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    noise.act(messages.MakeProposal, wording="Something that another room wants")
    noise.act(messages.RecordCommitment, promised=False, what="Their wish", why="No money this year")
    floor = make_floor(town, now=clock())
    floor.start()
    return floor


def cue(floor):
    with floor.town.database.reading() as session:
        return cue_of(session, floor.section_id)


def proposals(floor):
    with floor.town.database.reading() as session:
        return proposals_of(session, floor.section_id)


def commitments(floor):
    with floor.town.database.reading() as session:
        return commitments_of(session, floor.section_id)


def say(floor, seat, **fields):
    message = messages.OfferWords(**fields)
    with floor.town.database.transaction() as session:
        holder = SeatHolder(seat.id, seat.section_id, seat.code, seat.role)
        return hear(session, seat=holder, message=message, now=floor.now)


def offered(floor):
    with floor.town.database.reading() as session:
        return offered_in(session, floor.section_id)


def test_a_proposal_is_numbered_in_its_section_and_keeps_each_wording_it_had(floor):
    floor.act(messages.MakeProposal, wording="A quiet room at the station")
    floor.act(messages.MakeProposal, wording="One number for families")
    first, _second = proposals(floor)

    floor.act(messages.AmendProposal, proposal_id=first.id, wording="A quiet room at every station")
    floor.act(messages.AmendProposal, proposal_id=first.id, wording="A quiet room at every station by night")

    first, second = proposals(floor)
    assert (first.number, second.number) == (1, 2)
    assert first.wording == "A quiet room at every station by night"
    assert [(change.before, change.after) for change in first.amendments] == [
        ("A quiet room at the station", "A quiet room at every station"),
        ("A quiet room at every station", "A quiet room at every station by night"),
    ]
    assert cue(floor).proposals[0].before == "A quiet room at every station"


def test_the_four_questions_are_answered_in_public_and_stand_beside_the_proposal(floor):
    floor.act(messages.MakeProposal, wording="A quiet room")
    (proposal,) = proposals(floor)

    floor.act(messages.NoteAnswer, proposal_id=proposal.id, question="worries", text="Who pays for it?")
    floor.act(messages.NoteAnswer, proposal_id=proposal.id, question="worries", text="Who is in it at night?")
    floor.act(messages.NoteAnswer, proposal_id=proposal.id, question="steps", text="Ask the estates team")

    assert cue(floor).proposals[0].answers == {
        "worries": ["Who pays for it?", "Who is in it at night?"],
        "steps": ["Ask the estates team"],
    }


def test_words_that_a_phone_offers_wait_at_the_desk_and_are_in_no_cue_before_they_are_used(floor):
    (seat,) = floor.sit("carer")

    say(floor, seat, kind="proposal", text="  A room  with a door ", key="tap-00000001")
    say(floor, seat, kind="proposal", text="A room with a door", key="tap-00000001")

    (words,) = offered(floor)
    assert (words.text, words.role) == ("A room with a door", "carer")
    assert "door" not in str(cue(floor).proposals)

    floor.act(messages.MakeProposal, text_id=words.id, digest=words.digest)

    assert [proposal.wording for proposal in proposals(floor)] == ["A room with a door"]
    assert offered(floor) == []


def test_an_amendment_and_an_answer_from_phones_are_taken_over_by_the_desk(floor):
    floor.act(messages.MakeProposal, wording="A quiet room")
    (proposal,) = proposals(floor)
    ada, bo = floor.sit(None, "police")
    say(floor, ada, kind="amendment", proposal_id=proposal.id, text="A quiet, warm room", key="tap-00000001")
    say(floor, bo, kind="excites", proposal_id=proposal.id, text="No more corridors", key="tap-00000002")
    amendment, answer = offered(floor)

    floor.act(
        messages.AmendProposal,
        proposal_id=proposal.id,
        wording=amendment.text,
        text_id=amendment.id,
        digest=amendment.digest,
    )
    floor.act(
        messages.NoteAnswer,
        proposal_id=proposal.id,
        question="excites",
        text=answer.text,
        text_id=answer.id,
        digest=answer.digest,
    )

    (proposal,) = proposals(floor)
    assert (proposal.wording, proposal.answers) == ("A quiet, warm room", {"excites": ["No more corridors"]})
    assert offered(floor) == []


def test_offered_words_are_used_only_as_they_were_read_and_never_once_they_were_left_out(floor):
    (seat,) = floor.sit(None)
    say(floor, seat, kind="proposal", text="A room with a door", key="tap-00000001")
    (words,) = offered(floor)

    with pytest.raises(NotAllowed):
        floor.act(messages.MakeProposal, text_id=words.id)
    with pytest.raises(NotAllowed):
        floor.act(messages.MakeProposal, text_id=words.id, digest=digest_of("Other words"))
    assert [it.text for it in offered(floor)] == ["A room with a door"]
    floor.act(messages.DecideText, text_id=words.id, digest=words.digest, verdict="decline")
    with pytest.raises(NotAllowed):
        floor.act(messages.MakeProposal, text_id=words.id, digest=words.digest)

    assert proposals(floor) == []


def test_nobody_fills_the_desk_alone_with_what_they_offer(floor):
    red, green = floor.sit(None, None)
    for number in range(MOST_OFFERED):
        say(
            floor, red, kind="proposal", text=f"A lift to the ward, number {number}", key=f"offer-{number:04}"
        )

    with pytest.raises(NotAllowed):
        say(floor, red, kind="proposal", text="One more lift to the ward", key="offer-0099")
    say(floor, red, kind="proposal", text="A lift to the ward, number 0", key="offer-0000")
    say(floor, green, kind="proposal", text="A bench by the door", key="offer-0000")

    with floor.town.database.reading() as session:
        assert len(offered_in(session, floor.section_id)) == MOST_OFFERED + 1


def test_words_about_a_proposal_of_another_section_are_refused(floor):
    (seat,) = floor.sit(None)

    with pytest.raises(UnknownProposal):
        say(floor, seat, kind="amendment", proposal_id=1, text="Other words", key="tap-00000001")
    with pytest.raises(UnknownProposal):
        floor.act(messages.AmendProposal, proposal_id=1, wording="Other words")

    assert offered(floor) == []


def test_a_withdrawn_proposal_stays_in_the_record_and_changes_no_more(floor):
    floor.act(messages.MakeProposal, wording="A quiet room")
    (proposal,) = proposals(floor)

    floor.act(messages.WithdrawProposal, proposal_id=proposal.id)

    with pytest.raises(ProposalSettled):
        floor.act(messages.AmendProposal, proposal_id=proposal.id, wording="Other words")
    assert [(found.wording, found.state) for found in proposals(floor)] == [("A quiet room", "withdrawn")]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"promised": True, "what": "A room", "owner": "Cleo"}, "due"),
        ({"promised": True, "what": "A room", "owner": "  "}, "owner"),
        ({"promised": False, "what": "A room"}, "why"),
    ],
)
def test_no_promise_without_owner_and_day_and_no_refusal_without_a_reason(floor, fields, wrong):
    with pytest.raises(Invalid) as refusal:
        floor.act(messages.RecordCommitment, **fields)

    assert refusal.value.details["field"] == wrong
    assert commitments(floor) == []


@pytest.mark.parametrize("days", [-1, 51 * 366], ids=["gone by", "in 51 years"])
def test_a_promise_is_for_a_day_that_somebody_can_wait_for(floor, days):
    due = (floor.now + timedelta(days=days)).date()

    with pytest.raises(Invalid):
        floor.act(messages.RecordCommitment, promised=True, what="A room", owner="Cleo", due=due)


def test_the_schema_itself_takes_no_promise_without_owner_and_day(floor):
    with pytest.raises(IntegrityError), floor.town.database.transaction() as session:
        session.add(Commitment(section_id=floor.section_id, promised=True, what="A room", made_at=floor.now))


def test_promises_are_read_back_from_the_screen_and_again_after_they_were_put_right(floor):
    due = (floor.now + timedelta(days=90)).date()
    floor.act(messages.RecordCommitment, promised=True, what="A quiet room", owner="Cleo", due=due)
    floor.act(messages.ShowOnScreen, what="commitments")
    (promise,) = commitments(floor)
    assert promise.read_back_at is not None
    assert cue(floor).screen == "commitments"

    floor.act(
        messages.RecordCommitment,
        commitment_id=promise.id,
        promised=True,
        what="A quiet room",
        owner="Cleo Okafor",
        due=due,
    )

    (promise,) = commitments(floor)
    assert (promise.owner, promise.read_back_at) == ("Cleo Okafor", None)
    assert [said.owner for said in cue(floor).commitments] == ["Cleo Okafor"]


def test_a_promise_of_another_section_cannot_be_put_right_from_here(floor):
    with pytest.raises(NotAllowed):
        floor.act(
            messages.RecordCommitment, commitment_id=1, promised=False, what="Other", why="Because it is so"
        )


def test_what_people_say_on_leaving_hangs_on_the_section_alone_and_is_read_question_by_question(floor):
    with floor.town.database.transaction() as session:
        leave_well(session, section_id=1, heard=1, safe=1, words="Of another room")
        leave_well(session, section_id=floor.section_id, heard=5, safe=None, words=" We were heard. ")
        leave_well(session, section_id=floor.section_id, heard=None, safe=2, words="")
        for _person in range(4):
            leave_well(session, section_id=floor.section_id, heard=4, safe=None, words="A good evening")

    with floor.town.database.reading() as session:
        (said,) = feedback_of(session, floor.section.event_id)
    assert (said.answers, said.heard, said.safe) == (6, {1: 0, 2: 0, 3: 0, 4: 4, 5: 1}, None)
    assert said.words == ["A good evening"] * 4 + ["We were heard."]


@pytest.mark.parametrize("fields", [{"heard": 6}, {"safe": 0}, {"words": "x" * 1001}, {}])
def test_leaving_words_that_cannot_be_kept_are_refused(floor, fields):
    given = {"heard": None, "safe": None, "words": "", **fields}

    with pytest.raises(Invalid), floor.town.database.transaction() as session:
        leave_well(session, section_id=floor.section_id, **given)
