"""A minute for oneself: asked for by a phone, answered at the desk, and then gone.

It stands nowhere but in one row without a seat, and in that row no longer than until somebody has gone there: not in
the cue, not in the audit chain, not in evidence, not in a log.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from live import messages
from live.models import Section
from live.moment import Moment, Speaker
from live.rules import NotAllowed
from live.talk.models import MinuteCall
from live.talk.rules import MOST_MINUTES
from scenario_app.kernel.typed import one_line


def _need(speaker: Speaker, message: messages.NeedMinute) -> Mapping[str, object]:
    section_id = speaker.section.id
    if not minute_is_asked(speaker.session, section_id=section_id, key=message.key):
        waiting = speaker.session.scalar(select(func.count()).where(MinuteCall.section_id == section_id))
        # A desk full of cards is no reason to refuse somebody: they are told where to go themselves.
        if (waiting or 0) < MOST_MINUTES:
            speaker.session.add(
                MinuteCall(
                    section_id=section_id,
                    key=message.key,
                    where=one_line(message.where or ""),
                    called_at=speaker.now,
                )
            )
            speaker.session.flush()
    return who_is_there(speaker.session, section_id=section_id, key=message.key)


def _over(speaker: Speaker, message: messages.MinuteOver) -> Mapping[str, object]:
    speaker.session.execute(
        delete(MinuteCall).where(MinuteCall.section_id == speaker.section.id, MinuteCall.key == message.key)
    )
    return {}


def _answer(at: Moment, action: messages.AnswerMinute) -> None:
    # Answered by another desk already, or taken back: there is nothing more to do, and nothing to refuse.
    at.session.execute(
        delete(MinuteCall).where(MinuteCall.section_id == at.section.id, MinuteCall.id == action.minute_id)
    )


def who_is_there(session: Session, *, section_id: int, key: str) -> Mapping[str, object]:
    """Return who is there for somebody who needs a minute, where, and whether desks were told of it under this key.

    :raises NotAllowed: it was a rehearsal, and is thrown away
    """
    section = session.get(Section, section_id)
    if section is None:
        raise NotAllowed(state="gone")
    return {
        "supporter": section.event.supporter,
        "where": section.event.supporter_where,
        "told": minute_is_asked(session, section_id=section_id, key=key),
    }


def minute_is_asked(session: Session, *, section_id: int, key: str) -> bool:
    """Say whether somebody still waits under this key. Only whoever asked knows it."""
    found = select(MinuteCall.id).where(MinuteCall.section_id == section_id, MinuteCall.key == key)
    return session.scalars(found).first() is not None


def forget_minutes(session: Session, *, section_ids: Iterable[int]) -> None:
    """Erase whatever was asked for in these sections: they are over."""
    session.execute(delete(MinuteCall).where(MinuteCall.section_id.in_(list(section_ids))))


HEARD: Final[Mapping[type[messages.PhoneMessage], Callable[[Speaker, Any], Mapping[str, object]]]] = {
    messages.NeedMinute: _need,
    messages.MinuteOver: _over,
}
ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.AnswerMinute: _answer,
}
