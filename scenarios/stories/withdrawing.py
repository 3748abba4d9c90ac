"""Erase the words of a story that its teller takes back. What stays says only that there was one."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from scenario_app.kernel import audit
from scenarios.stories.models import (
    Consent,
    ModerationEntry,
    Review,
    Story,
    StoryAnswer,
    StoryEdit,
    StoryReply,
    StoryRevision,
)
from scenarios.stories.queries import NoSuchStory, consents_of
from scenarios.stories.rules import StoryClosed, Use

WITHDRAWN_WORDING = "I take my story back."


def words_of_story(session: Session, story_id: int) -> list[str]:
    """Return every text of a story: in every revision, what was edited out of it, what was said about it."""
    texts: list[str] = []
    for revision in session.scalars(select(StoryRevision).where(StoryRevision.story_id == story_id)):
        texts += revision.answers.values()
    for answer in session.scalars(select(StoryAnswer).where(StoryAnswer.story_id == story_id)):
        texts.append(answer.text)
    for edit in session.scalars(select(StoryEdit).where(StoryEdit.story_id == story_id)):
        texts += [edit.removed, edit.put_instead]
    texts += session.scalars(select(StoryReply.words).where(StoryReply.story_id == story_id))
    texts += session.scalars(select(Review.reason).where(Review.story_id == story_id))
    return texts


def erase_story(session: Session, *, story_id: int, now: datetime) -> None:
    """Erase a story's words, its edits, what was said about it, and end every consent.

    :raises NoSuchStory: there is none of this number
    :raises scenarios.stories.rules.StoryClosed: it was taken back before
    """
    row = session.scalars(select(Story).where(Story.id == story_id).with_for_update()).first()
    if row is None:
        raise NoSuchStory(story=story_id)
    if row.withdrawn_at is not None:
        raise StoryClosed
    _end_consents(session, row, now)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)  # the public log tells no moments
    row.withdrawn_at = now
    row.stage = row.urgent_since = row.urgent_told_at = row.claimed_at = row.claimed_by = None
    for table in (StoryEdit, StoryReply, StoryAnswer):
        session.execute(delete(table).where(table.story_id == story_id))
    session.execute(
        update(StoryRevision).where(StoryRevision.story_id == story_id).values(answers={}, sha256="")
    )
    session.execute(update(Review).where(Review.story_id == story_id).values(reason="", sha256=""))
    session.add(
        ModerationEntry(subject="story", action="withdrawn", kind="", reason="by_its_teller", logged_at=day)
    )
    audit.record(
        session,
        chain=audit.SITE,
        action="story_withdrawn",
        subject=f"story:{row.id}",
        account_id=None,
        now=now,
    )


def _end_consents(session: Session, row: Story, now: datetime) -> None:
    allowed = consents_of(session, row.id)
    for use in Use:
        if allowed[use]:
            session.add(
                Consent(
                    story_id=row.id,
                    use=use.value,
                    given=False,
                    wording=WITHDRAWN_WORDING,
                    language=row.language,
                    said_by=row.told_for,
                    said_at=now,
                )
            )
