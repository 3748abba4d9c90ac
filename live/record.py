"""What stays of a performance: closed rounds, the path, who came. Never changes again; `evidence` is made of it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from live.choices import RoundKind, by_response, orders_of
from live.models import Ballot, HandCount, Performance, Round, Seat, Section, Step
from live.rules import Channel, may_break_down


@dataclass(frozen=True, slots=True)
class ClosedRound:
    """A round that will never change again, with its exact counts. For `evidence`, which protects them.

    `votes` are those of phones, `hands` those counted in the hall by means. `by_role` is empty where votes are
    never broken down. `orders`: of a ranking, how many ballots had each order.
    """

    id: int
    section: int
    performance_id: int
    version_id: int
    about: str
    decision: str
    question: str | None
    proposal_id: int | None
    passing_rule: str | None
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
    ballots: int
    votes: Mapping[str, int]
    hands: Mapping[str, Mapping[str, int]]
    orders: Mapping[tuple[str, ...], int]
    by_role: Mapping[str | None, Mapping[str, int]]
    by_role_shown: Sequence[Mapping[str, object]] | None
    winner: str | None
    taken: str | None
    overruled: bool
    overrule_reason: str | None


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
    """How many came into a section, and the most phones that were connected at once (0: not recorded)."""

    section: int
    title: str
    seats: int
    peak_connected: int


def closed_rounds(session: Session, event_id: int) -> list[ClosedRound]:
    """Return every closed round of an event, practice included, in the order they were opened.

    Four queries, however many rounds: each ballot is counted once, by the database.
    """
    rows = session.execute(
        select(Round, Performance.version_id, Section.position)
        .join(Performance, Performance.id == Round.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .where(*_closed(event_id))
        .order_by(Round.opened_at, Round.id)
    ).all()
    ballots, hands = _ballots(session, event_id), _hands(session, event_id)
    followed = _followed(session, event_id)
    return [
        _closed_round(
            round_,
            version_id,
            position,
            ballots=ballots.get(round_.id, {}),
            hands=hands.get(round_.id, {}),
            step=followed.get(round_.id),
        )
        for round_, version_id, position in rows
    ]


def path_of(session: Session, performance_id: int) -> list[StepTaken]:
    """Return the decisions of a performance's last attempt, in order."""
    return paths_of(session, [performance_id])


def paths_of(session: Session, performance_ids: Collection[int]) -> list[StepTaken]:
    """Return the decisions of the last attempt of each performance, in order. One query."""
    rows = session.scalars(
        select(Step)
        .join(Performance, Performance.id == Step.performance_id)
        .where(Step.performance_id.in_(performance_ids), Step.attempt == Performance.attempt)
        .order_by(Step.performance_id, Step.position)
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
    """Return how many seats each section of an event had in the room."""
    rows = session.execute(
        select(Section.position, Section.title, func.count(Seat.id), Section.peak_connected)
        .outerjoin(Seat, and_(Seat.section_id == Section.id, Seat.channel == Channel.ROOM.value))
        .where(Section.event_id == event_id)
        .group_by(Section.id, Section.position, Section.title, Section.peak_connected)
        .order_by(Section.position)
    )
    return [Attendance(*row) for row in rows]


# --- how the rounds of an event are read at once --------------------------------------------------------

# How many ballots of a round say the same, by role.
_Kept = Mapping[str | None, Mapping[str, int]]


def _closed(event_id: int) -> tuple[ColumnElement[bool], ...]:
    return Section.event_id == event_id, Round.closed_at.is_not(None)


def _ballots(session: Session, event_id: int) -> dict[int, dict[str | None, dict[str, int]]]:
    rows = session.execute(
        select(Ballot.round_id, Seat.role, Ballot.response, func.count().label("times"))
        .join(Seat, Seat.id == Ballot.seat_id)
        .join(Round, Round.id == Ballot.round_id)
        .join(Performance, Performance.id == Round.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .where(*_closed(event_id))
        .group_by(Ballot.round_id, Seat.role, Ballot.response)
    )
    found: dict[int, dict[str | None, dict[str, int]]] = {}
    for row in rows:
        found.setdefault(row.round_id, {}).setdefault(row.role, {})[row.response] = row.times
    return found


def _hands(session: Session, event_id: int) -> dict[int, dict[str, dict[str, int]]]:
    rows = session.execute(
        select(HandCount.round_id, HandCount.means, HandCount.response, HandCount.votes)
        .join(Round, Round.id == HandCount.round_id)
        .join(Performance, Performance.id == Round.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .where(*_closed(event_id))
        .order_by(HandCount.round_id, HandCount.means, HandCount.response)
    )
    found: dict[int, dict[str, dict[str, int]]] = {}
    for row in rows:
        found.setdefault(row.round_id, {}).setdefault(row.means, {})[row.response] = row.votes
    return found


def _followed(session: Session, event_id: int) -> dict[int, Step]:
    """Return the step that first followed each round."""
    rows = session.scalars(
        select(Step)
        .join(Performance, Performance.id == Step.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .where(Section.event_id == event_id)
        .order_by(Step.attempt.desc())
    )
    return {row.round_id: row for row in rows}


def _closed_round(
    round_: Round,
    version_id: int,
    section: int,
    *,
    ballots: _Kept,
    hands: Mapping[str, Mapping[str, int]],
    step: Step | None,
) -> ClosedRound:
    assert round_.closed_at is not None
    broken_down = may_break_down(about=round_.about, kind=round_.kind, practice=round_.practice)
    kept: Counter[str] = Counter()
    for said in ballots.values():
        kept.update(said)
    return ClosedRound(
        id=round_.id,
        section=section,
        performance_id=round_.performance_id,
        version_id=version_id,
        about=round_.about,
        decision=round_.decision,
        question=round_.question,
        proposal_id=round_.proposal_id,
        passing_rule=round_.passing_rule,
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
        ballots=kept.total(),
        votes=by_response(kept, round_.responses),
        hands=hands,
        orders=orders_of(kept) if round_.kind == RoundKind.RANK else {},
        by_role={role: {**dict.fromkeys(round_.responses, 0), **said} for role, said in ballots.items()}
        if broken_down
        else {},
        by_role_shown=round_.by_role_shown,
        winner=round_.winner,
        taken=step.response if step else None,
        overruled=step.overruled if step else False,
        overrule_reason=step.reason if step else None,
    )
