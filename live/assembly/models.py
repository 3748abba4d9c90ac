"""Proposals, their amendments, promises, and what people said on leaving. Private to this package."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from live.models import NEVER_AGAIN
from scenario_app.kernel.database import Base


class Proposal(Base):
    """Words that the room can amend and vote on. Numbered within its section."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("section_id", "number"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    number: Mapped[int]
    performance_id: Mapped[int | None] = mapped_column(ForeignKey("performance.id"))
    intervention_id: Mapped[int | None] = mapped_column(ForeignKey("intervention.id"))
    text_id: Mapped[int | None] = mapped_column(ForeignKey("floor_text.id"))
    wording: Mapped[str] = mapped_column(Text)
    # open, adopted, not_adopted, withdrawn
    state: Mapped[str] = mapped_column(String(12), default="open")
    made_at: Mapped[datetime]


class Amendment(Base):
    """Other words for a proposal, with those before."""

    __tablename__ = "amendment"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    text_id: Mapped[int | None] = mapped_column(ForeignKey("floor_text.id"))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class PublicAnswer(Base):
    """What the room answered to one of the four public questions about a proposal."""

    __tablename__ = "public_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    question: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    text_id: Mapped[int | None] = mapped_column(ForeignKey("floor_text.id"))
    said_at: Mapped[datetime]


class Commitment(Base):
    """What somebody promised, by when; or what is not promised, and why. The schema takes nothing in between."""

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint(
            "(promised AND length(owner) > 0 AND due IS NOT NULL) OR (NOT promised AND length(why) > 0)",
            name="owner_and_day_or_why",
        ),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    promised: Mapped[bool]
    what: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(120), default="")
    due: Mapped[date | None]
    why: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime]
    # When the room last saw exactly these words on the screen.
    read_back_at: Mapped[datetime | None]


class Feedback(Base):
    """What somebody said on leaving. It hangs on the section and nothing else: no seat, no vote, no time."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    heard: Mapped[int | None]
    safe: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")
