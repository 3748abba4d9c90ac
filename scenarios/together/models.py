"""Lineage from stories to scripts; co-writers, suggestions, credits, sense-checks. Private to this package."""

from datetime import datetime

from sqlalchemy import ForeignKey
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


class VersionSource(Base):
    """A story that a published version was woven from: copied from the draft's sources at publishing."""

    __tablename__ = "version_source"

    version_id: Mapped[int] = mapped_column(ForeignKey("scenario_version.id"), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), primary_key=True, index=True)
    story_revision: Mapped[int]
