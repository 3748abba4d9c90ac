"""What stays of a performance: closed rounds, the path, who came. Never changes again; `evidence` is made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live.models import Performance, Round, Seat, Section, Step
from live.queries import votes_by_role, votes_in


@dataclass(frozen=True, slots=True)
class ClosedRound:
    """A round that will never change again, with its exact counts. For `evidence`, which protects them."""

    id: int
    section: int
    performance_id: int
    version_id: int
    decision: str
    number: int
    kind: str
    channel: str
    practice: bool
    tie_rule: str
    responses: Sequence[str]
    opened_at: datetime
    closed_at: datetime
    revealed_at: datetime | None
    seats: int
    votes: Mapping[str, int]
    by_role: Mapping[str | None, Mapping[str, int]]
    by_role_shown: Sequence[object] | None
    winner: str | None
    taken: str | None
    overruled: bool
    overrule_reason: str | None

    @property
    def ballots(self) -> int:
        """How many ballots the round has."""
        return sum(self.votes.values())


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One decision of the last attempt of a performance."""

    performance_id: int
    position: int
    scene: str
    decision: str
    response: str
    leads_to: str
    round_id: int
    overruled: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many came into a section."""

    section: int
    title: str
    seats: int


def closed_rounds(session: Session, event_id: int) -> list[ClosedRound]:
    """Return every closed round of an event, practice included, in the order they were opened.

    Three queries per round.
    """
    rows = session.execute(
        select(Round, Performance.version_id, Section.position)
        .join(Performance, Performance.id == Round.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .where(Section.event_id == event_id, Round.closed_at.is_not(None))
        .order_by(Round.opened_at, Round.id)
    ).all()
    return [_closed_round(session, round_, version_id, position) for round_, version_id, position in rows]


def path_of(session: Session, performance_id: int) -> list[StepTaken]:
    """Return the decisions of a performance's last attempt, in order."""
    rows = session.scalars(
        select(Step)
        .join(Performance, Performance.id == Step.performance_id)
        .where(Step.performance_id == performance_id, Step.attempt == Performance.attempt)
        .order_by(Step.position)
    )
    return [
        StepTaken(
            performance_id=row.performance_id,
            position=row.position,
            scene=row.scene,
            decision=row.decision,
            response=row.response,
            leads_to=row.leads_to,
            round_id=row.round_id,
            overruled=row.overruled,
            reason=row.reason,
        )
        for row in rows
    ]


def attendance(session: Session, event_id: int) -> list[Attendance]:
    """Return how many seats each section of an event had."""
    rows = session.execute(
        select(Section.position, Section.title, func.count(Seat.id))
        .outerjoin(Seat, Seat.section_id == Section.id)
        .where(Section.event_id == event_id)
        .group_by(Section.id, Section.position, Section.title)
        .order_by(Section.position)
    )
    return [Attendance(section=position, title=title, seats=seats) for position, title, seats in rows]


def _closed_round(session: Session, round_: Round, version_id: int, section: int) -> ClosedRound:
    assert round_.closed_at is not None
    step = session.scalars(select(Step).where(Step.round_id == round_.id).order_by(Step.attempt)).first()
    return ClosedRound(
        id=round_.id,
        section=section,
        performance_id=round_.performance_id,
        version_id=version_id,
        decision=round_.decision,
        number=round_.number,
        kind=round_.kind,
        channel=round_.channel,
        practice=round_.practice,
        tie_rule=round_.tie_rule,
        responses=round_.responses,
        opened_at=round_.opened_at,
        closed_at=round_.closed_at,
        revealed_at=round_.revealed_at,
        seats=round_.seats_at_close or 0,
        votes=votes_in(session, round_.id, round_.responses),
        by_role=votes_by_role(session, round_.id, round_.responses),
        by_role_shown=round_.by_role_shown,
        winner=round_.winner,
        taken=step.response if step else None,
        overruled=step.overruled if step else False,
        overrule_reason=step.reason if step else None,
    )
