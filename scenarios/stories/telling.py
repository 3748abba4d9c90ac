"""Begin a story, keep its answers, send it, say what it may be used for. All by its code of words; no account."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scenario_app.kernel import audit
from scenario_app.kernel.tokens import hashed
from scenarios.stories import queries
from scenarios.stories.models import Consent, Story, StoryAnswer, StoryRevision
from scenarios.stories.queries import NoSuchStory, StoryView
from scenarios.stories.rules import NothingToSend, Use, check_open, clean_answer, digest_of


def begin_story(
    session: Session, *, code: str, key: str, language: str, pathway_id: int | None, now: datetime
) -> StoryView:
    """Begin a story under a new code of words, already made. Only the hash of the code is kept."""
    row = Story(
        code_hash=hashed(code, key=key),
        language=language,
        told_for="self",
        pathway_id=pathway_id,
        begun_at=now,
        saved_at=now,
    )
    session.add(row)
    session.flush()
    return queries.story(session, row.id)


def save_answers(session: Session, *, story_id: int, answers: Mapping[str, str], now: datetime) -> None:
    """Keep what was typed to some questions; the others stay as they are. An empty answer takes one back.

    :raises NoSuchStory: there is none of this number
    :raises scenarios.stories.rules.StoryClosed: it was sent or withdrawn
    :raises scenarios.stories.rules.AnswerTooLong: nothing is changed, nothing is cut
    """
    row = _locked(session, story_id)
    check_open(sent_at=row.sent_at, withdrawn_at=row.withdrawn_at)
    clean = {question: clean_answer(text) for question, text in answers.items()}
    kept = {a.question: a for a in session.scalars(select(StoryAnswer).where(StoryAnswer.story_id == row.id))}
    for question, text in clean.items():
        answer = kept.get(question)
        if answer is None:
            if text:
                session.add(StoryAnswer(story_id=row.id, question=question, text=text, saved_at=now))
        elif not text:
            session.delete(answer)
        else:
            answer.text, answer.saved_at = text, now
    row.saved_at = now


def send_story(session: Session, *, story_id: int, now: datetime) -> StoryView:
    """Freeze the answers as the first revision: from here on moderators read it.

    :raises NoSuchStory: there is none of this number
    :raises scenarios.stories.rules.StoryClosed: it was sent before, or withdrawn
    :raises NothingToSend: not one question is answered
    """
    row = _locked(session, story_id)
    check_open(sent_at=row.sent_at, withdrawn_at=row.withdrawn_at)
    answers = queries.answers_of(session, story_id)
    if not answers:
        raise NothingToSend
    session.add(
        StoryRevision(
            story_id=row.id, number=1, answers=answers, sha256=digest_of(answers), made_at=now, made_by=None
        )
    )
    row.sent_at = now
    session.flush()
    audit.record(
        session, chain=audit.SITE, action="story_sent", subject=f"story:{row.id}", account_id=None, now=now
    )
    return queries.story(session, row.id)


def say_consent(
    session: Session, *, story_id: int, uses: Mapping[Use, bool], wording: Mapping[Use, str], now: datetime
) -> None:
    """Append what changed to the ledger of consents, with the wording that was read.

    :raises NoSuchStory: there is none of this number
    """
    row = _locked(session, story_id)
    now_allowed = queries.consents_of(session, story_id)
    for use, given in uses.items():
        if now_allowed[use] != given:
            session.add(
                Consent(
                    story_id=row.id,
                    use=use.value,
                    given=given,
                    wording=wording[use],
                    language=row.language,
                    said_by=row.told_for,
                    said_at=now,
                )
            )


def _locked(session: Session, story_id: int) -> Story:
    row = session.scalars(select(Story).where(Story.id == story_id).with_for_update()).first()
    if row is None:
        raise NoSuchStory(story=story_id)
    return row
