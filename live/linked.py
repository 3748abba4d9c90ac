"""What hangs together at closed events: votes that the room saw, hands, what was tried. For the chain in `evidence`.

Never of a rehearsal or a practice; no count, no seat, no role, no moment leaves this module.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from live.models import Event, Performance, Round, Section
from live.rules import About, Channel
from live.talk.models import Intervention, Stop
from live.talk.rules import StopState


@dataclass(frozen=True, slots=True)
class LinkedRound:
    """A vote that the room was shown, on a decision of the play or on a proposal."""

    id: int
    performance_id: int
    decision: str
    proposal_id: int | None
    number: int
    winner: str | None


@dataclass(frozen=True, slots=True)
class LinkedStop:
    """A hand. `after_round`: the vote of its performance that the room had seen last by then."""

    id: int
    performance_id: int
    scene: str
    line: int | None
    after_round: int | None


@dataclass(frozen=True, slots=True)
class LinkedIntervention:
    """What was tried, and the hand that it began with."""

    id: int
    performance_id: int
    scene: str
    stop_id: int | None
    part: str
    tried: str


@dataclass(frozen=True, slots=True)
class LinkedPlay:
    """The performances of closed events (event and version by performance) and what happened in them."""

    events: Mapping[int, int]
    versions: Mapping[int, int]
    rounds: Sequence[LinkedRound]
    stops: Sequence[LinkedStop]
    interventions: Sequence[LinkedIntervention]


def linked_play(session: Session, event_ids: Collection[int]) -> LinkedPlay:
    """Return what happened in the performances of some closed events. Four queries."""
    rows = session.execute(
        select(Performance.id, Performance.version_id, Section.event_id)
        .join(Section, Section.id == Performance.section_id)
        .join(Event, Event.id == Section.event_id)
        .where(*_closed(), Event.id.in_(event_ids), Performance.started_at.is_not(None))
        .order_by(Section.position, Performance.position)
    ).all()
    performances = [row.id for row in rows]
    rounds = session.scalars(
        select(Round).where(Round.performance_id.in_(performances), *_seen()).order_by(Round.id)
    ).all()
    stops = session.scalars(
        select(Stop)
        .where(Stop.performance_id.in_(performances), Stop.state != StopState.TAKEN_BACK.value)
        .order_by(Stop.id)
    )
    tried = session.scalars(
        select(Intervention).where(Intervention.performance_id.in_(performances)).order_by(Intervention.id)
    )
    seen = _by_performance(rounds)
    return LinkedPlay(
        events={row.id: row.event_id for row in rows},
        versions={row.id: row.version_id for row in rows},
        rounds=[
            LinkedRound(row.id, row.performance_id, row.decision, row.proposal_id, row.number, row.winner)
            for row in rounds
        ],
        stops=[
            LinkedStop(
                row.id,
                row.performance_id,
                row.scene,
                row.line,
                _last_seen(seen.get(row.performance_id, ()), row.raised_at),
            )
            for row in stops
        ],
        interventions=[
            LinkedIntervention(row.id, row.performance_id, row.scene, row.stop_id, row.part, row.tried)
            for row in tried
        ],
    )


def events_playing(session: Session, version_ids: Collection[int]) -> list[int]:
    """Return the closed events at which one of these versions was played, the oldest first. One query."""
    return list(
        session.scalars(
            select(Event.id)
            .join(Section, Section.event_id == Event.id)
            .join(Performance, Performance.section_id == Section.id)
            .where(*_closed(), Performance.version_id.in_(version_ids), Performance.started_at.is_not(None))
            .group_by(Event.id, Event.starts_at)
            .order_by(Event.starts_at, Event.id)
        )
    )


def event_of_round(session: Session, round_id: int) -> int | None:
    """Return the closed event of a vote that the room saw; None of any other."""
    return _event_of(session, Round, Round.id == round_id, *_seen())


def event_of_stop(session: Session, stop_id: int) -> int | None:
    """Return the closed event of a hand that was not taken back; None of any other."""
    return _event_of(session, Stop, Stop.id == stop_id, Stop.state != StopState.TAKEN_BACK.value)


def event_of_intervention(session: Session, intervention_id: int) -> int | None:
    """Return the closed event of what was tried; None of any other."""
    return _event_of(session, Intervention, Intervention.id == intervention_id)


def _event_of(
    session: Session, table: type[Round] | type[Stop] | type[Intervention], *where: ColumnElement[bool]
) -> int | None:
    return session.scalars(
        select(Section.event_id)
        .join(Performance, Performance.section_id == Section.id)
        .join(table, table.performance_id == Performance.id)
        .join(Event, Event.id == Section.event_id)
        .where(*_closed(), *where)
    ).first()


def _closed() -> tuple[ColumnElement[bool], ...]:
    return Event.closed_at.is_not(None), Event.rehearsal_of.is_(None)


def _seen() -> tuple[ColumnElement[bool], ...]:
    return (
        Round.revealed_at.is_not(None),
        Round.practice.is_(False),
        Round.channel == Channel.ROOM.value,
        Round.about.in_((About.DECISION.value, About.PROPOSAL.value)),
    )


def _by_performance(rounds: Sequence[Round]) -> Mapping[int, Sequence[tuple[datetime, int]]]:
    """Return when each vote on the play was shown, and its number, by performance and in that order."""
    seen: dict[int, list[tuple[datetime, int]]] = {}
    for round_ in rounds:
        if round_.about == About.DECISION and round_.revealed_at is not None:
            seen.setdefault(round_.performance_id, []).append((round_.revealed_at, round_.id))
    return {performance: sorted(shown) for performance, shown in seen.items()}


def _last_seen(shown: Sequence[tuple[datetime, int]], moment: datetime) -> int | None:
    """Return the vote that was shown last until a moment.

    >>> noon, one = datetime(2026, 3, 2, 12), datetime(2026, 3, 2, 13)
    >>> shown = [(noon, 4), (noon, 5), (one, 3)]
    >>> _last_seen(shown, noon), _last_seen(shown, one), _last_seen(shown, datetime(2026, 3, 2))
    (5, 3, None)
    """
    at = bisect_right(shown, moment, key=lambda each: each[0])
    return shown[at - 1][1] if at else None
