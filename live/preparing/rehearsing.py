"""A rehearsal: the whole event once more, with doors of its own, thrown away when it is over.

It is an event like any other, so everything works in it as it will on the day; and it is marked from the first
row on, so that nothing of it is listed, counted or published. Ending it deletes every row that hangs on it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, or_, select, update
from sqlalchemy.orm import Session

from live.models import Event, EventFacilitator, Performance, Section
from live.programme import NoSuchEvent, event_chain, free_door_code
from live.rules import NotAllowed, PerformanceState
from scenario_app.kernel import audit
from scenario_app.kernel.database import Base
from scenario_app.kernel.tokens import new_secret

# Tables that stay: the audit is never unsaid, and holds nothing of what was voted or written in a rehearsal.
_STAY = frozenset({"audit_entry"})


def begin_rehearsal(session: Session, *, event_slug: str, account_id: int, now: datetime) -> str:
    """Make a rehearsal of an event and return its name. One at a time: a new one needs the old one gone.

    :raises NoSuchEvent: no event has this name
    :raises NotAllowed: it is closed, is a rehearsal itself, or is being rehearsed already
    """
    event = _event(session, event_slug)
    if event.closed_at is not None or event.rehearsal_of is not None:
        raise NotAllowed(state="event_closed" if event.closed_at else "is_a_rehearsal")
    if session.scalars(select(Event.id).where(Event.rehearsal_of == event.id)).first():
        raise NotAllowed(state="being_rehearsed")
    slug = f"{event.slug[:66]}.rehearsal"  # with a dot, as no event is ever called
    rehearsal = Event(
        slug=slug,
        title=event.title,
        place=event.place,
        pathway_id=event.pathway_id,
        decision_statement=event.decision_statement,
        starts_at=event.starts_at,
        created_at=now,
        supporter=event.supporter,
        supporter_where=event.supporter_where,
        ground_rules=event.ground_rules,
        access=event.access,
        rehearsal_of=event.id,
    )
    rehearsal.facilitators = [
        EventFacilitator(account_id=one.account_id, leads=one.leads, rights=list(one.rights))
        for one in event.facilitators
    ]
    rehearsal.sections = [_section(session, section) for section in event.sections]
    session.add(rehearsal)
    session.flush()
    audit.record(
        session,
        chain=event_chain(event.slug),
        action="rehearsal_begun",
        subject=f"event:{event.slug}",
        account_id=account_id,
        now=now,
    )
    return slug


def end_rehearsal(session: Session, *, event_slug: str, account_id: int, now: datetime) -> str:
    """Throw a rehearsal away, every row of it, and return the name of the event that was rehearsed.

    :raises NoSuchEvent: no event has this name
    :raises NotAllowed: it is not a rehearsal: nothing else is ever thrown away
    """
    event = _event(session, event_slug)
    if event.rehearsal_of is None:
        raise NotAllowed(state="not_a_rehearsal")
    real = session.get_one(Event, event.rehearsal_of)
    audit.record(
        session,
        chain=event_chain(real.slug),
        action="rehearsal_ended",
        subject=f"event:{real.slug}",
        account_id=account_id,
        now=now,
    )
    real_slug = real.slug
    session.flush()
    _delete_all(session, event.id)
    session.expire_all()
    return real_slug


def _section(session: Session, section: Section) -> Section:
    return Section(
        position=section.position,
        title=section.title,
        starts_at=section.starts_at,
        ends_at=section.ends_at,
        door_code=free_door_code(session),
        screen_key=new_secret(),
        size_cap=section.size_cap,
        strict=False,
        place=section.place,
        audience=section.audience,
        performances=[
            Performance(
                position=played.position,
                version_id=played.version_id,
                tie_rule=played.tie_rule,
                minutes_planned=played.minutes_planned,
                state=PerformanceState.WAITING.value,
            )
            for played in section.performances
        ],
    )


def _delete_all(session: Session, event_id: int) -> None:
    """Delete an event and whatever points at it, and at that, and so on: the farthest first."""
    session.execute(update(Section).where(Section.event_id == event_id).values(performance_id=None))
    sections = select(Section.id).where(Section.event_id == event_id)
    session.execute(update(Performance).where(Performance.section_id.in_(sections)).values(round_id=None))
    doomed: dict[str, set[Any]] = {"event": {event_id}}
    tables = [table for table in Base.metadata.sorted_tables if table.name not in _STAY]
    reached: list[Table] = []
    for table in tables:
        where = _points_at(table, doomed)
        if table.name == "event" or where is None:
            continue
        reached.append(table)
        if "id" in table.c:
            doomed[table.name] = set(session.scalars(select(table.c.id).where(where)))
    for table in reversed(reached):
        where = _points_at(table, doomed)
        assert where is not None
        session.execute(delete(table).where(where))
    session.execute(delete(Event).where(Event.id == event_id))


def _points_at(table: Table, doomed: dict[str, set[Any]]) -> ColumnElement[bool] | None:
    wheres: Iterable[ColumnElement[bool]] = [
        key.parent.in_(doomed[key.column.table.name])
        for key in table.foreign_keys
        if doomed.get(key.column.table.name) and key.column.table.name != table.name
    ]
    wheres = list(wheres)
    return or_(*wheres) if wheres else None


def _event(session: Session, slug: str) -> Event:
    event = session.scalars(select(Event).where(Event.slug == slug).with_for_update()).first()
    if event is None:
        raise NoSuchEvent
    return event
