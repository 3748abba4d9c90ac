"""How many gave which answer on the equality form. Private to this package.

Counts, not answers: what one person ticked is never stored together, so no row and no order of rows can tie two
answers to each other, to a moment, or to a seat.
"""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from scenario_app.kernel.database import Base


class EqualityCount(Base):
    """How many people at an event gave one answer to one question."""

    __tablename__ = "equality_count"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(20), primary_key=True)
    answer: Mapped[str] = mapped_column(String(40), primary_key=True)
    people: Mapped[int]
