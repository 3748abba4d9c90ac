"""Official answers, updates of promises, broken links, and where tellers want to be told. Private to this package.

Answers and updates are only ever added: the newest that is shown stands, earlier ones are history.
"""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scenario_app.kernel.database import Base

# Nobody checks their own claim: the schema takes no such row.
_SOMEBODY_ELSE = "checked_by IS NULL OR checked_by <> {}"


class OfficialAnswer(Base):
    """What somebody who decides answers to a proposal, in their name: it influenced something, or why it did not."""

    __tablename__ = "official_answer"
    __table_args__ = (CheckConstraint(_SOMEBODY_ELSE.format("answered_by"), name="checked_by_another"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    because: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # The name and office that stand in public.
    answered_as: Mapped[str] = mapped_column(String(120))
    answered_at: Mapped[datetime]
    # None while it waits for a moderator; what claims no change is shown at once, and nobody checked it.
    shown: Mapped[bool | None]
    # How it was checked, in the moderator's words; or why it is not shown.
    checked_how: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class CommitmentUpdate(Base):
    """What is said later of a promise, in somebody's name: under way, done, or why it will not be done."""

    __tablename__ = "commitment_update"
    __table_args__ = (CheckConstraint(_SOMEBODY_ELSE.format("said_by"), name="checked_by_another"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text, default="")
    evidence_url: Mapped[str] = mapped_column(Text, default="")
    # When it is expected instead; the day that was promised stays what it was.
    new_day: Mapped[date | None]
    said_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    said_as: Mapped[str] = mapped_column(String(120))
    said_at: Mapped[datetime]
    shown: Mapped[bool | None]
    checked_how: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class BrokenLink(Base):
    """A link of the chain that somebody took away, and why. The link stays visible as a broken one."""

    __tablename__ = "broken_link"
    __table_args__ = (UniqueConstraint("from_kind", "from_key", "to_kind", "to_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    from_kind: Mapped[str] = mapped_column(String(20))
    from_key: Mapped[str] = mapped_column(String(200))
    to_kind: Mapped[str] = mapped_column(String(20))
    to_key: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    broken_at: Mapped[datetime]
    broken_by: Mapped[int] = mapped_column(ForeignKey("account.id"))


class Follower(Base):
    """Where the teller of a story wants to be told what came of it. Goes when they say stop, and with the story."""

    __tablename__ = "follower"
    # The number is in the link that ends the letters: another story's must never answer to it.
    __table_args__ = (UniqueConstraint("story_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    # What they have been told of already, by name: `commitment:5`, `update:7`. Never words.
    told: Mapped[list[str]] = mapped_column(JSON, default=list)
    # One process writes a letter at a time; what it does not finish by then, another one does.
    telling_until: Mapped[datetime | None]
