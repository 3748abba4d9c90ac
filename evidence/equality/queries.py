"""What may be shown of the equality form. The exact counts leave this package protected, or not at all."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from evidence.equality.models import EqualityCount
from evidence.equality.rules import ANSWERS_TO, protect_question


def equality_summary(
    session: Session, event_id: int, *, threshold: int
) -> dict[str, Mapping[str, int | None]]:
    """Return how many gave which answer, protected, by question; without the questions of which nothing may be shown.

    `threshold` is a number of people, from Config.suppress_below. One query.
    """
    counted = {
        (row.question, row.answer): row.people
        for row in session.scalars(select(EqualityCount).where(EqualityCount.event_id == event_id))
    }
    protected = {
        question: protect_question(
            {answer: counted.get((question, answer), 0) for answer in answers}, threshold=threshold
        )
        for question, answers in ANSWERS_TO.items()
    }
    return {question: people for question, people in protected.items() if people is not None}
