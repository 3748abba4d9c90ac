"""Published packs. Private to this package; the database refuses every update of a row but a withdrawal."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
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
