"""What stays of hands and interventions, for `evidence`: no seat, no time, no role of a hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live.disclosure import room_votes
from live.models import Performance, Section
from live.talk.models import FloorText, Intervention, Stop, Verdict
from live.talk.rules import StopState, WeighingState
from live.talk.rules import Verdict as Said


@dataclass(frozen=True, slots=True)
class KeptStop:
    """A hand that was raised, and not taken back. Whoever raised it is nobody any more."""

    id: int
    section: int
    performance_id: int
    version_id: int
    attempt: int
    scene: str
    line: int | None
    state: str


@dataclass(frozen=True, slots=True)
class KeptIntervention:
    """What was tried. `verdicts` as they may be shown: None while the room is asked, and below five answers."""

    id: int
    section: int
    performance_id: int
    version_id: int
    attempt: int
    scene: str
    line: int | None
    stop_id: int | None
    part: str
    role: str | None
    tried: str
    others_did: str
    happened: str
    possible_here: str | None
    would_have_to_change: str
    verdicts: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class WordsDecided:
    """How often words of one kind from phones were shown, or declined, in one section."""

    section: int
    kind: str
    shown: bool
    times: int


def words_decided(session: Session, event_id: int) -> list[WordsDecided]:
    """Return what desks decided about words from phones, counted; never the words. One query."""
    rows = session.execute(
        select(Section.position, FloorText.kind, FloorText.state, func.count())
        .join(Section, Section.id == FloorText.section_id)
        .where(Section.event_id == event_id, FloorText.state.in_(("approved", "declined")))
        .group_by(Section.position, FloorText.kind, FloorText.state)
        .order_by(Section.position, FloorText.kind, FloorText.state)
    )
    return [WordsDecided(section, kind, state == "approved", times) for section, kind, state, times in rows]


def stops_kept(session: Session, event_id: int) -> list[KeptStop]:
    """Return the hands of an event, in the order they went up. One query."""
    rows = session.execute(
        select(Stop, Section.position, Performance.version_id)
        .join(Performance, Performance.id == Stop.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .where(Section.event_id == event_id, Stop.state != StopState.TAKEN_BACK.value)
        .order_by(Stop.id)
    )
    return [
        KeptStop(
            id=row.id,
            section=section,
            performance_id=row.performance_id,
            version_id=version_id,
            attempt=row.attempt,
            scene=row.scene,
            line=row.line,
            state=row.state,
        )
        for row, section, version_id in rows
    ]


def interventions_kept(session: Session, event_id: int) -> list[KeptIntervention]:
    """Return the interventions of an event, in the order they were written down. Two queries."""
    rows = session.execute(
        select(Intervention, Section.position, Performance.version_id)
        .join(Performance, Performance.id == Intervention.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .where(Section.event_id == event_id)
        .order_by(Intervention.id)
    ).all()
    weighed = _weighed(session, event_id)
    return [
        KeptIntervention(
            id=row.id,
            section=section,
            performance_id=row.performance_id,
            version_id=version_id,
            attempt=row.attempt,
            scene=row.scene,
            line=row.line,
            stop_id=row.stop_id,
            part=row.part,
            role=row.role,
            tried=row.tried,
            others_did=row.others_did,
            happened=row.happened,
            possible_here=row.possible_here,
            would_have_to_change=row.would_have_to_change,
            verdicts=_verdicts(row, weighed.get(row.id, {})),
        )
        for row, section, version_id in rows
    ]


def _weighed(session: Session, event_id: int) -> dict[int, dict[str, int]]:
    rows = session.execute(
        select(Verdict.intervention_id, Verdict.verdict, func.count().label("times"))
        .join(Intervention, Intervention.id == Verdict.intervention_id)
        .join(Performance, Performance.id == Intervention.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .where(Section.event_id == event_id)
        .group_by(Verdict.intervention_id, Verdict.verdict)
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.intervention_id, {})[row.verdict] = row.times
    return found


def _verdicts(row: Intervention, votes: Mapping[str, int]) -> Mapping[str, int] | None:
    if row.weighing != WeighingState.CLOSED:
        return None
    return room_votes({said.value: votes.get(said.value, 0) for said in Said})
