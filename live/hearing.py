"""What a phone says besides its ballots: one transaction each, answered when it is committed.

Sockets and plain forms both come here. Nothing that a phone says raises the cue; it raises the section's talk
number, and desks look again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from live import messages
from live.assembly import proposing
from live.models import Section
from live.moment import Speaker
from live.rules import Channel, NotAllowed, NotAMember
from live.talk import caring, intervening, stopping, texts
from live.voting import SeatHolder

Answer = Mapping[str, object]
Hear = Callable[[Speaker, Any], Answer]

HEARD: Final[Mapping[type[messages.PhoneMessage], Hear]] = {
    **proposing.HEARD,
    **stopping.HEARD,
    **intervening.HEARD,
    **caring.HEARD,
    **texts.HEARD,
}


def hear(session: Session, *, seat: SeatHolder, message: messages.PhoneMessage, now: datetime) -> Answer:
    """Do what a phone says and return what its answer holds. The same key twice is done once.

    :raises DomainError: the rules do not let this happen now; nothing was changed
    """
    section = session.get(Section, seat.section_id)
    if section is None:  # a rehearsal that was thrown away while this phone was in it
        raise NotAllowed(state="gone")
    if seat.channel != Channel.ROOM:
        raise NotAMember  # who votes alone has no place in the room
    heard = HEARD.get(type(message))
    if heard is None or section.event.closed_at is not None:
        raise NotAllowed(state="event_closed")
    # The section's row first, as a desk takes it: phone and desk never hold what the other waits for.
    session.execute(update(Section).where(Section.id == section.id).values(talk_seq=Section.talk_seq + 1))
    return heard(Speaker(session, section, seat.seat_id, seat.role, now), message)
