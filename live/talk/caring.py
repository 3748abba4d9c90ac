"""A minute for oneself: asked for by a phone, answered at the desk, and then gone.

It stands nowhere but in one row without a seat, and in that row no longer than until somebody has gone there: not in
the cue, not in the audit chain, not in evidence, not in a log.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from live import messages
from live.moment import Moment, Speaker
from live.rules import NotAllowed
from live.talk.models import MinuteCall
from live.talk.rules import MOST_MINUTES


def _need(speaker: Speaker, message: messages.NeedMinute) -> Mapping[str, object]:
    if not minute_is_asked(speaker.session, section_id=speaker.section.id, key=message.key):
        waiting = speaker.session.scalar(
            select(func.count()).where(MinuteCall.section_id == speaker.section.id)
        )
        if (waiting or 0) >= MOST_MINUTES:
            raise NotAllowed(state="enough_minutes")
        speaker.session.add(
            MinuteCall(
                section_id=speaker.section.id,
                key=message.key,
                where=" ".join((message.where or "").split()),
                called_at=speaker.now,
            )
        )
    event = speaker.section.event
    return {"supporter": event.supporter, "where": event.supporter_where}


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
