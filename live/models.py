"""Events, sections, performances, seats, rounds and ballots. Private to this package.

No count is stored: a tally is always a query over ballots. A seat holds a hash, a role or nothing, and its
section; never a name, an address, a device or an account (docs/DECISIONS.md, anonymous in storage).
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scenario_app.kernel.database import Base

# SQLite would give the number of a row that is gone to the next one: a ballot that was on its way would be another's.
NEVER_AGAIN = {"sqlite_autoincrement": True}


class Event(Base):
    """One public day."""

    __tablename__ = "event"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200))
    pathway_id: Mapped[int] = mapped_column(ForeignKey("pathway.id"))
    # As it stood when the event was programmed: what people were told before they voted.
    decision_statement: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # Who is there for somebody who needs a minute, and where to find them.
    supporter: Mapped[str] = mapped_column(String(200), default="")
    supporter_where: Mapped[str] = mapped_column(String(200), default="")
    # Said at the door, in the organisers' words; empty: the house's own.
    ground_rules: Mapped[str] = mapped_column(Text, default="")
    access: Mapped[str] = mapped_column(Text, default="")
    # The same decisions can be voted on alone, online, before the play and after it.
    online: Mapped[bool] = mapped_column(default=False)
    # A rehearsal is an event of its own that is thrown away: nothing of it is counted, listed or published.
    rehearsal_of: Mapped[int | None]

    sections: Mapped[list["Section"]] = relationship(back_populates="event", order_by="Section.position")
    facilitators: Mapped[list["EventFacilitator"]] = relationship(back_populates="event")


class EventFacilitator(Base):
    """Who may do what at an event. Leading it is every right, and preparing, appointing and closing besides."""

    __tablename__ = "event_facilitator"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    leads: Mapped[bool] = mapped_column(default=True)
    rights: Mapped[list[str]] = mapped_column(JSON, default=list)

    event: Mapped[Event] = relationship(back_populates="facilitators")


class Section(Base):
    """A part of an event with its own door."""

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("event_id", "position"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    door_code: Mapped[str] = mapped_column(String(6), unique=True)
    door_open: Mapped[bool] = mapped_column(default=False)
    # Nobody new for the moment, though the door is open: somebody is flooding it, or the hall is full.
    door_frozen: Mapped[bool] = mapped_column(default=False)
    # Only who holds a ticket gets a seat.
    strict: Mapped[bool] = mapped_column(default=False)
    place: Mapped[str] = mapped_column(String(200), default="")
    audience: Mapped[str] = mapped_column(String(200), default="")
    # A link that only lets its holder watch what the hall sees.
    screen_key: Mapped[str] = mapped_column(String(40))
    size_cap: Mapped[int] = mapped_column(default=2000)
    # Raised by every desk action, in its transaction: the truth that every process looks at.
    cue_seq: Mapped[int] = mapped_column(default=1)
    performance_id: Mapped[int | None] = mapped_column(
        ForeignKey("performance.id", use_alter=True, name="fk_section_performance_id_performance")
    )
    # What the hall is shown of a revealed round: the result, the roles, or the path so far.
    screen_shows: Mapped[str] = mapped_column(String(20), default="result")
    # Raised when the room says something (a hand, a reason): desks look again, cues stay as they are.
    talk_seq: Mapped[int] = mapped_column(default=1)
    heads: Mapped[int | None]
    peak_connected: Mapped[int] = mapped_column(default=0)
    # The facilitators' own note pad: only desks see it.
    pad: Mapped[str] = mapped_column(Text, default="")
    erased_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(back_populates="sections")
    performances: Mapped[list["Performance"]] = relationship(
        back_populates="section", order_by="Performance.position", foreign_keys="Performance.section_id"
    )


class Performance(Base):
    """One scenario version played in one section."""

    __tablename__ = "performance"
    __table_args__ = (UniqueConstraint("section_id", "position"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    position: Mapped[int]
    version_id: Mapped[int] = mapped_column(ForeignKey("scenario_version.id"))
    tie_rule: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    scene: Mapped[str | None] = mapped_column(String(80))
    # The round that the room is looking at: open, closed or revealed. None while a scene plays.
    round_id: Mapped[int | None] = mapped_column(
        ForeignKey("round.id", use_alter=True, name="fk_performance_round_id_round")
    )
    # Replaying from a scene begins another attempt; earlier ones stay as they were.
    attempt: Mapped[int] = mapped_column(default=1)
    minutes_planned: Mapped[int | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    section: Mapped[Section] = relationship(back_populates="performances", foreign_keys=[section_id])


class Step(Base):
    """One decision taken on the path of one attempt: by the room, or by the joker with a reason."""

    __tablename__ = "step"

    performance_id: Mapped[int] = mapped_column(ForeignKey("performance.id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    scene: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(80))
    response: Mapped[str] = mapped_column(String(8))
    leads_to: Mapped[str] = mapped_column(String(80))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    overruled: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(String(500))
    taken_at: Mapped[datetime]
    # What was played in an improvised scene that this decision led to.
    played: Mapped[str | None] = mapped_column(Text)


class SceneEntry(Base):
    """When a scene was entered: what the minutes spent are reckoned from."""

    __tablename__ = "scene_entry"

    performance_id: Mapped[int] = mapped_column(ForeignKey("performance.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    scene: Mapped[str] = mapped_column(String(80))
    entered_at: Mapped[datetime]


class Seat(Base):
    """One phone's place in one section. Its columns are a golden list: a new one must be argued for."""

    __tablename__ = "seat"
    __table_args__ = (Index("ix_seat_section_id_channel_role", "section_id", "channel", "role"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    # Erased after the event's retention: then not even the holder can be tied to a ballot.
    secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    role: Mapped[str | None] = mapped_column(String(40))
    # In the room, or alone online before or after: their votes are never added up. It says nothing of a person
    # that the round they vote in does not say.
    channel: Mapped[str] = mapped_column(String(20), default="room")


class Ticket(Base):
    """A single-use paper ticket: it gives one seat, and keeps no word of which."""

    __tablename__ = "ticket"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    used: Mapped[bool] = mapped_column(default=False)


class JoinMinute(Base):
    """How many came in within one minute: what is held against heads in the room. Names no seat."""

    __tablename__ = "join_minute"

    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"), primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    joins: Mapped[int]


class Round(Base):
    """One vote on one decision or question, opened then closed; re-opening makes another round."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("performance_id", "decision", "channel", "practice", "number"),
        # Two desks at once cannot open two votes: the schema says never.
        Index(
            "uq_round_one_open",
            "performance_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND channel = 'room'"),
            postgresql_where=text("closed_at IS NULL AND channel = 'room'"),
        ),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    performance_id: Mapped[int] = mapped_column(ForeignKey("performance.id"))
    # What the vote is about: a decision of the script, or a question beside it (rules.About). Only a decision
    # opens a scene; the others have a key of their own in `decision`, like `believable` or `proposal-3`.
    about: Mapped[str] = mapped_column(String(20), default="decision")
    decision: Mapped[str] = mapped_column(String(80))
    question: Mapped[str | None] = mapped_column(Text)
    proposal_id: Mapped[int | None]
    passing_rule: Mapped[str | None] = mapped_column(String(20))
    # Where the play stood when a question beside it was asked, and the round it looked at: `revealed:17`.
    came_from: Mapped[str | None] = mapped_column(String(40))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    practice: Mapped[bool]
    channel: Mapped[str] = mapped_column(String(20))
    tie_rule: Mapped[str] = mapped_column(String(20))
    # The keys that could be chosen, in the script's order, as they stood when the round opened.
    responses: Mapped[list[str]] = mapped_column(JSON)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    revealed_at: Mapped[datetime | None]
    winner: Mapped[str | None] = mapped_column(String(8))
    # Seats of the section at the moment of closing: turnout is ballots against these.
    seats_at_close: Mapped[int | None]
    # What was shown by role when the round was revealed: it cannot be taken back, so later figures heed it.
    by_role_shown: Mapped[list[dict[str, object]] | None] = mapped_column(JSON)


class HandCount(Base):
    """Votes of people without a phone, by hands or on paper, as somebody at the desk counted them."""

    __tablename__ = "hand_count"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    means: Mapped[str] = mapped_column(String(10), primary_key=True)
    response: Mapped[str] = mapped_column(String(8), primary_key=True)
    votes: Mapped[int]


class Undoable(Base):
    """What a desk can still take back: how things stood before each of its latest actions."""

    __tablename__ = "undoable"

    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    # The number of the cue that the action made: another action since, and this one cannot be taken back.
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(40))
    before: Mapped[dict[str, object]] = mapped_column(JSON)
    done_at: Mapped[datetime]


class Ballot(Base):
    """A seat's current choice in a round (`live.choices` says how it is written). One per seat and round."""

    __tablename__ = "ballot"
    __table_args__ = (Index("ix_ballot_seat_id", "seat_id"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    response: Mapped[str] = mapped_column(String(80))
    rev: Mapped[int]


class CastKey(Base):
    """A key that a seat has used: the same key again gets the same answer.

    Holds no response, and is erased with the secrets.
    """

    __tablename__ = "cast_key"

    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
