"""Proposals and promises of a section, as frozen values. Other packages ask here and never see a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from live.assembly.models import Amendment, Commitment, Proposal, PublicAnswer
from live.assembly.models import Feedback as Leaving
from live.disclosure import LEAST_BALLOTS
from live.models import Performance, Seat, Section
from live.rules import digest_of
from live.talk.models import FloorText, Intervention

OFFERED = ("proposal", "amendment", "heard_before", "excites", "worries", "steps")


@dataclass(frozen=True, slots=True)
class AmendmentView:
    """Other words for a proposal, with those before."""

    before: str
    after: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal with everything that was said and done about it, in order."""

    id: int
    section: int
    number: int
    performance_id: int | None
    intervention_id: int | None
    wording: str
    state: str
    made_at: datetime
    amendments: Sequence[AmendmentView]
    answers: Mapping[str, Sequence[str]]

    @property
    def before(self) -> str | None:
        """The words before the last amendment."""
        return self.amendments[-1].before if self.amendments else None


@dataclass(frozen=True, slots=True)
class CommitmentView:
    """A promise, or what is not promised."""

    id: int
    section: int
    proposal_id: int | None
    promised: bool
    what: str
    owner: str
    due: date | None
    why: str
    made_at: datetime
    read_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class Offered:
    """Words that a phone offered about the proposals and that no desk has looked at yet."""

    id: int
    kind: str
    proposal_id: int | None
    text: str
    role: str | None

    @property
    def digest(self) -> str:
        """What names exactly these words, for whoever decides about them."""
        return digest_of(self.text)


@dataclass(frozen=True, slots=True)
class Tried:
    """An intervention, as a proposal names where it grew from."""

    id: int
    part: str
    tried: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What people said on leaving a section. How many answered each step is told from five answers on."""

    section: str
    answers: int
    heard: Mapping[int, int] | None
    safe: Mapping[int, int] | None
    words: Sequence[str]


def proposals_of(session: Session, section_id: int) -> list[ProposalView]:
    """Return the proposals of a section, in their order. Three queries where there are any, else one."""
    return _proposals(session, Proposal.section_id == section_id)


def proposals_at(session: Session, event_id: int) -> list[ProposalView]:
    """Return the proposals of a whole event, section by section. Three queries where there are any, else one."""
    return _proposals(session, Section.event_id == event_id)


def _proposals(session: Session, where: ColumnElement[bool]) -> list[ProposalView]:
    rows = session.execute(
        select(Proposal, Section.position)
        .join(Section, Section.id == Proposal.section_id)
        .where(where)
        .order_by(Section.position, Proposal.number)
    ).all()
    if not rows:
        return []
    ids = [proposal.id for proposal, _position in rows]
    amendments: dict[int, list[AmendmentView]] = {}
    for row in session.scalars(
        select(Amendment).where(Amendment.proposal_id.in_(ids)).order_by(Amendment.id)
    ):
        amendments.setdefault(row.proposal_id, []).append(AmendmentView(row.before, row.after, row.made_at))
    answers: dict[int, dict[str, list[str]]] = {}
    for said in session.scalars(
        select(PublicAnswer).where(PublicAnswer.proposal_id.in_(ids)).order_by(PublicAnswer.id)
    ):
        answers.setdefault(said.proposal_id, {}).setdefault(said.question, []).append(said.text)
    return [
        ProposalView(
            id=proposal.id,
            section=position,
            number=proposal.number,
            performance_id=proposal.performance_id,
            intervention_id=proposal.intervention_id,
            wording=proposal.wording,
            state=proposal.state,
            made_at=proposal.made_at,
            amendments=amendments.get(proposal.id, []),
            answers=answers.get(proposal.id, {}),
        )
        for proposal, position in rows
    ]


def commitments_of(session: Session, section_id: int) -> list[CommitmentView]:
    """Return what was promised in a section and what was not, in the order it was said. One query."""
    return _commitments(session, Commitment.section_id == section_id)


def commitments_at(session: Session, event_id: int) -> list[CommitmentView]:
    """Return what was promised at a whole event and what was not, in the order it was said. One query."""
    return _commitments(session, Section.event_id == event_id)


def _commitments(session: Session, where: ColumnElement[bool]) -> list[CommitmentView]:
    rows = session.execute(
        select(Commitment, Section.position)
        .join(Section, Section.id == Commitment.section_id)
        .where(where)
        .order_by(Commitment.id)
    )
    return [
        CommitmentView(
            id=row.id,
            section=position,
            proposal_id=row.proposal_id,
            promised=row.promised,
            what=row.what,
            owner=row.owner,
            due=row.due,
            why=row.why,
            made_at=row.made_at,
            read_back_at=row.read_back_at,
        )
        for row, position in rows
    ]


def offered_in(session: Session, section_id: int) -> list[Offered]:
    """Return the words about proposals that wait at a section's desk, the first said first. One query."""
    rows = session.execute(
        select(FloorText.id, FloorText.kind, FloorText.proposal_id, FloorText.text, Seat.role)
        .join(Seat, Seat.id == FloorText.seat_id)
        .where(
            FloorText.section_id == section_id,
            FloorText.state == "waiting",
            FloorText.kind.in_(OFFERED),
        )
        .order_by(FloorText.id)
    )
    return [Offered(row.id, row.kind, row.proposal_id, row.text or "", row.role) for row in rows]


def tried_in(session: Session, section_id: int) -> list[Tried]:
    """Return what was tried on the floor of a section: what a proposal can grow from. One query."""
    rows = session.execute(
        select(Intervention.id, Intervention.part, Intervention.tried)
        .join(Performance, Performance.id == Intervention.performance_id)
        .where(Performance.section_id == section_id)
        .order_by(Intervention.id)
    )
    return [Tried(row.id, row.part, row.tried) for row in rows]


def feedback_of(session: Session, event_id: int) -> list[Feedback]:
    """Return what people said on leaving, section by section. One query.

    Each question by itself and the words in the order of the alphabet: nothing tells which answers are one person's.
    """
    found: list[Feedback] = []
    rows = session.execute(
        select(Section.id, Section.title, Leaving.heard, Leaving.safe, Leaving.words)
        .join(Leaving, Leaving.section_id == Section.id)
        .where(Section.event_id == event_id)
        .order_by(Section.position, Leaving.words)
    ).all()
    for section_id in dict.fromkeys(row.id for row in rows):
        said = [row for row in rows if row.id == section_id]
        found.append(
            Feedback(
                section=said[0].title,
                answers=len(said),
                heard=_steps([row.heard for row in said]),
                safe=_steps([row.safe for row in said]),
                words=[row.words for row in said if row.words],
            )
        )
    return found


def _steps(answers: Sequence[int | None]) -> dict[int, int] | None:
    given = [answer for answer in answers if answer is not None]
    if len(given) < LEAST_BALLOTS:
        return None
    return {step: given.count(step) for step in range(1, 6)}
