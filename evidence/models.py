"""Published packs, what they are found by, and packs in the making. Private to this package.

The database refuses every update of a published pack but a withdrawal.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from scenario_app.kernel.database import Base


class PublishedPack(Base):
    """One version of an event's evidence, frozen as bytes. A correction is another version."""

    __tablename__ = "published_pack"
    __table_args__ = (UniqueConstraint("event_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    version: Mapped[int]
    reference: Mapped[str] = mapped_column(String(100), unique=True)
    event_slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    held_at: Mapped[datetime]
    decisions: Mapped[int]
    ballots: Mapped[int]
    rows: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    app_version: Mapped[str] = mapped_column(String(40))
    generated_at: Mapped[datetime]
    published_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # Somebody took their story back: the bytes are gone, a newer version stands without their words.
    withdrawn_at: Mapped[datetime | None]
    # A catalogue of a hundred packs must not read a hundred zips.
    zip: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PackEntry(Base):
    """What the catalogue finds a pack by. Gone when the pack is withdrawn: it may hold words that were taken back."""

    __tablename__ = "pack_entry"

    pack_id: Mapped[int] = mapped_column(
        ForeignKey("published_pack.id", ondelete="CASCADE"), primary_key=True
    )
    pathway: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(200))
    # Title, place, questions: folded, so that no accent and no capital letter stands in the way.
    words: Mapped[str] = mapped_column(Text)


class PackStage(Base):
    """A stage of the pathway that a scenario in a pack tests."""

    __tablename__ = "pack_stage"

    pack_id: Mapped[int] = mapped_column(
        ForeignKey("pack_entry.pack_id", ondelete="CASCADE"), primary_key=True
    )
    stage: Mapped[str] = mapped_column(String(80), primary_key=True)


_UNFINISHED = text("state IN ('waiting', 'working')")
_WORKING = text("state = 'working'")


class PackJob(Base):
    """A pack that somebody asked for. The indexes say: one is made at a time, and each event's once."""

    __tablename__ = "pack_job"
    __table_args__ = (
        Index("uq_pack_job_working", "state", unique=True, sqlite_where=_WORKING, postgresql_where=_WORKING),
        Index(
            "uq_pack_job_unfinished",
            "event_slug",
            unique=True,
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index("ix_pack_job_asked_by_asked_at", "asked_by", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_slug: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(40))
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    step: Mapped[int]
    # Which process makes it, and when it last said so: one that fell silent is followed by another.
    worker: Mapped[str | None] = mapped_column(String(40))
    beat_at: Mapped[datetime | None]
    reference: Mapped[str | None] = mapped_column(String(100))
    refusal: Mapped[str | None] = mapped_column(String(40))
