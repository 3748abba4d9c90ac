"""What came of the demo town's past event: something tried, proposals, promises, and what was said of them since."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from evidence.loop.answering import answer_proposal, update_promise
from evidence.loop.checking import check_claim, waiting_claims
from live import messages
from live.assembly.queries import proposals_of
from live.assembly.record import commitments_kept, proposals_kept
from live.talk.record import interventions_kept, stops_kept

Act = Callable[..., Any]
BOTH_RING = "Both supervisors ring the caller together before a stand-off passes ten minutes"
CARD = "A line for what the caller needs, on the 999 mental health card"
BEDS = "Crisis house beds without a referral form"
CLEO, PAUL = "Cleo Marsh, commissioner", "Supt Paul Garrity, police"


def try_it(act: Act, session: Session, event_id: int) -> None:
    """Let somebody from the room stop the play and try it another way."""
    act(messages.RaiseStopForSomebody, line=1, role="emergency_calls")
    act(messages.PickStop, stop_id=stops_kept(session, event_id)[-1].id)
    act(
        messages.RecordIntervention,
        stop_id=stops_kept(session, event_id)[-1].id,
        part="The call handler",
        tried="She asked what the caller needs right now, and wrote it down word for word.",
        happened="The officer read it out at the door, and the door opened.",
        possible_here="yes",
        would_have_to_change="The card has no line for it.",
    )


def propose_and_promise(act: Act, session: Session, section_id: int, event_id: int, day: datetime) -> int:
    """Make three proposals, one of them amended, and four promises: one of them is not promised.

    Return the number of the amended one.
    """
    [tried] = interventions_kept(session, event_id)
    act(messages.MakeProposal, wording="A line on the 999 card", intervention_id=tried.id)
    act(messages.MakeProposal, wording=BOTH_RING)
    act(messages.MakeProposal, wording=BEDS)
    card, ring, beds = (each.id for each in proposals_of(session, section_id))
    act(messages.AmendProposal, proposal_id=card, wording=CARD)
    for proposal, what, owner, days in (
        (card, CARD, "Jan Whitlock, ambulance control room", 60),
        (ring, BOTH_RING, PAUL, 150),
        (ring, "One shared radio channel for nights", "Dr Nkechi Obi, crisis team", 330),
    ):
        due = (day + timedelta(days=days)).date()
        act(
            messages.RecordCommitment,
            promised=True,
            what=what,
            owner=owner,
            due=due,
            proposal_id=proposal,
        )
    act(
        messages.RecordCommitment,
        promised=False,
        what=BEDS,
        why="The contract says referral only until April.",
        proposal_id=beds,
    )
    return card


def seed_what_came_of_it(
    session: Session, *, event_id: int, commissioner: int, moderator: int, day: datetime
) -> None:
    """Answer two of the proposals; one promise is done and checked, one is under way, one is late."""
    proposals = {each.wording: each.id for each in proposals_kept(session, [event_id])}
    promises = {each.what: each.id for each in commitments_kept(session, [event_id])}
    for wording, verdict, because in (
        (CARD, "influenced", "The new card has the line. It came from this room."),
        (BEDS, "not_changed", "The contract says referral only until April. The board will look at it then."),
    ):
        answer_proposal(
            session,
            proposal_id=proposals[wording],
            verdict=verdict,
            because=because,
            answered_as=CLEO,
            account_id=commissioner,
            now=day + timedelta(days=40),
        )
    for what, status, words, by, after in (
        (CARD, "done", "On the card since the second of the month.", "Jan Whitlock, control room", 55),
        (
            BOTH_RING,
            "under_way",
            "The two phone systems cannot join a call yet. The sergeant rings.",
            PAUL,
            149,
        ),
        ("One shared radio channel for nights", "under_way", "The radios are ordered.", CLEO, 160),
    ):
        update_promise(
            session,
            commitment_id=promises[what],
            status=status,
            words=words,
            evidence_url="",
            new_day=None,
            said_as=by,
            account_id=commissioner,
            now=day + timedelta(days=after),
        )
    for claim in waiting_claims(session):
        check_claim(
            session,
            kind=claim.kind,
            claim_id=claim.id,
            digest=claim.digest,
            show=True,
            how="Two carers and a call handler sat in the control room for an evening and saw it used.",
            account_id=moderator,
            now=day + timedelta(days=62),
        )
