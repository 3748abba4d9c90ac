"""Stories with their answers, revisions, reviews and consents. Private to this package.

Everything here that holds words of a teller is erased when the story is withdrawn; the row of the story stays,
so that its code still says what became of it.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from scenario_app.kernel.database import Base


class Story(Base):
    """One story, reached by its code of words alone: no name, no address, no account.

    There is no column for its state: that follows from its moments and reviews (`rules.state_of`).
    """

    __tablename__ = "story"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    language: Mapped[str] = mapped_column(String(40))
    told_for: Mapped[str] = mapped_column(String(20))
    pathway_id: Mapped[int | None] = mapped_column(ForeignKey("pathway.id"), index=True)
    stage: Mapped[str | None] = mapped_column(String(80))
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    # Signs of present danger: since when, when the people on duty were told, who has it in hand.
    urgent_since: Mapped[datetime | None]
    urgent_told_at: Mapped[datetime | None]
    # One process tells at a time; what it does not finish by then, another one does.
    urgent_telling_until: Mapped[datetime | None]
    urgent_taken_at: Mapped[datetime | None]
    urgent_taken_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class StoryAnswer(Base):
    """What the teller has written so far to one question. Working copy: a sending freezes all of them."""

    __tablename__ = "story_answer"

    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


class StoryRevision(Base):
    """All answers at one moment: as sent (made by nobody who signs in), or after de-identifying edits.

    `sha256` is of the canonical JSON of the answers; an approval names it.
    """

    __tablename__ = "story_revision"

    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class StoryEdit(Base):
    """One de-identifying edit of a revision: what was taken out of the revision before it, and why."""

    __tablename__ = "story_edit"
    __table_args__ = (
        ForeignKeyConstraint(["story_id", "revision"], ["story_revision.story_id", "story_revision.number"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(index=True)
    revision: Mapped[int]
    question: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    removed: Mapped[str] = mapped_column(Text)
    put_instead: Mapped[str] = mapped_column(Text)


class StoryReply(Base):
    """What the teller says of a revision that somebody else made."""

    __tablename__ = "story_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), index=True)
    revision: Mapped[int]
    agrees: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]


class Review(Base):
    """A moderator's recorded judgement of exactly one revision of a story."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), index=True)
    revision: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(20))
    # Why it was declined, from a fixed list that is public; `reason` is for the teller alone.
    reason_code: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    reviewed_at: Mapped[datetime]
    reviewed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))


class Consent(Base):
    """One entry of the ledger: a use allowed or no longer allowed, under which wording, by whom. Only appended."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), index=True)
    use: Mapped[str] = mapped_column(String(20))
    given: Mapped[bool]
    wording: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(40))
    said_by: Mapped[str] = mapped_column(String(20))
    said_at: Mapped[datetime]


class ModerationEntry(Base):
    """One line of the public log of moderation: what kind of thing was removed or declined, and why. No content."""

    __tablename__ = "moderation_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    logged_at: Mapped[datetime]


class DangerWord(Base):
    """A word or phrase that puts a story into the urgent lane, in one language. The community keeps the list."""

    __tablename__ = "danger_word"

    language: Mapped[str] = mapped_column(String(40), primary_key=True)
    phrase: Mapped[str] = mapped_column(String(120), primary_key=True)
