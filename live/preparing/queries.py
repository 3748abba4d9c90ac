"""How far an event is prepared, who runs it, who came through its doors when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live.models import Event, EventFacilitator, JoinMinute, Performance, SceneEntry, Section, Ticket
from live.preparing.readiness import Prepared
from live.programme import event_chain
from live.rules import Right
from scenario_app.kernel import audit
from scenarios import queries as scenarios


@dataclass(frozen=True, slots=True)
class DoorWords:
    """What somebody is told at the door, in the organisers' words."""

    supporter: str
    supporter_where: str
    ground_rules: str
    access: str


@dataclass(frozen=True, slots=True)
class FacilitatorView:
    """An account that sits at an event's desks."""

    account_id: int
    leads: bool
    rights: frozenset[Right]


@dataclass(frozen=True, slots=True)
class JoinsView:
    """How many came in within one minute."""

    minute: datetime
    joins: int


@dataclass(frozen=True, slots=True)
class TicketsView:
    """How many paper tickets a section has, and how many gave a seat."""

    made: int
    used: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """A scene that was entered in a performance, and when that performance ended."""

    performance_id: int
    scene: str
    entered_at: datetime
    ended_at: datetime | None = None


def door_words(session: Session, event_id: int) -> DoorWords:
    """Return what an event says at its doors."""
    event = session.get_one(Event, event_id)
    return DoorWords(event.supporter, event.supporter_where, event.ground_rules, event.access)


def facilitators(session: Session, event_id: int) -> list[FacilitatorView]:
    """Return who sits at an event's desks, who leads it first."""
    rows = session.scalars(
        select(EventFacilitator)
        .where(EventFacilitator.event_id == event_id)
        .order_by(EventFacilitator.leads.desc(), EventFacilitator.account_id)
    )
    return [
        FacilitatorView(row.account_id, row.leads, frozenset(Right(right) for right in row.rights))
        for row in rows
    ]


def prepared(session: Session, event_id: int) -> Prepared:
    """Return how far an event is prepared. Reads every script that it plays."""
    event = session.get_one(Event, event_id)
    played = select(Performance.version_id).join(Section, Section.id == Performance.section_id)
    texts = scenarios.versions(session, session.scalars(played.where(Section.event_id == event_id)))
    broken = {
        version.title
        for version in texts.values()
        if any(problem.stops_publication for problem in version.script.problems())
    }
    newest = audit.newest_at(session, event_chain(event.slug))
    return Prepared(
        decision_statement=event.decision_statement,
        supporter=event.supporter,
        broken_scripts=sorted(broken),
        newest=max(newest, event.created_at) if newest else event.created_at,
    )


def joins_of(session: Session, section_id: int) -> list[JoinsView]:
    """Return how many came in, minute by minute; minutes in which nobody came are left out."""
    rows = session.scalars(
        select(JoinMinute).where(JoinMinute.section_id == section_id).order_by(JoinMinute.minute)
    )
    return [JoinsView(row.minute, row.joins) for row in rows]


def tickets_of(session: Session, section_ids: Sequence[int]) -> dict[int, TicketsView]:
    """Return how many tickets each section has; a section without any is left out. One query."""
    rows = session.execute(
        select(Ticket.section_id, func.count(), func.count().filter(Ticket.used))
        .where(Ticket.section_id.in_(section_ids))
        .group_by(Ticket.section_id)
    )
    return {row[0]: TicketsView(row[1], row[2]) for row in rows}


def entries_of(session: Session, performance_ids: Sequence[int]) -> list[EntryView]:
    """Return the scenes that were entered in these performances, in order. One query."""
    rows = session.execute(
        select(SceneEntry.performance_id, SceneEntry.scene, SceneEntry.entered_at, Performance.ended_at)
        .join(Performance, Performance.id == SceneEntry.performance_id)
        .where(SceneEntry.performance_id.in_(performance_ids))
        .order_by(SceneEntry.performance_id, SceneEntry.position)
    )
    return [EntryView(row.performance_id, row.scene, row.entered_at, row.ended_at) for row in rows]
