"""Begin a story, keep its answers, send it, say what it may be used for. All by its code of words; no account."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict
from scenario_app.kernel.tokens import hashed
from scenarios.stories import queries
from scenarios.stories.models import Consent, Story, StoryAnswer, StoryReply, StoryRevision
from scenarios.stories.queries import NoSuchStory, StoryView
from scenarios.stories.questions import NoSuchChoice, ToldFor
from scenarios.stories.rules import NothingToSend, Use, check_open, clean_answer, digest_of
from scenarios.stories.urgent import is_urgent


class NothingToReplyTo(Conflict):
    """The teller's reply is to a revision that is not the newest, or that nobody changed."""

    code = "nothing_to_reply_to"


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


def say_whose(session: Session, *, story_id: int, told_for: str, now: datetime) -> None:
    """Keep whose story it is: every consent from here on is recorded as that person's.

    :raises NoSuchStory: there is none of this number
    :raises scenarios.stories.rules.StoryClosed: it was sent or withdrawn
    :raises NoSuchChoice: this is none of the answers
    """
    row = _locked(session, story_id)
    check_open(sent_at=row.sent_at, withdrawn_at=row.withdrawn_at)
    if told_for not in tuple(ToldFor):
        raise NoSuchChoice
    row.told_for, row.saved_at = told_for, now


def say_stage(
    session: Session, *, story_id: int, pathway_id: int | None, stage: str | None, now: datetime
) -> None:
    """Keep which stage of which pathway it is about; None for a teller who is not sure.

    :raises NoSuchStory: there is none of this number
    :raises scenarios.stories.rules.StoryClosed: it was sent or withdrawn
    """
    row = _locked(session, story_id)
    check_open(sent_at=row.sent_at, withdrawn_at=row.withdrawn_at)
    row.pathway_id, row.stage, row.saved_at = pathway_id, stage, now


def send_story(session: Session, *, story_id: int, now: datetime) -> StoryView:
    """Freeze the answers as the first revision: from here on moderators read it, at once if it speaks of danger.

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
    if is_urgent(session, answers.values()):
        row.urgent_since = now
    session.flush()
    audit.record(
        session, chain=audit.SITE, action="story_sent", subject=f"story:{row.id}", account_id=None, now=now
    )
    return queries.story(session, row.id)


def say_consent(
    session: Session,
    *,
    story_id: int,
    uses: Mapping[Use, bool],
    wording: Mapping[Use, str],
    now: datetime,
    language: str | None = None,
) -> None:
    """Append what changed to the ledger of consents, with the wording that was read.

    `language` is the wording's, when it was read in another than the story's.

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
                    language=language or row.language,
                    said_by=row.told_for,
                    said_at=now,
                )
            )


def reply_to_edits(
    session: Session, *, story_id: int, revision: int, agrees: bool, words: str, now: datetime
) -> None:
    """Keep what the teller says of a revision that a moderator made. A later reply stands beside the earlier one.

    :raises NoSuchStory: there is none of this number
    :raises NothingToReplyTo: this is not the newest revision, or nobody changed anything
    :raises scenarios.stories.rules.AnswerTooLong: more than 8,000 characters
    """
    row = _locked(session, story_id)
    revisions = queries.revisions_of(session, story_id)
    if row.withdrawn_at is not None or len(revisions) < 2 or revisions[-1].number != revision:
        raise NothingToReplyTo(revision=revision)
    reply = StoryReply(
        story_id=row.id, revision=revision, agrees=agrees, words=clean_answer(words), said_at=now
    )
    session.add(reply)
    session.flush()
    audit.record(
        session,
        chain=audit.SITE,
        action="story_edits_answered",
        subject=f"story:{row.id}",
        account_id=None,
        now=now,
    )


def erase_abandoned(session: Session, *, older_than: timedelta, now: datetime) -> int:
    """Erase drafts that were last saved longer ago than this, whole; return how many. Sent stories stay."""
    abandoned = session.scalars(
        select(Story.id).where(
            Story.sent_at.is_(None), Story.withdrawn_at.is_(None), Story.saved_at < now - older_than
        )
    ).all()
    for table in (StoryAnswer, Consent):
        session.execute(delete(table).where(table.story_id.in_(abandoned)))
    session.execute(delete(Story).where(Story.id.in_(abandoned)))
    return len(abandoned)


def _locked(session: Session, story_id: int) -> Story:
    row = session.scalars(select(Story).where(Story.id == story_id).with_for_update()).first()
    if row is None:
        raise NoSuchStory(story=story_id)
    return row
