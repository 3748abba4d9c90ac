"""The list of events, page by page, for programs: a few columns, whatever the number of sections."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from live.models import Event
from scenario_app.kernel.errors import BadParameter


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event as a list tells it."""

    slug: str
    title: str
    place: str
    starts_at: datetime
    closed: bool


def events_after(session: Session, *, after: str, limit: int) -> tuple[list[ListedEvent], str | None]:
    """Return events from behind a cursor on, newest first, and the cursor of the next page. At most two queries.

    `after` is the name of the last event of the page before, or empty. Rehearsals are in no list.

    :raises BadParameter: no event has this name
    """
    found = select(Event).where(Event.rehearsal_of.is_(None))
    if after:
        last = session.scalars(found.where(Event.slug == after)).first()
        if last is None:
            raise BadParameter(parameter="after", expected="the name of an event")
        found = found.where(
            or_(Event.starts_at < last.starts_at, and_(Event.starts_at == last.starts_at, Event.id < last.id))
        )
    rows = session.scalars(found.order_by(Event.starts_at.desc(), Event.id.desc()).limit(limit + 1)).all()
    listed = [
        ListedEvent(row.slug, row.title, row.place, row.starts_at, row.closed_at is not None)
        for row in rows[:limit]
    ]
    return listed, listed[-1].slug if len(rows) > limit else None
