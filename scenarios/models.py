"""Pathways, scenarios with their immutable versions, and drafts. Private to this package."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scenario_app.kernel.database import Base


class Pathway(Base):
    """One version of a model of care under test. Founding a newer one never changes an older one."""

    __tablename__ = "pathway"
    __table_args__ = (UniqueConstraint("slug", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    question: Mapped[str] = mapped_column(Text)
    decision_statement: Mapped[str] = mapped_column(Text)
    founded_at: Mapped[datetime]

    stages: Mapped[list["Stage"]] = relationship(
        back_populates="pathway", order_by="Stage.position", cascade="all, delete-orphan", lazy="selectin"
    )


class Stage(Base):
    """A phase of care in a pathway."""

    __tablename__ = "stage"

    pathway_id: Mapped[int] = mapped_column(ForeignKey("pathway.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]

    pathway: Mapped[Pathway] = relationship(back_populates="stages")


class Scenario(Base):
    """What the versions of one scenario have in common: its address."""

    __tablename__ = "scenario"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)


class ScenarioVersion(Base):
    """A script exactly as it was approved. The database refuses every update of a row but one: somebody takes
    the words of their story back, and `redacted_at` says since when they are missing.

    Scenes, decisions and responses are parsed from `text`; `html` is what the renderer made of it that day.
    """

    __tablename__ = "scenario_version"
    __table_args__ = (UniqueConstraint("scenario_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"))
    number: Mapped[int]
    pathway_id: Mapped[int] = mapped_column(ForeignKey("pathway.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    html: Mapped[dict[str, str]] = mapped_column(JSON)
    title: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(40))
    published_at: Mapped[datetime]
    published_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    redacted_at: Mapped[datetime | None]

    scenario: Mapped[Scenario] = relationship(lazy="joined")
    pathway: Mapped[Pathway] = relationship(lazy="joined")


class Draft(Base):
    """The working copy of a script: of a scenario that has one already, or of one still to come.

    `revision` counts its saves. `published_revision` is the one that the newest version was made from.
    """

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    published_revision: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # Somebody took words of their story back at this revision: nothing older is saved or merged any more.
    redacted_revision: Mapped[int | None]

    scenario: Mapped[Scenario | None] = relationship(lazy="joined")


class EarlierWords(Base):
    """What a save replaced. The last words of a turn of writing stay; the ones between go after two hours."""

    __tablename__ = "earlier_words"

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ends_turn: Mapped[bool]
