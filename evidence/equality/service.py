"""Count what somebody ticked on the equality form."""

from collections.abc import Mapping

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evidence.equality.models import EqualityCount
from evidence.equality.rules import EqualityClosed, check_equality
from live.queries import EventView


def count_equality(session: Session, *, event: EventView, answers: Mapping[str, str]) -> int:
    """Add one to the count of each answer that was given; return how many were. Keeps nothing of who gave them.

    :raises EqualityClosed: the event has ended
    :raises scenario_app.kernel.errors.Invalid: an answer that its question does not have; nothing was counted
    """
    if event.closed_at is not None:
        raise EqualityClosed
    given = check_equality(answers)
    if event.rehearsal_of is not None:  # nothing of a rehearsal is kept
        return len(given)
    for question, answer in given.items():
        _one_more(session, event.id, question, answer)
    return len(given)


def _one_more(session: Session, event_id: int, question: str, answer: str) -> None:
    where = (
        EqualityCount.event_id == event_id,
        EqualityCount.question == question,
        EqualityCount.answer == answer,
    )
    # Counted by the database: of two people at the same moment neither is lost.
    more = (
        update(EqualityCount)
        .where(*where)
        .values(people=EqualityCount.people + 1)
        .returning(EqualityCount.people)
    )
    if session.scalar(more) is not None:
        return
    try:
        with session.begin_nested():
            session.add(EqualityCount(event_id=event_id, question=question, answer=answer, people=1))
    except IntegrityError:  # somebody else was the first at the same moment
        session.execute(more)
