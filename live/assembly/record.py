"""What stays of proposals and promises once their event is closed, for `evidence`. Never of a rehearsal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from live.assembly.models import Amendment, Commitment, Proposal
from live.assembly.rules import ProposalState
from live.models import Event, Section


@dataclass(frozen=True, slots=True)
class HeldAt:
    """The closed event at which something was said."""

    event_id: int
    slug: str
    title: str
    place: str
    starts_at: datetime
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class KeptAmendment:
    """Other words for a proposal, with those before; `number` is 1 for the first."""

    id: int
    number: int
    before: str
    after: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """A proposal in its last words, that nobody withdrew."""

    id: int
    held: HeldAt
    number: int
    performance_id: int | None
    intervention_id: int | None
    wording: str
    state: str
    made_at: datetime
    amendments: Sequence[KeptAmendment]


@dataclass(frozen=True, slots=True)
class KeptCommitment:
    """A promise with who and by when; or what is not promised, and why."""

    id: int
    held: HeldAt
    proposal_id: int | None
    promised: bool
    what: str
    owner: str
    due: date | None
    why: str
    made_at: datetime
    read_back_at: datetime | None


def proposals_kept(session: Session, event_ids: Collection[int] | None = None) -> list[KeptProposal]:
    """Return the proposals of closed events, the oldest event first; of all of them where none is named.

    What was withdrawn in the room is left out: nobody owes an answer to it. Two queries.
    """
    rows = session.execute(
        select(Proposal, Event)
        .join(Section, Section.id == Proposal.section_id)
        .join(Event, Event.id == Section.event_id)
        .where(*_closed(event_ids), Proposal.state != ProposalState.WITHDRAWN.value)
        .order_by(Event.starts_at, Event.id, Section.position, Proposal.number)
    ).all()
    amendments: dict[int, list[KeptAmendment]] = {}
    for row in session.scalars(
        select(Amendment)
        .where(Amendment.proposal_id.in_([proposal.id for proposal, _event in rows]))
        .order_by(Amendment.id)
    ):
        of_it = amendments.setdefault(row.proposal_id, [])
        of_it.append(KeptAmendment(row.id, len(of_it) + 1, row.before, row.after, row.made_at))
    return [
        KeptProposal(
            id=row.id,
            held=_held(event),
            number=row.number,
            performance_id=row.performance_id,
            intervention_id=row.intervention_id,
            wording=row.wording,
            state=row.state,
            made_at=row.made_at,
            amendments=amendments.get(row.id, []),
        )
        for row, event in rows
    ]


def commitments_kept(session: Session, event_ids: Collection[int] | None = None) -> list[KeptCommitment]:
    """Return what was promised at closed events and what was not, the oldest event first. One query."""
    rows = session.execute(
        select(Commitment, Event)
        .join(Section, Section.id == Commitment.section_id)
        .join(Event, Event.id == Section.event_id)
        .where(*_closed(event_ids))
        .order_by(Event.starts_at, Event.id, Commitment.id)
    )
    return [
        KeptCommitment(
            id=row.id,
            held=_held(event),
            proposal_id=row.proposal_id,
            promised=row.promised,
            what=row.what,
            owner=row.owner,
            due=row.due,
            why=row.why,
            made_at=row.made_at,
            read_back_at=row.read_back_at,
        )
        for row, event in rows
    ]


def events_kept(session: Session, event_ids: Collection[int]) -> dict[int, HeldAt]:
    """Return closed events by their numbers. One query."""
    return {row.id: _held(row) for row in session.scalars(select(Event).where(*_closed(event_ids)))}


def proposal_kept_at(session: Session, proposal_id: int) -> HeldAt | None:
    """Return the closed event of a proposal; None of any other, and of one that was withdrawn. One query."""
    return _held_where(
        session,
        select(Proposal.section_id).where(
            Proposal.id == proposal_id, Proposal.state != ProposalState.WITHDRAWN.value
        ),
    )


def amendment_kept_at(session: Session, amendment_id: int) -> HeldAt | None:
    """Return the closed event of an amendment; None of any other. Two queries."""
    proposal_id = session.scalars(select(Amendment.proposal_id).where(Amendment.id == amendment_id)).first()
    return None if proposal_id is None else proposal_kept_at(session, proposal_id)


def commitment_kept_at(session: Session, commitment_id: int) -> HeldAt | None:
    """Return the closed event of what was promised or not; None of any other. One query."""
    return _held_where(session, select(Commitment.section_id).where(Commitment.id == commitment_id))


def _held_where(session: Session, section_id: Select[int]) -> HeldAt | None:
    event = session.scalars(
        select(Event)
        .join(Section, Section.event_id == Event.id)
        .where(Section.id == section_id.scalar_subquery(), *_closed(None))
    ).first()
    return _held(event) if event else None


def _closed(event_ids: Collection[int] | None) -> tuple[ColumnElement[bool], ...]:
    closed = (Event.closed_at.is_not(None), Event.rehearsal_of.is_(None))
    return closed if event_ids is None else (*closed, Event.id.in_(event_ids))


def _held(event: Event) -> HeldAt:
    assert event.closed_at is not None
    return HeldAt(event.id, event.slug, event.title, event.place, event.starts_at, event.closed_at)
