"""What waits at a desk, and what the room tried, as frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live.models import Performance
from live.talk.models import FloorText, MinuteCall, Stop


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a section's desk has not looked at: hands in the order they are asked in, texts, people."""

    stops: Sequence[int]
    texts: int
    minutes: int


def waiting_in(session: Session, section_id: int) -> Waiting:
    """Return what waits in a section. Three queries."""
    stops = session.scalars(
        select(Stop.id)
        .join(Performance, Performance.id == Stop.performance_id)
        .where(Performance.section_id == section_id, Stop.state == "waiting")
        .order_by(Stop.id)
    ).all()
    texts = session.scalar(
        select(func.count()).where(FloorText.section_id == section_id, FloorText.state == "waiting")
    )
    minutes = session.scalar(select(func.count()).where(MinuteCall.section_id == section_id))
    return Waiting(tuple(stops), texts or 0, minutes or 0)
