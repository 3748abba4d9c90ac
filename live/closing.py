"""What ends with an event, and with its retention: nothing that ties a person to what they said outlives these."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from live import programme, voting
from live.alone import close_alone
from live.models import Ballot, Event, Performance, Seat, Section, Undoable
from live.rules import Channel
from live.talk.caring import forget_minutes
from live.talk.models import FloorText, Stop


def close_event(session: Session, *, event_slug: str, account_id: int, now: datetime) -> None:
    """Close an event and what was voted on alone; forget who needed a minute in it, and who voted alone.

    :raises NoSuchEvent: no event has this name
    :raises NotAllowed: a vote is open, or a performance is still running
    """
    programme.close_event(session, event_slug=event_slug, account_id=account_id, now=now)
    of_event = select(Section.id).join(Event, Event.id == Section.event_id).where(Event.slug == event_slug)
    sections = session.scalars(of_event).all()
    forget_minutes(session, section_ids=sections)
    for performance in session.scalars(select(Performance).where(Performance.section_id.in_(sections))):
        close_alone(session, performance, now=now)
    session.execute(delete(Undoable).where(Undoable.section_id.in_(sections)))
    # Nobody can vote alone on it any more: their seats need no holder from now on.
    alone = update(Seat).where(Seat.section_id.in_(sections), Seat.channel != Channel.ROOM.value)
    session.execute(alone.values(secret_hash=None))


def erase_secrets(session: Session, *, retention: timedelta, now: datetime) -> int:
    """Erase what ties seats to people in sections that ended longer ago than the retention; return how many sections.

    Seat secrets and keys of taps go, words that were not approved, what desks could take back, and which seat a hand
    belonged to: whoever was asked in was seen by everybody, and must not be tied to how that seat voted.
    """
    due = session.scalars(
        select(Section.id).where(Section.erased_at.is_(None), Section.ends_at < now - retention)
    ).all()
    played = select(Performance.id).where(Performance.section_id.in_(due))
    session.execute(update(Stop).where(Stop.performance_id.in_(played)).values(key=None, seat_id=None))
    chosen = select(Ballot.response).where(
        Ballot.round_id == FloorText.round_id, Ballot.seat_id == FloorText.seat_id
    )
    words = update(FloorText).where(FloorText.section_id.in_(due))
    session.execute(
        words.where(FloorText.round_id.is_not(None))
        .values(response=chosen.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    session.execute(words.values(key=None, seat_id=None))
    session.execute(
        update(FloorText)
        .where(FloorText.section_id.in_(due), FloorText.state != "approved")
        .values(text=None)
    )
    session.execute(delete(Undoable).where(Undoable.section_id.in_(due)))
    forget_minutes(session, section_ids=due)
    return voting.erase_secrets(session, retention=retention, now=now)
