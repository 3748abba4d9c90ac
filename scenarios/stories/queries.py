"""Stories as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scenario_app.kernel.errors import NotFound
from scenario_app.kernel.tokens import hashed
from scenarios.stories.models import (
    Consent,
    Review,
    Story,
    StoryAnswer,
    StoryEdit,
    StoryReply,
    StoryRevision,
)
from scenarios.stories.rules import Judged, StoryState, Use, Verdict, state_of


class NoSuchStory(NotFound):
    """No story has this code, or this number."""

    code = "no_such_story"


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as its teller and its moderators know it; its words are asked for apart."""

    id: int
    state: StoryState
    language: str
    told_for: str
    pathway_id: int | None
    stage: str | None
    begun_at: datetime
    saved_at: datetime
    sent_at: datetime | None
    withdrawn_at: datetime | None
    revision: int | None
    urgent_since: datetime | None
    urgent_told_at: datetime | None
    urgent_taken_at: datetime | None
    urgent_taken_by: int | None
    claimed_at: datetime | None
    claimed_by: int | None


@dataclass(frozen=True, slots=True)
class RevisionView:
    """All answers of a story at one moment. `made_by` is None for the teller."""

    story_id: int
    number: int
    answers: Mapping[str, str]
    sha256: str
    made_at: datetime
    made_by: int | None


@dataclass(frozen=True, slots=True)
class EditView:
    """One de-identifying edit: what was taken out of the revision before this one, and why."""

    revision: int
    question: str
    kind: str
    reason: str
    removed: str
    put_instead: str


@dataclass(frozen=True, slots=True)
class ReplyView:
    """What the teller said of a revision that somebody else made."""

    revision: int
    agrees: bool
    words: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentView:
    """One entry of the ledger of consents."""

    use: Use
    given: bool
    wording: str
    said_by: str
    said_at: datetime


def story(session: Session, story_id: int) -> StoryView:
    """Return a story by its number. Three queries.

    :raises NoSuchStory: there is none
    """
    row = session.get(Story, story_id)
    if row is None:
        raise NoSuchStory(story=story_id)
    return _view(session, row)


def story_by_code(session: Session, *, code: str, key: str) -> StoryView:
    """Return the story of a code of words, already cleaned. `key` is the site's secret.

    :raises NoSuchStory: no story has it
    """
    row = session.scalars(select(Story).where(Story.code_hash == hashed(code, key=key))).first()
    if row is None:
        raise NoSuchStory
    return _view(session, row)


def answers_of(session: Session, story_id: int) -> dict[str, str]:
    """Return what has been written so far, by question."""
    rows = session.scalars(select(StoryAnswer).where(StoryAnswer.story_id == story_id))
    return {row.question: row.text for row in rows}


def revisions_of(session: Session, story_id: int) -> list[RevisionView]:
    """Return every revision, the first one first."""
    rows = session.scalars(
        select(StoryRevision).where(StoryRevision.story_id == story_id).order_by(StoryRevision.number)
    )
    return [
        RevisionView(row.story_id, row.number, row.answers, row.sha256, row.made_at, row.made_by)
        for row in rows
    ]


def approved_revision(session: Session, story_id: int) -> RevisionView | None:
    """Return the newest revision when exactly it is approved; else None. What is woven, is woven from this."""
    if story(session, story_id).state is not StoryState.APPROVED:
        return None
    return revisions_of(session, story_id)[-1]


def weavable(session: Session) -> list[StoryView]:
    """Return the stories that may become part of a play: approved as they stand, performing allowed.

    A few queries for each story that was ever reviewed.
    """
    reviewed = session.scalars(select(Review.story_id).distinct().order_by(Review.story_id)).all()
    found = [story(session, story_id) for story_id in reviewed]
    return [
        each
        for each in found
        if each.state is StoryState.APPROVED and consents_of(session, each.id)[Use.PERFORM]
    ]


def consents_of(session: Session, story_id: int) -> dict[Use, bool]:
    """Return what the story may be used for now: the newest entry of the ledger for each use; none means no."""
    rows = session.scalars(select(Consent).where(Consent.story_id == story_id).order_by(Consent.id))
    return dict.fromkeys(Use, False) | {Use(row.use): row.given for row in rows}


def ledger_of(session: Session, story_id: int) -> list[ConsentView]:
    """Return the ledger of consents, the newest entry first."""
    rows = session.scalars(select(Consent).where(Consent.story_id == story_id).order_by(Consent.id.desc()))
    return [ConsentView(Use(row.use), row.given, row.wording, row.said_by, row.said_at) for row in rows]


def edits_of(session: Session, story_id: int) -> list[EditView]:
    """Return every edit of a story, in the order in which they were made."""
    rows = session.scalars(
        select(StoryEdit).where(StoryEdit.story_id == story_id).order_by(StoryEdit.revision, StoryEdit.id)
    )
    return [
        EditView(row.revision, row.question, row.kind, row.reason, row.removed, row.put_instead)
        for row in rows
    ]


def replies_of(session: Session, story_id: int) -> list[ReplyView]:
    """Return what the teller said of edits, the newest first."""
    rows = session.scalars(
        select(StoryReply).where(StoryReply.story_id == story_id).order_by(StoryReply.id.desc())
    )
    return [ReplyView(row.revision, row.agrees, row.words, row.said_at) for row in rows]


def _view(session: Session, row: Story) -> StoryView:
    newest = session.execute(
        select(StoryRevision.number, StoryRevision.sha256)
        .where(StoryRevision.story_id == row.id)
        .order_by(StoryRevision.number.desc())
        .limit(1)
    ).first()
    reviews = session.scalars(select(Review).where(Review.story_id == row.id).order_by(Review.id))
    return StoryView(
        id=row.id,
        state=state_of(
            sent_at=row.sent_at,
            withdrawn_at=row.withdrawn_at,
            claimed=row.claimed_by is not None,
            newest=(newest.number, newest.sha256) if newest else None,
            reviews=[Judged(r.revision, r.sha256, Verdict(r.verdict)) for r in reviews],
        ),
        language=row.language,
        told_for=row.told_for,
        pathway_id=row.pathway_id,
        stage=row.stage,
        begun_at=row.begun_at,
        saved_at=row.saved_at,
        sent_at=row.sent_at,
        withdrawn_at=row.withdrawn_at,
        revision=newest.number if newest else None,
        urgent_since=row.urgent_since,
        urgent_told_at=row.urgent_told_at,
        urgent_taken_at=row.urgent_taken_at,
        urgent_taken_by=row.urgent_taken_by,
        claimed_at=row.claimed_at,
        claimed_by=row.claimed_by,
    )
