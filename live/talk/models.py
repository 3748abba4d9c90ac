"""Words, hands and deeds of the room. Private to this package.

Whatever came from a phone hangs on its seat, and so on nobody once the seat's secret is erased. What was not
approved by then is erased with it.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from live.models import NEVER_AGAIN
from scenario_app.kernel.database import Base


class FloorText(Base):
    """Words from a phone. Nobody but desks sees them before exactly these words were approved."""

    __tablename__ = "floor_text"
    __table_args__ = (
        UniqueConstraint("seat_id", "key"),
        Index("ix_floor_text_section_id_state", "section_id", "state"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    performance_id: Mapped[int | None] = mapped_column(ForeignKey("performance.id"))
    # Erased with the seat's secret: words say who somebody is more often than a letter does.
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    # The client's own key of this tap; erased with the seat's secret.
    key: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    # What it is about: of a reason, the round; of a suggested response, the decision; else the proposal or nothing.
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    decision: Mapped[str | None] = mapped_column(String(80))
    # What its author had chosen, of a reason that outlives its seat.
    response: Mapped[str | None] = mapped_column(String(80))
    proposal_id: Mapped[int | None]
    text: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    said_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class FloorResponse(Base):
    """A response that the room added to a decision, offered from the next round on."""

    __tablename__ = "floor_response"
    __table_args__ = (UniqueConstraint("performance_id", "decision", "response"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    performance_id: Mapped[int] = mapped_column(ForeignKey("performance.id"))
    decision: Mapped[str] = mapped_column(String(80))
    response: Mapped[str] = mapped_column(String(8))
    label: Mapped[str] = mapped_column(String(120))
    by_role: Mapped[str | None] = mapped_column(String(40))
    leads_to: Mapped[str | None] = mapped_column(String(80))
    text_id: Mapped[int | None] = mapped_column(ForeignKey("floor_text.id"))
    added_at: Mapped[datetime]


class MergedSuggestion(Base):
    """A suggestion that said what another response says already: it counts towards that one."""

    __tablename__ = "merged_suggestion"

    text_id: Mapped[int] = mapped_column(ForeignKey("floor_text.id"), primary_key=True)
    performance_id: Mapped[int] = mapped_column(ForeignKey("performance.id"))
    decision: Mapped[str] = mapped_column(String(80))
    response: Mapped[str] = mapped_column(String(8))


class Stop(Base):
    """A raised hand, pinned to a moment of the play."""

    __tablename__ = "stop"
    __table_args__ = (
        UniqueConstraint("seat_id", "key"),
        Index("ix_stop_performance_id", "performance_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    performance_id: Mapped[int] = mapped_column(ForeignKey("performance.id"))
    attempt: Mapped[int]
    scene: Mapped[str] = mapped_column(String(80))
    line: Mapped[int | None]
    # None for somebody without a phone: the desk raised it, with the role that they said.
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    key: Mapped[str | None] = mapped_column(String(64))
    role: Mapped[str | None] = mapped_column(String(40))
    # waiting, in (asked in), done (an intervention was recorded), passed, taken_back
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    raised_at: Mapped[datetime]


class Intervention(Base):
    """Which part was taken, by whom in which role, what was tried and what came of it."""

    __tablename__ = "intervention"
    # One hand is one intervention, however often somebody presses save.
    __table_args__ = (UniqueConstraint("stop_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    performance_id: Mapped[int] = mapped_column(ForeignKey("performance.id"))
    attempt: Mapped[int]
    scene: Mapped[str] = mapped_column(String(80))
    line: Mapped[int | None]
    stop_id: Mapped[int | None] = mapped_column(ForeignKey("stop.id"))
    part: Mapped[str] = mapped_column(String(120))
    role: Mapped[str | None] = mapped_column(String(40))
    tried: Mapped[str] = mapped_column(Text, default="")
    others_did: Mapped[str] = mapped_column(Text, default="")
    happened: Mapped[str] = mapped_column(Text, default="")
    possible_here: Mapped[str | None] = mapped_column(String(10))
    would_have_to_change: Mapped[str] = mapped_column(Text, default="")
    # no, open, closed: whether the room is asked, or was, if this could happen here
    weighing: Mapped[str] = mapped_column(String(10), default="no")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))


class Verdict(Base):
    """What a seat said of an intervention: here, magic, unsure. One per seat: the primary key says so."""

    __tablename__ = "verdict"

    intervention_id: Mapped[int] = mapped_column(ForeignKey("intervention.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(10))


class MinuteCall(Base):
    """Somebody needs a minute. Erased when somebody has gone to them, or the section ends; holds no seat."""

    __tablename__ = "minute_call"
    __table_args__ = (UniqueConstraint("section_id", "key"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    key: Mapped[str] = mapped_column(String(64))
    where: Mapped[str] = mapped_column("where_from", String(80), default="")
    called_at: Mapped[datetime]
