"""Who writes a script together, from which stories, and how they want to be named. Private to this package."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scenario_app.kernel.database import Base


class DraftSource(Base):
    """A story that a script being written is woven from, and which approved revision of it."""

    __tablename__ = "draft_source"

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), primary_key=True)
    story_revision: Mapped[int]
    added_at: Mapped[datetime]
    added_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # Somebody said that none of its words are left; a withdrawal looks here all the same.
    taken_out_at: Mapped[datetime | None]


class VersionSource(Base):
    """A story that a published version was woven from: copied from the draft's sources at publishing."""

    __tablename__ = "version_source"

    version_id: Mapped[int] = mapped_column(ForeignKey("scenario_version.id"), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), primary_key=True, index=True)
    story_revision: Mapped[int]


class Invitation(Base):
    """A link that lets one person write on one script. Only the hash of its secret is kept."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    note: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]


class CoWriter(Base):
    """Somebody who writes on a script, and how they want to be named when it is published (empty: not named)."""

    __tablename__ = "co_writer"

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    credit: Mapped[str] = mapped_column(String(120))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class VersionCredit(Base):
    """A name under a published version, as its bearer wanted it that day."""

    __tablename__ = "version_credit"

    version_id: Mapped[int] = mapped_column(ForeignKey("scenario_version.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(120))


class Suggestion(Base):
    """Other words for a passage of a script, proposed by one writer to the others."""

    __tablename__ = "suggestion"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    passage: Mapped[str] = mapped_column(Text)
    instead: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    taken: Mapped[bool | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class SenseCheck(Base):
    """What one reader says of a published scenario: it happens here too, not here, differently. Never a vote.

    A browser says one thing of one scenario; it is known by the hash of a random cookie and by nothing else.
    """

    __tablename__ = "sense_check"
    __table_args__ = (UniqueConstraint("scenario_id", "browser_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"), index=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]
    # Whether its line may be shown: None until somebody has read it.
    shown: Mapped[bool | None]
    read_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
