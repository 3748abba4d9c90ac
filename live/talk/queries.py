"""What waits at a desk, what a phone has said, and what the room tried, as frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from live.disclosure import room_votes
from live.models import Event, Performance, Section
from live.moment import is_improvised, script_of_performance
from live.rules import PerformanceState
from live.talk.models import FloorText, Intervention, MinuteCall, Stop, Verdict
from live.talk.rules import Hand, StopState, WeighingState, fair_order
from live.talk.rules import Verdict as Said
from scenarios.script.parts import Line
from scenarios.script.script import Script


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a section's desk has not looked at: hands in the order they are asked in, texts, people."""

    stops: Sequence[int]
    texts: int
    minutes: int


@dataclass(frozen=True, slots=True)
class StopView:
    """A raised hand with the line it was raised at. `role`: for desks only. `text` is empty without a line."""

    id: int
    state: str
    scene: str
    scene_title: str
    line: int | None
    who: str
    text: str
    role: str | None
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class InterventionView:
    """What was tried on the floor. `verdicts` are exact, and only what `shown` holds may be shown to anybody."""

    id: int
    performance_id: int
    attempt: int
    scene: str
    scene_title: str
    line: int | None
    text: str
    stop_id: int | None
    part: str
    role: str | None
    tried: str
    others_did: str
    happened: str
    possible_here: str | None
    would_have_to_change: str
    weighing: str
    verdicts: Mapping[str, int]

    @property
    def said(self) -> int:
        """How many have answered."""
        return sum(self.verdicts.values())

    @property
    def shown(self) -> Mapping[str, int] | None:
        """Return the counts once the asking is over; None before, and below five answers."""
        return room_votes(self.verdicts) if self.weighing == WeighingState.CLOSED else None


@dataclass(frozen=True, slots=True)
class DeskTalk:
    """What a desk sees of hands and interventions. `unwritten`: people who were in, and nothing stands of it yet."""

    waiting: Sequence[StopView]
    asked_in: StopView | None
    unwritten: Sequence[StopView]
    interventions: Sequence[InterventionView]
    parts: Sequence[str]
    minutes: Sequence["MinuteView"]


@dataclass(frozen=True, slots=True)
class MinuteView:
    """Somebody who needs a minute, and where they are, if they said so."""

    id: int
    where: str
    called_at: datetime


@dataclass(frozen=True, slots=True)
class SeatTalk:
    """What a seat has said: its hands of the running performance, and its verdicts by intervention."""

    stops: Sequence[StopView]
    verdicts: Mapping[int, str]

    def as_said(self) -> list[Mapping[str, object]]:
        """Return the hands as the `seat` message holds them."""
        return [
            {"id": stop.id, "scene": stop.scene, "line": stop.line, "state": stop.state}
            for stop in self.stops
        ]


SILENT = SeatTalk([], {})


# --- hands ----------------------------------------------------------------------------------------------


def waiting_in(session: Session, section_id: int) -> Waiting:
    """Return what waits in a section, hands in their fair order. Five queries where hands are up, else three."""
    texts = session.scalar(
        select(func.count()).where(FloorText.section_id == section_id, FloorText.state == "waiting")
    )
    minutes = session.scalar(select(func.count()).where(MinuteCall.section_id == section_id))
    return Waiting(tuple(_fair(session, section_id)), texts or 0, minutes or 0)


def _fair(session: Session, section_id: int) -> list[int]:
    hands = [
        Hand(row.id, row.seat_id, row.role)
        for row in session.execute(
            select(Stop.id, Stop.seat_id, Stop.role)
            .join(Performance, Performance.id == Stop.performance_id)
            .join(Section, Section.performance_id == Performance.id)
            .where(
                Section.id == section_id,
                Stop.state == StopState.WAITING.value,
                # A play that has ended may be replayed: until then nobody waits for it.
                Performance.state != PerformanceState.ENDED.value,
            )
        )
    ]
    if not hands:
        return []
    been = session.execute(
        select(Stop.seat_id, Stop.role)
        .join(Performance, Performance.id == Stop.performance_id)
        .where(
            Performance.section_id == section_id,
            Stop.state.in_([StopState.IN.value, StopState.DONE.value]),
        )
    ).all()
    been_in: dict[int, int] = {}
    for row in been:
        if row.seat_id is not None:
            been_in[row.seat_id] = been_in.get(row.seat_id, 0) + 1
    return fair_order(hands, been_in=been_in, heard=[row.role for row in been])


def stop_asked_in(session: Session, performance: Performance, script: Script) -> StopView | None:
    """Return the hand whose person is asked in, while its scene is on the floor. One query."""
    found = session.scalars(
        select(Stop).where(Stop.performance_id == performance.id, Stop.state == StopState.IN.value)
    ).first()
    if found is None or found.scene != performance.scene:
        return None
    return _stop_view(found, script)


# --- a phone --------------------------------------------------------------------------------------------


# Built once: building costs more than running. Verdicts are found by what was weighed here, as they are kept.
_SAID_ANYTHING = select(
    or_(
        exists().where(Stop.seat_id == bindparam("seat")),
        exists().where(FloorText.seat_id == bindparam("seat")),
        exists()
        .where(Verdict.seat_id == bindparam("seat"))
        .where(Intervention.id == Verdict.intervention_id)
        .where(Performance.id == Intervention.performance_id)
        .where(Performance.section_id == bindparam("section")),
    )
)


def has_said_anything(session: Session, *, seat_id: int, section_id: int) -> bool:
    """Say whether a seat has raised a hand, weighed something or written anything. One query.

    Asked of everybody who connects, and a hall connects at once: most have not, and then nothing more is asked.
    """
    return bool(session.scalar(_SAID_ANYTHING, {"seat": seat_id, "section": section_id}))


def talk_of_seat(session: Session, *, seat_id: int, section_id: int) -> SeatTalk:
    """Return what a seat has said in its section, newest hand last. For that seat's own phone only.

    Two queries, and the script where a hand is up.
    """
    rows = session.scalars(
        select(Stop)
        .join(Section, Section.performance_id == Stop.performance_id)
        .where(
            Section.id == section_id,
            Stop.seat_id == seat_id,
            Stop.state.in_([StopState.WAITING.value, StopState.IN.value, StopState.PASSED.value]),
        )
        .order_by(Stop.id)
    ).all()
    stops: list[StopView] = []
    if rows:
        performance = session.get_one(Performance, rows[0].performance_id)
        if performance.state != PerformanceState.ENDED:
            script = script_of_performance(session, performance)
            stops = [
                _stop_view(row, script)
                for row in rows
                # A hand that was let go is told of until the play is somewhere else.
                if row.state != StopState.PASSED or row.scene == performance.scene
            ]
    verdicts = session.execute(
        select(Verdict.intervention_id, Verdict.verdict)
        .join(Intervention, Intervention.id == Verdict.intervention_id)
        .join(Performance, Performance.id == Intervention.performance_id)
        .where(Performance.section_id == section_id, Verdict.seat_id == seat_id)
    )
    return SeatTalk(stops, {row.intervention_id: row.verdict for row in verdicts})


def supporter_of(session: Session, section_id: int) -> tuple[str, str]:
    """Return who is there for somebody who needs a minute, and where to find them; either may be empty."""
    found = session.execute(
        select(Event.supporter, Event.supporter_where)
        .join(Section, Section.event_id == Event.id)
        .where(Section.id == section_id)
    ).one()
    return found.supporter, found.supporter_where


# --- interventions --------------------------------------------------------------------------------------


def intervention_on_the_floor(
    session: Session, performance: Performance, script: Script
) -> InterventionView | None:
    """Return what the room looks at: the intervention that is weighed, else the latest of the running attempt."""
    rows = session.scalars(
        select(Intervention)
        .where(Intervention.performance_id == performance.id, Intervention.attempt == performance.attempt)
        .order_by(Intervention.id)
    ).all()
    if not rows:
        return None
    weighed = [row for row in rows if row.weighing == WeighingState.OPEN]
    return _intervention_view(session, (weighed or rows)[-1], script)


def interventions_of(session: Session, performance_ids: Sequence[int]) -> list[InterventionView]:
    """Return every intervention of some performances, oldest first. A query for each."""
    rows = session.scalars(
        select(Intervention)
        .where(Intervention.performance_id.in_(list(performance_ids)))
        .order_by(Intervention.id)
    ).all()
    return [
        _intervention_view(
            session,
            row,
            script_of_performance(session, session.get_one(Performance, row.performance_id)),
        )
        for row in rows
    ]


# --- the desk -------------------------------------------------------------------------------------------


def desk_talk(session: Session, section_id: int) -> DeskTalk:
    """Return what a section's desk sees of hands, interventions and people who need a minute."""
    minutes = [
        MinuteView(row.id, row.where, row.called_at)
        for row in session.scalars(
            select(MinuteCall).where(MinuteCall.section_id == section_id).order_by(MinuteCall.id)
        )
    ]
    section = session.get_one(Section, section_id)
    if section.performance_id is None:
        return DeskTalk((), None, (), (), (), minutes)
    performance = session.get_one(Performance, section.performance_id)
    script = script_of_performance(session, performance)
    stops = {
        row.id: _stop_view(row, script)
        for row in session.scalars(
            select(Stop).where(
                Stop.performance_id == performance.id,
                Stop.state.in_([StopState.WAITING.value, StopState.IN.value, StopState.DONE.value]),
            )
        )
    }
    interventions = interventions_of(session, [performance.id])
    written = {each.stop_id for each in interventions}
    return DeskTalk(
        waiting=[stops[stop_id] for stop_id in _fair(session, section_id)],
        asked_in=next((stop for stop in stops.values() if stop.state == StopState.IN), None),
        unwritten=[
            stop for stop in stops.values() if stop.state == StopState.DONE and stop.id not in written
        ],
        interventions=interventions,
        parts=[character.name for character in script.characters],
        minutes=minutes,
    )


# --- how rows become values -----------------------------------------------------------------------------


def _stop_view(row: Stop, script: Script) -> StopView:
    line = line_of(script, row.scene, row.line)
    return StopView(
        id=row.id,
        state=row.state,
        scene=row.scene,
        scene_title=_title(script, row.scene),
        line=row.line,
        who=line.who or "" if line else "",
        text=line.text if line else "",
        role=row.role,
        raised_at=row.raised_at,
    )


def _intervention_view(session: Session, row: Intervention, script: Script) -> InterventionView:
    counted = session.execute(
        select(Verdict.verdict, func.count())
        .where(Verdict.intervention_id == row.id)
        .group_by(Verdict.verdict)
    )
    votes: dict[str, int] = {each[0]: each[1] for each in counted}
    line = line_of(script, row.scene, row.line)
    return InterventionView(
        id=row.id,
        performance_id=row.performance_id,
        attempt=row.attempt,
        scene=row.scene,
        scene_title=_title(script, row.scene),
        line=row.line,
        text=line.text if line else "",
        stop_id=row.stop_id,
        part=row.part,
        role=row.role,
        tried=row.tried,
        others_did=row.others_did,
        happened=row.happened,
        possible_here=row.possible_here,
        would_have_to_change=row.would_have_to_change,
        weighing=row.weighing,
        verdicts={said.value: votes.get(said.value, 0) for said in Said},
    )


def line_of(script: Script, scene: str, number: int | None) -> Line | None:
    """Return a line of a scene by its number; None without one, and in an improvised scene."""
    if number is None or not scene or is_improvised(scene):
        return None
    return next((line for line in script.at(scene).lines if line.number == number), None)


def _title(script: Script, scene: str) -> str:
    return "" if not scene or is_improvised(scene) else script.at(scene).title
