"""Proposals: made from what was tried or offered, answered in public, amended in the open, withdrawn."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live import messages
from live.assembly.models import Amendment, Proposal, PublicAnswer
from live.assembly.rules import (
    ProposalSettled,
    ProposalState,
    PublicQuestion,
    UnknownProposal,
    check_wording,
)
from live.models import Performance, Round
from live.moment import Moment, Speaker, note, running
from live.rules import KeyReused, NotAllowed, digest_of
from live.talk.models import FloorText, Intervention
from live.talk.said import REASON, SUGGESTION
from scenario_app.kernel.errors import Invalid
from scenario_app.kernel.typed import one_line

# Nobody fills the desk alone: a proposal, other words for one, and an answer to each of the four questions.
MOST_OFFERED: Final = 6


def _make(at: Moment, action: messages.MakeProposal) -> None:
    intervention = _intervention(at, action.intervention_id)
    offered = _offered(at, action.text_id, "proposal", action.digest)
    wording = action.wording or (offered.text if offered else None)
    if wording is None and intervention is not None:
        wording = intervention.would_have_to_change or intervention.tried
    if not wording:
        raise Invalid(field="wording", found="nothing", expected="the words of the proposal")
    highest = at.session.scalar(select(func.max(Proposal.number)).where(Proposal.section_id == at.section.id))
    proposal = Proposal(
        section_id=at.section.id,
        number=(highest or 0) + 1,
        performance_id=at.section.performance_id,
        intervention_id=intervention.id if intervention else None,
        text_id=offered.id if offered else None,
        wording=check_wording(wording),
        made_at=at.now,
    )
    at.session.add(proposal)
    at.session.flush()
    note(at, "proposal_made", f"proposal:{proposal.id}", number=proposal.number)


def _answer(at: Moment, action: messages.NoteAnswer) -> None:
    proposal = _open_proposal(at, action.proposal_id)
    offered = _offered(at, action.text_id, action.question, action.digest)
    at.session.add(
        PublicAnswer(
            proposal_id=proposal.id,
            question=PublicQuestion(action.question).value,
            text=one_line(action.text),
            text_id=offered.id if offered else None,
            said_at=at.now,
        )
    )
    note(at, "answer_noted", f"proposal:{proposal.id}", question=action.question)


def _amend(at: Moment, action: messages.AmendProposal) -> None:
    proposal = _open_proposal(at, action.proposal_id)
    offered = _offered(at, action.text_id, "amendment", action.digest)
    wording = check_wording(action.wording)
    if wording == proposal.wording:
        raise Invalid(field="wording", found="the same words", expected="other words")
    at.session.add(
        Amendment(
            proposal_id=proposal.id,
            text_id=offered.id if offered else None,
            before=proposal.wording,
            after=wording,
            made_at=at.now,
        )
    )
    proposal.wording = wording
    note(at, "proposal_amended", f"proposal:{proposal.id}")


def _withdraw(at: Moment, action: messages.WithdrawProposal) -> None:
    proposal = _open_proposal(at, action.proposal_id)
    proposal.state = ProposalState.WITHDRAWN.value
    note(at, "proposal_withdrawn", f"proposal:{proposal.id}")


ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.MakeProposal: _make,
    messages.NoteAnswer: _answer,
    messages.AmendProposal: _amend,
    messages.WithdrawProposal: _withdraw,
}


def _offer(by: Speaker, message: messages.OfferWords) -> Mapping[str, object]:
    performance = running(by)
    if message.kind != "proposal":
        if message.proposal_id is None:
            raise UnknownProposal
        proposal_of(by.session, section_id=by.section.id, proposal_id=message.proposal_id)
    words, about = check_wording(message.text), None if message.kind == "proposal" else message.proposal_id
    there = by.session.scalars(
        select(FloorText).where(FloorText.seat_id == by.seat_id, FloorText.key == message.key)
    ).first()
    if there is None:
        waiting = by.session.scalar(
            select(func.count()).where(
                FloorText.seat_id == by.seat_id,
                FloorText.performance_id == performance.id,
                FloorText.kind.not_in((REASON, SUGGESTION)),
                FloorText.state == "waiting",
            )
        )
        if (waiting or 0) >= MOST_OFFERED:
            raise NotAllowed(state="enough_wait")
        by.session.add(
            FloorText(
                section_id=by.section.id,
                performance_id=performance.id,
                seat_id=by.seat_id,
                key=message.key,
                kind=message.kind,
                proposal_id=about,
                text=words,
                said_at=by.now,
            )
        )
    elif (there.kind, there.text, there.proposal_id) != (message.kind, words, about):
        raise KeyReused
    return {}


HEARD: Final[Mapping[type[messages.PhoneMessage], Callable[[Speaker, Any], Mapping[str, object]]]] = {
    messages.OfferWords: _offer,
}


def proposal_of(session: Session, *, section_id: int, proposal_id: int) -> Proposal:
    """Return a proposal of a section.

    :raises UnknownProposal: it has no such proposal
    """
    proposal = session.get(Proposal, proposal_id)
    if proposal is None or proposal.section_id != section_id:
        raise UnknownProposal
    return proposal


def _open_proposal(at: Moment, proposal_id: int) -> Proposal:
    """Return a proposal whose words may still change: not settled, and not being voted on."""
    proposal = proposal_of(at.session, section_id=at.section.id, proposal_id=proposal_id)
    if proposal.state != ProposalState.OPEN:
        raise ProposalSettled(state=proposal.state)
    # A vote that was closed and left without a result is over: it settled nothing.
    voting = at.session.scalars(
        select(Round.id)
        .join(Performance, Performance.id == Round.performance_id)
        .where(
            Round.proposal_id == proposal.id,
            Round.revealed_at.is_(None),
            Round.closed_at.is_(None) | (Performance.round_id == Round.id),
        )
    ).first()
    if voting is not None:
        raise ProposalSettled(state="voting")
    return proposal


def _intervention(at: Moment, intervention_id: int | None) -> Intervention | None:
    if intervention_id is None:
        return None
    found = at.session.get(Intervention, intervention_id)
    if found is None or found.performance_id not in {p.id for p in at.section.performances}:
        raise NotAllowed(state="unknown_intervention")
    return found


def _offered(at: Moment, text_id: int | None, kind: str, digest: str | None) -> FloorText | None:
    """Return words that a phone offered, approved herewith: a desk that uses them has read exactly these."""
    if text_id is None:
        return None
    found = at.session.get(FloorText, text_id, with_for_update=True, populate_existing=True)
    if found is None or found.section_id != at.section.id or found.kind != kind or found.text is None:
        raise NotAllowed(state="unknown_text")
    if found.state == "declined":
        raise NotAllowed(state="declined")
    if found.state == "waiting":
        if digest != digest_of(found.text):
            raise NotAllowed(state="other_words")
        found.state, found.decided_at, found.decided_by = "approved", at.now, at.account_id
    return found
